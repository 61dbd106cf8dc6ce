package main

import (
	"flag"
	"testing"

	"github.com/spf13/cobra"

	"rileva/scripts/release/manual"
)

var manualDir = flag.String("manual", "", "write manual pages and completions into this folder")

// TestManual writes what comes with the program in a package, into the folder
// of -manual if it is given; `make release` does so.
func TestManual(t *testing.T) {
	manual.Test(t, *manualDir, func(lang string) *cobra.Command {
		p := &program{words: wordsFor(lang), environment: environment{getenv: func(string) string { return "" }}, Settings: defaultSettings()}
		return p.root()
	})
}
