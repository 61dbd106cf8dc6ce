package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"rileva/internal/desk"
	surveysync "rileva/pkg/sync"
)

// addSettingsCommand: without words it shows the settings, `heartbeat on` and
// `heartbeat off` change the one there is.
func (p *program) addSettingsCommand(root *cobra.Command) {
	root.AddCommand(p.command("settings", 0, 2, func(_ *cobra.Command, args []string) error {
		change := len(args) == 2 && args[0] == "heartbeat" && (args[1] == "on" || args[1] == "off")
		if len(args) > 0 && !change {
			return p.badUse("settings")
		}
		return p.with(func(d *desk.Desk) error {
			lang, looks, err := d.Preferences()
			if err != nil {
				return err
			}
			if change {
				looks.NoHeartbeat = args[1] == "off"
				if err := d.Prefer(lang, looks); err != nil {
					return err
				}
			}
			device, err := d.Device()
			if err != nil {
				return err
			}
			on := !looks.NoHeartbeat
			word := map[bool]string{true: "heartbeat on", false: "heartbeat off"}[on]
			return p.say(map[string]any{"heartbeat": on, "device": device},
				fmt.Sprintf("heartbeat: %s\n%s: %s", p.words[word], p.words["this device"], surveysync.Visible(device)))
		})
	}))
}
