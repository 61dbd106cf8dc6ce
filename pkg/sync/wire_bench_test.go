package sync_test

import (
	"encoding/json"
	"testing"
	"time"

	"rileva/pkg/survey"
	"rileva/pkg/survey/samples"
	surveysync "rileva/pkg/sync"
)

// BenchmarkParseSubmission reads a technical sheet of real size.
func BenchmarkParseSubmission(b *testing.B) {
	inst := samples.Institution()
	answers := samples.For(inst)[survey.TrackTecnico]
	body, err := json.Marshal(surveysync.Submission{
		SubmissionID: "0193f2a0-0000-7000-8000-000000000001", Institution: inst.Code, Survey: "s", Part: survey.TrackTecnico,
		Questionnaire: "sha256:0", Answers: answers, CompletedAt: time.Now(),
	})
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := surveysync.ParseSubmission(body); err != nil {
			b.Fatal(err)
		}
	}
}
