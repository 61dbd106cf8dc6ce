package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"rileva/internal/desk"
	"rileva/pkg/survey"
	surveysync "rileva/pkg/sync"
)

func (p *program) submitCommand() *cobra.Command {
	var all, declare bool
	var withdraw []string
	c := p.command("submit", 0, math.MaxInt, func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 != all {
			return p.badUse("submit")
		}
		return p.with(func(d *desk.Desk) error {
			return p.submit(cmd.Context(), d, args, desk.SubmitOptions{Declared: declare, Withdraw: withdraw})
		})
	})
	c.Flags().BoolVar(&all, "all", false, p.words["flag all"])
	c.Flags().BoolVar(&declare, "declare", false, p.words["flag declare"])
	c.Flags().StringSliceVar(&withdraw, "withdraw", nil, p.words["flag withdraw"])
	return c
}

// submit queues the parts and tries at once. What was sent already and not
// changed since is left alone: the same receipt stays.
func (p *program) submit(ctx context.Context, d *desk.Desk, parts []string, opt desk.SubmitOptions) error {
	p.noteServer(d)
	if len(parts) == 0 {
		ready, err := d.Ready()
		if err != nil {
			return err
		}
		parts = ready
	}
	out := submitted{Receipts: []surveysync.Receipt{}, Blocked: map[string][]survey.Finding{}, Failed: []failedPart{}}
	for _, part := range parts {
		if err := p.offer(ctx, d, part, opt, &out); err != nil {
			return err
		}
	}
	report, err := d.Sync(ctx, true)
	if err != nil {
		return err
	}
	out.Receipts = append(out.Receipts, report.Sent...)
	// In the order of the parts, whether they left now or earlier.
	slices.SortStableFunc(out.Receipts, func(a, b surveysync.Receipt) int {
		return slices.Index(parts, a.Part) - slices.Index(parts, b.Part)
	})
	out.SyncReport = report
	return p.told(out)
}

// offer queues one part. What keeps it back never holds back the others; its
// error is of this device alone.
func (p *program) offer(ctx context.Context, d *desk.Desk, part string, opt desk.SubmitOptions, out *submitted) error {
	receipt, same, err := d.Unchanged(part)
	if err == nil && same {
		if receipt.Number != "" {
			out.Receipts = append(out.Receipts, receipt)
		} else if !p.asJSON {
			fmt.Fprintf(p.out, p.words["sent elsewhere"]+"\n", part)
		}
		return nil
	}
	if part != survey.GeneralPart {
		opt.Withdraw = nil
	}
	if err == nil {
		err = d.Submit(part, opt)
	}
	if desk.CodeOf(err) == "queue_pending" {
		// What has left has to be settled before the changes may follow it.
		report, syncErr := d.Sync(ctx, true)
		if syncErr != nil {
			return syncErr
		}
		out.Receipts = append(out.Receipts, report.Sent...)
		err = d.Submit(part, opt)
	}
	var blocked *desk.Blocked
	var mine *desk.Error
	switch {
	case errors.As(err, &blocked):
		out.Blocked[part] = blocked.Findings
		p.code = exitFindings
	case errors.As(err, &mine) && mine.Code != "internal":
		out.Failed = append(out.Failed, failedPart{part, mine.Code, desk.Sentence(err, p.lang), desk.Hint(err, p.lang)})
		if p.code == exitDone {
			p.code = exitOf(err)
		}
	default:
		return err
	}
	return nil
}

// submitted is what `submit --json` prints.
type submitted struct {
	Receipts []surveysync.Receipt        `json:"receipts"`
	Blocked  map[string][]survey.Finding `json:"blocked"`
	Failed   []failedPart                `json:"failed"`
	desk.SyncReport
}

// failedPart is a part that could not even be queued.
type failedPart struct {
	Part   string `json:"part"`
	Code   string `json:"code"`
	Detail string `json:"detail"`
	Hint   string `json:"hint"`
}

