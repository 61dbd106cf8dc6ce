package build

import "testing"

func TestLine(t *testing.T) {
	if got := Line(); got != Number { // a test is built without a commit
		t.Errorf("without a commit: %q", got)
	}
	t.Cleanup(func() { commit, day = "", "" })
	commit, day = "ca21f3d75b1e0123456789abcdef0123456789ab", "2026-11-23"
	if got, want := Line(), Number+" (ca21f3d75b1e 2026-11-23)"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	commit, day = "ca21", ""
	if got, want := Line(), Number+" (ca21)"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
