package main

import (
	"os"
	"strings"
	"testing"

	"rileva/internal/office"
)

func TestRehearse(t *testing.T) {
	d := newDesk(t).furnish()
	d.submit("MIIS00100B", "general", "liceale")
	raw, err := os.ReadFile("../../pkg/survey/questionnaires/dispersione-2022-23.yaml")
	must(t, err)
	same := d.file("same.yaml", string(raw)+"# another\n")
	if out := d.ok("survey", "rehearse", same); !strings.Contains(out, "Nessuna istituzione si fermerebbe") || strings.Contains(out, "%!") {
		t.Errorf("%s", out)
	}
	next := d.file("v2.yaml", strings.Replace(string(raw), "question: counselling_service\n", "question: guidance_service\n", 1))
	for _, lang := range []string{"it", "en"} {
		out := d.ok("survey", "rehearse", next, "--lang", lang)
		for _, want := range []string{"MIIS00100B", "H02", "counselling_service", "guidance_service"} {
			if !strings.Contains(out, want) {
				t.Errorf("%s: no %s:\n%s", lang, want, out)
			}
		}
	}
	var down, up office.RehearseReply
	d.read(&down, "survey", "rehearse", next)
	d.serve()
	if d.read(&up, "survey", "rehearse", next); len(up.Stopped) != 1 || len(down.Stopped) != 1 || up.Digest != down.Digest || up.Submissions != 2 {
		t.Errorf("with a server %+v\nwithout %+v", up, down)
	}
	broken := d.file("broken", "format: 1\nid: x\n")
	if exit, _, said := d.run("survey", "rehearse", broken); exit != exitFindings || !strings.Contains(said, broken+":2:") {
		t.Errorf("exit %d\n%s", exit, said)
	}
	d.refused(exitUsage, "survey", "rehearse")
	d.refused(exitUsage, "survey", "rehearse", "nowhere")
	other := newDesk(t)
	other.refused(exitUsage, "survey", "rehearse", next)
	if _, err := os.Stat(other.data); err == nil {
		t.Error("a rehearsal has made a data folder")
	}
}
