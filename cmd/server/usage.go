package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	surveysync "rileva/pkg/sync"
)

// help prints what a command is for and takes. It stands in for cobra's
// template, whose words are English.
func (p *program) help(cmd *cobra.Command, _ []string) {
	var b strings.Builder
	text := cmd.Long
	if text == "" {
		text = cmd.Short
	}
	flow(&b, "", "", text) // the words break their lines where it is good for whoever edits them
	fmt.Fprintf(&b, "\n%s\n", p.say("usage"))
	if cmd.HasAvailableSubCommands() {
		fmt.Fprintf(&b, "  %s %s\n\n%s\n", cmd.CommandPath(), p.say("usage_command"), p.say("commands"))
		for _, c := range cmd.Commands() {
			if c.IsAvailableCommand() {
				fmt.Fprintf(&b, "  %-14s %s\n", c.Name(), c.Short)
			}
		}
	} else {
		fmt.Fprintf(&b, "  %s\n", p.useLine(cmd))
	}
	p.flagList(&b, p.say("flags"), cmd.LocalNonPersistentFlags())
	global := cmd.InheritedFlags()
	if !cmd.HasParent() {
		global = cmd.PersistentFlags()
	}
	p.flagList(&b, p.say("global_flags"), global)
	if cmd.HasAvailableSubCommands() {
		fmt.Fprintf(&b, "\n%s\n", p.say("more_help", cmd.CommandPath()))
	}
	if !cmd.HasParent() {
		fmt.Fprintf(&b, "\n%s\n", p.say("exit_codes"))
	}
	fmt.Fprint(p.out, b.String())
}

func (p *program) useLine(cmd *cobra.Command) string {
	return strings.Replace(cmd.UseLine(), "[flags]", p.say("usage_flags"), 1)
}

func (p *program) flagList(b *strings.Builder, title string, flags *pflag.FlagSet) {
	var lines [][2]string
	column := 0
	flags.VisitAll(func(f *pflag.Flag) {
		value, usage := pflag.UnquoteUsage(f)
		if f.Value.Type() == "bool" {
			value = ""
		}
		left := strings.TrimRight("--"+f.Name+" "+value, " ")
		if f.Shorthand != "" {
			left = "-" + f.Shorthand + ", " + left
		}
		switch f.DefValue {
		case "", "false", "[]", "0":
		default:
			usage += " " + p.say("default", f.DefValue)
		}
		lines = append(lines, [2]string{left, usage})
		column = max(column, len([]rune(left)))
	})
	if len(lines) == 0 {
		return
	}
	fmt.Fprintf(b, "\n%s\n", title)
	for _, l := range lines {
		left := fmt.Sprintf("  %s%s  ", l[0], strings.Repeat(" ", column-len([]rune(l[0]))))
		var right strings.Builder
		indent := strings.Repeat(" ", len([]rune(left)))
		flow(&right, indent, indent, surveysync.Visible(l[1]))
		fmt.Fprintln(b, left+strings.TrimSpace(right.String()))
	}
}