func (p *program) told(out submitted) error {
	p.codeOfPass(out.SyncReport)
	if p.asJSON {
		return p.json(out)
	}
	for _, r := range out.Receipts {
		p.printReceiptLine(r)
	}
	for _, part := range slices.Sorted(maps.Keys(out.Blocked)) {
		findings := out.Blocked[part]
		fmt.Fprintf(p.err, "rileva: "+p.words["blocked"]+"\n", part, len(findings))
		p.printFindings(findings)
	}
	for _, f := range out.Failed {
		fmt.Fprintf(p.err, "rileva: %s\n", f.Detail)
		fmt.Fprintf(p.err, "rileva: %s: %s\n", p.words["hint"], f.Hint)
	}
	if len(out.Receipts)+len(out.Blocked)+len(out.Failed)+len(out.Waiting) == 0 && out.Err == nil {
		fmt.Fprintln(p.out, p.words["nothing to send"])
	}
	p.printWaiting(out.SyncReport)
	return nil
}

func (p *program) sync(ctx context.Context, d *desk.Desk) error {
	p.noteServer(d)
	report, err := d.Sync(ctx, true)
	if err != nil {
		return err
	}
	p.codeOfPass(report)
	if p.asJSON {
		return p.json(report)
	}
	for _, r := range report.Sent {
		p.printReceiptLine(r)
	}
	for _, part := range report.Fetched {
		fmt.Fprintf(p.out, p.words["fetched"]+"\n", part)
	}
	p.printWaiting(report)
	if len(report.Waiting)+len(report.Beside) == 0 && report.Err == nil {
		fmt.Fprintln(p.out, p.words["sync done"])
	}
	return nil
}

// worst orders the exit codes of parts that wait: first what only a person can
// settle, last what settles itself.
var worst = []int{exitConflict, exitFindings, exitClosed, exitRefused, exitOffline}

// codeOfPass: what waits in the queue decides the exit code, the worst first.
func (p *program) codeOfPass(r desk.SyncReport) {
	if p.code != exitDone {
		return
	}
	codes := map[int]bool{}
	for _, w := range r.Waiting {
		switch w.State {
		case string(surveysync.OpConflict):
			codes[exitConflict] = true
		case string(surveysync.OpRefused):
			codes[exitOfCode(surveysync.Code(w.Code))] = true
		case string(surveysync.OpNeedsLogin):
			codes[exitRefused] = true
		default:
			codes[exitOffline] = true
		}
	}
	switch {
	case r.LogAlarm != "" || len(r.Beside) > 0:
		p.code = exitConflict
	case len(codes) == 0 && r.Err != nil:
		p.code = exitOf(r.Err)
	}
	for _, code := range slices.Backward(worst) {
		if codes[code] && p.code != exitConflict {
			p.code = code
		}
	}
}

func (p *program) printWaiting(r desk.SyncReport) {
	said := ""
	for _, w := range r.Waiting {
		fmt.Fprintf(p.err, "rileva: "+p.words["waiting"]+"\n", w.Part, p.words["op "+w.State], p.outcome(w.Code))
		if w.Detail != "" && w.Detail != said {
			fmt.Fprintf(p.err, "rileva: %s\n", surveysync.Visible(w.Detail))
			if w.Hint != "" {
				fmt.Fprintf(p.err, "rileva: %s: %s\n", p.words["hint"], surveysync.Visible(w.Hint))
			}
		}
		said = w.Detail // a network that is down is told once
	}
	if r.Err != nil && (len(r.Waiting) == 0 || r.Owed > 0) {
		fmt.Fprintf(p.err, "rileva: %s\n", surveysync.Visible(r.Detail))
		fmt.Fprintf(p.err, "rileva: %s: %s\n", p.words["hint"], surveysync.Visible(r.Hint))
	}
	for _, told := range append([]string{r.GivenBack, r.LogAlarm}, r.Beside...) {
		if told != "" {
			fmt.Fprintf(p.err, "rileva: %s\n", surveysync.Visible(told))
		}
	}
	p.printSkew(r.Skew)
}

// printSkew tells of a clock that differs; it changes no outcome.
func (p *program) printSkew(skew time.Duration) {
	if skew == 0 || p.asJSON {
		return
	}
	word := "clock ahead"
	if skew < 0 {
		word = "clock behind"
	}
	fmt.Fprintf(p.err, "rileva: "+p.words[word]+"\n", int(skew.Abs().Round(time.Minute)/time.Minute))
}
