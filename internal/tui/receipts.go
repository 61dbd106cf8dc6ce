package tui

import (
	"fmt"

	tea "charm.land/bubbletea/v2"
)

// receiptsPage lists the receipts that this device holds.
type receiptsPage struct{ listing }

func newReceipts(a *App) *receiptsPage {
	p := &receiptsPage{listing{app: a}}
	p.refresh()
	return p
}

func (p *receiptsPage) title() string { return p.app.texts.ReceiptTitle }
func (p *receiptsPage) help() string  { return p.app.texts.HelpReceipt }

func (p *receiptsPage) refresh() {
	t := p.app.texts
	list, err := p.app.desk.Receipts()
	if err != nil {
		p.app.failed(err)
		return
	}
	p.rows = p.rows[:0]
	if len(list) == 0 {
		p.rows = append(p.rows, listRow{text: t.ReceiptNone})
	}
	for _, r := range list {
		late := ""
		if r.Late {
			late = " (" + t.ReceiptLate + ")"
		}
		p.rows = append(p.rows, listRow{
			text: fmt.Sprintf("%s %s  %s", t.ReceiptNumber, r.Number, p.app.desk.PartTitle(r.Part)),
			note: fmt.Sprintf("%s %d", t.ReceiptRevision, r.Revision),
			more: []string{
				t.ReceiptAt + " " + t.moment(r.ReceivedAt) + late,
				t.ReceiptDigest + " " + r.ContentDigest[:min(len(r.ContentDigest), 31)],
				t.ReceiptCheck + " " + t.number(int(r.LeafIndex)),
			},
			open: func() tea.Cmd { p.app.say(t.ReceiptKeep); return nil },
		})
	}
}

func (p *receiptsPage) key(k tea.KeyPressMsg) tea.Cmd {
	cmd, _ := p.move(k)
	return cmd
}
