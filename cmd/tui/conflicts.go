package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"rileva/internal/desk"
	"rileva/pkg/survey"
	surveysync "rileva/pkg/sync"
)

func (p *program) addConflictCommands(root *cobra.Command) {
	var mine, theirs bool
	var fields []string
	resolve := p.command("resolve", 1, 1, func(_ *cobra.Command, args []string) error {
		choice, err := p.choice(mine, theirs, fields)
		if err != nil {
			return err
		}
		return p.with(func(d *desk.Desk) error { return p.resolve(d, args[0], choice) })
	})
	resolve.Flags().BoolVar(&mine, "mine", false, p.words["flag mine"])
	resolve.Flags().BoolVar(&theirs, "theirs", false, p.words["flag theirs"])
	resolve.Flags().StringArrayVar(&fields, "field", nil, p.words["flag field"])
	root.AddCommand(p.command("conflicts", 0, 0, func(*cobra.Command, []string) error { return p.with(p.conflicts) }), resolve)
}

// choice turns the flags into a decision for each answer; none is made where
// nothing was said.
func (p *program) choice(mine, theirs bool, fields []string) (func(string) string, error) {
	wrong := &usageError{p.badUse("resolve").Error(), p.words["see conflicts"]}
	if mine && theirs {
		return nil, wrong
	}
	of := map[string]string{}
	for _, f := range fields {
		id, side, ok := strings.Cut(f, "=")
		if !ok || side != desk.Mine && side != desk.Theirs {
			return nil, wrong
		}
		of[id] = side
	}
	return func(id string) string {
		switch side, said := of[id]; {
		case said:
			return side
		case mine:
			return desk.Mine
		case theirs:
			return desk.Theirs
		}
		return ""
	}, nil
}

func (p *program) conflicts(d *desk.Desk) error {
	list, err := d.Conflicts()
	if err != nil {
		return err
	}
	if len(list) > 0 {
		p.code = exitConflict
	}
	if p.asJSON {
		return p.json(list)
	}
	if len(list) == 0 {
		fmt.Fprintln(p.out, p.words["no conflicts"])
	}
	for _, c := range list {
		device := c.Device
		if device == "" {
			device = p.words["another computer"]
		}
		fmt.Fprintf(p.out, p.words["conflict head"]+"\n", c.Part, c.Revision, c.ReceivedAt.In(desk.Rome).Format("02/01/2006 15:04"), surveysync.Visible(device), c.Base)
		p.printFields(p.words["conflict both"], c.Both)
		p.printFields(p.words["conflict theirs"], c.Theirs)
	}
	return nil
}

func (p *program) printFields(head string, fields []desk.FieldConflict) {
	if len(fields) == 0 {
		return
	}
	fmt.Fprintln(p.out, "  "+head)
	group := 0
	for _, f := range fields {
		if len(f.Checks) > 0 && f.Group != group {
			fmt.Fprintf(p.out, "    "+p.words["conflict together"]+"\n", strings.Join(f.Checks, ", "))
		}
		group = f.Group
		fmt.Fprintf(p.out, "    %s (%s): %s\n", surveysync.Visible(f.Label), f.ID,
			fmt.Sprintf(p.words["conflict line"], p.answer(f.Before), p.answer(f.Mine), p.answer(f.Other)))
	}
}

// answer writes one version of an answer.
func (p *program) answer(v any) string {
	if m, ok := v.(map[string]string); ok {
		return p.words["not available"] + " (" + m["unavailable"] + ")"
	}
	if v == nil {
		return p.words["blank"]
	}
	return surveysync.Visible(survey.Show(v, p.lang))
}

func (p *program) resolve(d *desk.Desk, part string, choice func(string) string) error {
	undecided, err := d.Resolve(part, choice)
	if err != nil {
		return err
	}
	if len(undecided) == 0 {
		// Two halves that are right can make a whole that is not.
		findings, err := d.Findings(part)
		if err != nil {
			return err
		}
		blocking := survey.Blocking(findings)
		if p.asJSON {
			return p.json(map[string]any{"part": part, "resolved": true, "findings": append([]survey.Finding{}, blocking...)})
		}
		fmt.Fprintf(p.out, p.words["resolved"]+"\n", part, len(blocking))
		p.printFindings(blocking)
		return nil
	}
	p.code = exitConflict
	if p.asJSON {
		return p.json(map[string]any{"part": part, "resolved": false, "undecided": undecided})
	}
	p.printFields(p.words["undecided"], undecided)
	fmt.Fprintf(p.err, "rileva: %s\n", p.words["undecided hint"])
	return nil
}
