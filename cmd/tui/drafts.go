package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"rileva/internal/desk"
)

// maxDraftFile is the largest file of drafts that is read: all parts with the
// revisions that they began from.
const maxDraftFile = 32 << 20

func (p *program) addDraftCommands(root *cobra.Command) {
	draft := p.command("draft", 0, 0, func(cmd *cobra.Command, _ []string) error { return cmd.Help() })
	export := p.command("draft export", 1, 1, func(_ *cobra.Command, args []string) error {
		return p.with(func(d *desk.Desk) error { return p.exportDrafts(d, args[0]) })
	})
	var replace bool
	take := p.command("draft import", 1, 1, func(_ *cobra.Command, args []string) error {
		raw, err := p.readFile(args[0], maxDraftFile)
		if err != nil {
			return err
		}
		return p.with(func(d *desk.Desk) error { return p.importDrafts(d, args[0], raw, replace) })
	})
	take.Flags().BoolVar(&replace, "replace", false, p.words["flag replace"])
	discard := p.command("draft discard", 1, 1, func(_ *cobra.Command, args []string) error {
		return p.with(func(d *desk.Desk) error {
			file, err := d.DiscardDraft(args[0])
			if err != nil {
				return err
			}
			return p.say(map[string]any{"part": args[0], "aside": file}, fmt.Sprintf(p.words["discarded"], args[0], file))
		})
	})
	draft.AddCommand(export, take, discard)
	root.AddCommand(draft)
}

func (p *program) exportDrafts(d *desk.Desk, name string) error {
	raw, file, err := d.ExportDrafts()
	if err != nil {
		return err
	}
	if err := p.writeFile(name, raw, desk.IsDraftFile); err != nil || name == "-" {
		return err
	}
	var parts []string
	for _, part := range file.Parts {
		parts = append(parts, part.Part)
	}
	return p.say(map[string]any{"file": name, "parts": parts, "institution": file.Institution, "survey": file.Survey},
		fmt.Sprintf(p.words["exported"], strings.Join(parts, ", "), file.Institution, name))
}

func (p *program) importDrafts(d *desk.Desk, name string, raw []byte, replace bool) error {
	in, err := d.ImportDrafts(name, raw, replace)
	if err != nil {
		return err
	}
	if p.asJSON {
		return p.json(in)
	}
	fmt.Fprintf(p.out, p.words["imported"]+"\n", strings.Join(in.Parts, ", "), in.Device, desk.Moment(in.At, p.lang))
	if in.Aside != "" {
		fmt.Fprintf(p.out, p.words["set aside"]+"\n", in.Aside)
	}
	return nil
}
