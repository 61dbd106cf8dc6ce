package main

import (
	"io"
	"time"

	"github.com/spf13/cobra"

	"rileva/internal/office"
)

func (p *program) devicesCommand() *cobra.Command {
	return p.command("credentials devices", 0, 1, func(cmd *cobra.Command, args []string) error {
		var r office.DevicesRequest
		if len(args) > 0 {
			r.Code = args[0]
		}
		var rows []office.DeviceRow
		if err := p.call(cmd.Context(), mustExist, "credentials.devices", r, &rows); err != nil {
			return err
		}
		return p.print(rows, func(w io.Writer) {
			if len(rows) == 0 {
				p.line(w, "no_devices")
				return
			}
			lines := make([][]string, len(rows))
			for i, d := range rows {
				lines[i] = []string{d.Code, cut(d.Name, 24), d.Device, dayOf(&d.SignedIn), minuteOf(d.LastUsed), dayOf(&d.ExpiresAt)}
			}
			table(w, []string{p.say("col_code"), p.say("col_name"), p.say("col_device"), p.say("col_signed_in"), p.say("col_last_use"), p.say("col_ends")}, lines)
			p.line(w, "devices_hint")
		})
	})
}

// minuteOf shows a day and its time in a column.
func minuteOf(t time.Time) string { return t.In(office.Rome()).Format("02/01/2006 15:04") }
