package tui

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	tea "charm.land/bubbletea/v2"

	surveysync "rileva/pkg/sync"
)

// receiptsPage lists the receipts that this device holds; Enter opens one.
type receiptsPage struct{ listing }

func newReceipts(a *App) *receiptsPage {
	p := &receiptsPage{listing{app: a}}
	p.refresh()
	return p
}

func (p *receiptsPage) title() string { return p.app.texts.ReceiptTitle }
func (p *receiptsPage) help() string  { return p.app.texts.More.HelpReceipts }
func (p *receiptsPage) about() string { return p.app.texts.More.AboutReceipt }

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
		p.rows = append(p.rows, listRow{
			text: fmt.Sprintf("%s %s  %s", t.ReceiptNumber, r.Number, p.app.desk.PartTitle(r.Part)),
			note: fmt.Sprintf("%s %d", t.ReceiptRevision, r.Revision),
			more: []string{t.ReceiptAt + " " + t.received(r)},
			open: func() tea.Cmd { p.app.push(newReceipt(p.app, r)); return nil },
		})
	}
}

// received says when, and whether that was late.
func (t *texts) received(r surveysync.Receipt) string {
	if r.Late {
		return t.moment(r.ReceivedAt) + " (" + t.ReceiptLate + ")"
	}
	return t.moment(r.ReceivedAt)
}

func (p *receiptsPage) key(k tea.KeyPressMsg) tea.Cmd {
	cmd, _ := p.move(k)
	return cmd
}

// receiptPage shows one receipt whole, and writes it to a file.
type receiptPage struct {
	listing
	receipt surveysync.Receipt
}

func newReceipt(a *App, r surveysync.Receipt) *receiptPage {
	p := &receiptPage{listing{app: a}, r}
	p.refresh()
	return p
}

func (p *receiptPage) title() string { return p.app.texts.More.ReceiptOne }
func (p *receiptPage) help() string  { return p.app.texts.More.HelpReceipt }
func (p *receiptPage) about() string { return p.app.texts.More.AboutReceipt }

func (p *receiptPage) refresh() {
	t, r := p.app.texts, p.receipt
	p.rows = []listRow{
		{text: t.ReceiptNumber + " " + r.Number},
		{text: p.app.desk.PartTitle(r.Part), note: fmt.Sprintf("%s %d", t.ReceiptRevision, r.Revision)},
		{text: t.ReceiptAt + " " + t.received(r)},
		{text: t.ReceiptDigest, more: []string{r.ContentDigest}},
		{text: t.ReceiptCheck + " " + t.number(int(r.LeafIndex))},
		{},
		{text: t.More.ReceiptPrint, note: "P", open: func() tea.Cmd { p.save(".pdf", p.app.desk.PrintReceipt); return nil }},
		{text: t.More.ReceiptSave, note: "S", open: func() tea.Cmd { p.save(".json", p.raw); return nil }},
	}
}

func (p *receiptPage) raw(number string) ([]byte, error) {
	_, raw, err := p.app.desk.Receipt(number)
	return raw, err
}

// save writes what a receipt is made into beside the person's documents, and
// says where. A file of that name that is there already is the same receipt.
func (p *receiptPage) save(kind string, make func(number string) ([]byte, error)) {
	m := p.app.texts.More
	content, err := make(p.receipt.Number)
	if err != nil {
		p.app.failed(err)
		return
	}
	file := filepath.Join(p.app.documents, "rileva-ricevuta-"+p.receipt.Number+kind)
	if err := writeFile(file, content); err != nil {
		p.app.say(fmt.Sprintf(m.ReceiptNotSaved, file))
		return
	}
	p.app.say(fmt.Sprintf(m.ReceiptSaved, file))
}

// writeFile writes whole or not at all: a receipt cut short proves nothing.
func writeFile(file string, content []byte) error {
	temp, err := os.CreateTemp(filepath.Dir(file), ".rileva-*")
	if err != nil {
		return err
	}
	_, err = temp.Write(content)
	if err = errors.Join(err, temp.Sync(), temp.Close()); err == nil {
		err = os.Rename(temp.Name(), file)
	}
	if err != nil {
		_ = os.Remove(temp.Name())
	}
	return err
}

func (p *receiptPage) key(k tea.KeyPressMsg) tea.Cmd {
	switch strings.ToLower(k.String()) {
	case "p":
		p.save(".pdf", p.app.desk.PrintReceipt)
		return nil
	case "s":
		p.save(".json", p.raw)
		return nil
	}
	cmd, _ := p.move(k)
	return cmd
}
