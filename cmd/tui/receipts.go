package main

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"rileva/internal/desk"
	surveysync "rileva/pkg/sync"
)

func (p *program) addReceiptCommands(root *cobra.Command) {
	receipts := p.command("receipts", 0, 0, func(*cobra.Command, []string) error { return p.with(p.receipts) })
	show := p.command("receipts show", 1, 1, func(_ *cobra.Command, args []string) error {
		return p.with(func(d *desk.Desk) error { return p.showReceipt(d, args[0]) })
	})
	var key string
	verify := p.command("receipts verify", 1, 1, func(_ *cobra.Command, args []string) error { return p.verifyReceipt(args[0], key) })
	verify.Flags().StringVar(&key, "key", "", p.words["flag key"])
	var out string
	print := p.command("receipts print", 1, 1, func(_ *cobra.Command, args []string) error {
		if out == "" {
			return &usageError{p.words["out needed"], p.words["out needed hint"]}
		}
		return p.with(func(d *desk.Desk) error {
			return p.printed(out, func() ([]byte, error) { return d.PrintReceipt(args[0]) })
		})
	})
	print.Flags().StringVar(&out, "out", "", p.words["flag out"])
	receipts.AddCommand(show, verify, print)
	var blank bool
	sheet := p.command("print", 1, 1, func(_ *cobra.Command, args []string) error {
		if out == "" {
			return &usageError{p.words["out needed"], p.words["out needed hint"]}
		}
		return p.with(func(d *desk.Desk) error {
			return p.printed(out, func() ([]byte, error) { return d.PrintPart(args[0], blank) })
		})
	})
	sheet.Flags().StringVar(&out, "out", "", p.words["flag out"])
	sheet.Flags().BoolVar(&blank, "blank", false, p.words["flag blank"])
	root.AddCommand(sheet)
	root.AddCommand(receipts)
}

func (p *program) receipts(d *desk.Desk) error {
	list, err := d.Receipts()
	if err != nil {
		return err
	}
	if p.asJSON {
		return p.json(list)
	}
	if len(list) == 0 {
		fmt.Fprintln(p.out, p.words["no receipts"])
	}
	for _, r := range list {
		p.printReceiptLine(r)
	}
	return nil
}

func (p *program) printReceiptLine(r surveysync.Receipt) {
	late := ""
	if r.Late {
		late = " " + p.words["late"]
	}
	fmt.Fprintf(p.out, p.words["receipt line"]+"%s\n", r.Number, r.Part, r.Revision, r.ReceivedAt.In(desk.Rome).Format("02/01/2006 15:04:05"), late)
}

// showReceipt prints the bytes as the server sent them with --json, so that
// they can be kept as a file and verified.
func (p *program) showReceipt(d *desk.Desk, number string) error {
	r, raw, err := d.Receipt(number)
	if err != nil {
		return err
	}
	if p.asJSON {
		_, err := fmt.Fprintf(p.out, "%s\n", raw)
		return err
	}
	check, err := r.CheckCode()
	if err != nil {
		return err
	}
	w := newTable(p.out)
	for _, line := range [][2]string{
		{"number", r.Number}, {"institution", r.Institution}, {"survey", r.Survey}, {"part", r.Part},
		{"revision", fmt.Sprint(r.Revision)}, {"received", r.ReceivedAt.In(desk.Rome).Format("02/01/2006 15:04:05 -07:00")},
		{"late", p.words[map[bool]string{true: "yes", false: "no"}[r.Late]]},
		{"digest", r.ContentDigest}, {"questionnaire", r.Questionnaire}, {"submission", r.SubmissionID}, {"leaf", fmt.Sprint(r.LeafIndex)},
		{"check code", check},
	} {
		fmt.Fprintf(w, "%s\t%s\n", p.words["field "+line[0]], line[1])
	}
	return w.Flush()
}

// verifyReceipt needs no network: the key is given, or is one that this device
// has met.
func (p *program) verifyReceipt(file, key string) error {
	raw, err := p.readFile(file, 1<<20)
	if err != nil {
		return err
	}
	keys := []string{key}
	if key == "" {
		err := p.with(func(d *desk.Desk) (err error) { keys, err = d.LogKeys(); return err })
		if err != nil {
			return err
		}
		if len(keys) == 0 {
			return &usageError{p.words["no key"], p.words["no key hint"]}
		}
	}
	r, _, err := surveysync.VerifyReceipt(raw, keys...)
	var bad *surveysync.VerifyError
	if errors.As(err, &bad) {
		p.code = exitConflict
		if p.asJSON {
			return p.json(map[string]any{"valid": false, "step": bad.Step})
		}
		fmt.Fprintf(p.err, "rileva: "+p.words["receipt bad"]+"\n", p.words["verify "+bad.Step])
		fmt.Fprintf(p.err, "rileva: %s: %s\n", p.words["hint"], p.words["receipt bad hint"])
		return nil
	}
	if err != nil {
		return err
	}
	check, err := r.CheckCode()
	if err != nil {
		return err
	}
	if p.asJSON {
		return p.json(map[string]any{"valid": true, "check_code": check, "receipt": json.RawMessage(raw)})
	}
	fmt.Fprintf(p.out, p.words["receipt good"]+"\n", r.Number, r.Institution, r.Part, r.Revision, r.ReceivedAt.In(desk.Rome).Format("02/01/2006 15:04:05"))
	fmt.Fprintf(p.out, "%s: %s\n", p.words["field check code"], check)
	return nil
}

// printed writes a PDF into the file that a person named.
func (p *program) printed(out string, lay func() ([]byte, error)) error {
	page, err := lay()
	if err != nil {
		return err
	}
	if err := p.writeFile(out, page, isPDF); err != nil || out == "-" {
		return err
	}
	return p.say(map[string]any{"file": out, "bytes": len(page)}, fmt.Sprintf(p.words["printed"], surveysync.Visible(out)))
}
