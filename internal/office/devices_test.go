package office

import (
	"slices"
	"testing"
	"time"
)

// TestStolenComputer: the office sees which device it is and shuts out that one
// alone.
func TestStolenComputer(t *testing.T) {
	c := newCalling(t, "MIIS00100B", "MIPS01000G")
	lost, kept := c.enter("MIIS00100B"), c.enter("MIPS01000G")
	c.must(c.Store.NoteUses(t.Context(), map[[32]byte]time.Time{lost.Session.TokenHash: noon.Add(time.Hour)}))
	rows, err := c.ListDevices(t.Context(), DevicesRequest{})
	c.must(err)
	want := []DeviceRow{
		{"MIIS00100B", "Istituto MIIS00100B", "pc di MIIS00100B", noon, noon.Add(time.Hour), noon.AddDate(1, 0, 0)},
		{"MIPS01000G", "Istituto MIPS01000G", "pc di MIPS01000G", noon, noon, noon.AddDate(1, 0, 0)},
	}
	same := func(a, b DeviceRow) bool {
		return a.Code == b.Code && a.Name == b.Name && a.Device == b.Device && a.SignedIn.Equal(b.SignedIn) && a.LastUsed.Equal(b.LastUsed) && a.ExpiresAt.Equal(b.ExpiresAt)
	}
	if !slices.EqualFunc(rows, want, same) {
		t.Errorf("devices %+v", rows)
	}
	reply, err := c.RevokeCredentials(t.Context(), RevokeRequest{Code: "MIIS00100B", Device: "pc di MIIS00100B"})
	c.must(err)
	if reply.Sessions != 1 || reply.Password {
		t.Errorf("revoked %+v", reply)
	}
	_, err = c.Store.Access(t.Context(), lost.Session.TokenHash, noon)
	if err == nil {
		t.Error("the stolen computer still gets in")
	}
	_, err = c.Store.Access(t.Context(), kept.Session.TokenHash, noon)
	c.must(err)
	rows, err = c.ListDevices(t.Context(), DevicesRequest{Code: "MIIS00100B"})
	c.must(err)
	if len(rows) != 0 {
		t.Errorf("after the revocation %+v", rows)
	}
	c.now = noon.AddDate(2, 0, 0)
	if rows, err = c.ListDevices(t.Context(), DevicesRequest{}); err != nil || len(rows) != 0 {
		t.Errorf("what has expired is listed: %+v %v", rows, err)
	}
	if _, err = c.ListDevices(t.Context(), DevicesRequest{Code: "MIZZ00000Z"}); err == nil {
		t.Error("an unknown school has devices")
	}
}

// TestSlowedIsSeen: the office is told that somebody is guessing.
func TestSlowedIsSeen(t *testing.T) {
	c := newCalling(t, "MIIS00100B")
	for range 4 {
		c.Delays.ByCode.Failed("MIIS00100B", c.now)
	}
	c.Delays.ByCode.Failed("MIPS01000G", c.now) // still free
	reply, err := c.Status(t.Context(), Nothing{})
	c.must(err)
	if reply.Slowed != (Slowed{Accounts: 1}) {
		t.Errorf("slowed %+v", reply.Slowed)
	}
	c.now = c.now.Add(2 * time.Hour)
	if reply, err = c.Status(t.Context(), Nothing{}); err != nil || reply.Slowed != (Slowed{}) {
		t.Errorf("later %+v %v", reply.Slowed, err)
	}
}
