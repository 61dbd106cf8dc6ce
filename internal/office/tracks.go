package office

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"

	"rileva/internal/store"
	"rileva/pkg/survey"
	surveysync "rileva/pkg/sync"
)

// TrackFault is a line of a file of tracks that cannot be taken.
type TrackFault struct {
	Line int    `json:"line"`
	Code string `json:"code"`
	Why  Text   `json:"why"`
}

// TracksFileReply says what a file of expected tracks has changed.
type TracksFileReply struct {
	Changed   int          `json:"changed"`
	Unchanged int          `json:"unchanged"`
	Faults    []TrackFault `json:"faults"` // any refuses the whole file
}

// TracksFileRequest is a CSV with a code in the first column and the tracks,
// separated by spaces or in further columns, after it.
type TracksFileRequest struct {
	File File `json:"file"`
}

// SetTracksFrom sets the expected tracks of many, all or nothing. A first line
// that holds no school code is the header.
func (o *Office) SetTracksFrom(ctx context.Context, r TracksFileRequest) (TracksFileReply, error) {
	wanted, lines, faults := readTracks(r.File.Data)
	reply := TracksFileReply{Faults: faults}
	if len(wanted) == 0 && len(faults) == 0 {
		return reply, fail("no_tracks")
	}
	err := o.Store.EditInstitutions(ctx, func(all []store.Institution, _ map[string]int) (store.RegisterEdit, error) {
		var edit store.RegisterEdit
		reply = TracksFileReply{Faults: slices.Clone(faults)} // anew: an edit may run twice
		b := newBook(all)
		done := map[string]bool{}
		for _, code := range lines {
			in, err := b.find(code.Code)
			if err != nil {
				reply.Faults = append(reply.Faults, TrackFault{code.Line, code.Code, fail("unknown_institution", code.Code).Message})
				continue
			}
			tracks := wanted[code.Line]
			if done[in.ID] {
				reply.Faults = append(reply.Faults, TrackFault{code.Line, code.Code, fail("tracks_twice", in.Code).Message})
				continue
			}
			done[in.ID] = true
			if in.OwnTracks && slices.Equal(in.ExpectedTracks, tracks) {
				reply.Unchanged++
				continue
			}
			after := *in
			after.ExpectedTracks, after.OwnTracks = tracks, true
			edit.Put = append(edit.Put, after)
			edit.Acts = append(edit.Acts, o.act(actionTracks, &after, strings.Join(tracks, " ")))
			reply.Changed++
		}
		if len(reply.Faults) > 0 {
			reply.Changed, reply.Unchanged = 0, 0
			return store.RegisterEdit{}, nil
		}
		return edit, nil
	})
	slices.SortFunc(reply.Faults, func(a, b TrackFault) int { return a.Line - b.Line })
	if reply.Faults == nil {
		reply.Faults = []TrackFault{}
	}
	return reply, plain(err)
}

// readTracks gives the tracks by line, the codes with their lines, and what
// cannot be read.
func readTracks(raw []byte) (map[int][]string, []TrackFault, []TrackFault) {
	reader := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(raw, []byte("\ufeff"))))
	reader.FieldsPerRecord, reader.TrimLeadingSpace = -1, true
	if first, _, _ := bytes.Cut(raw, []byte("\n")); bytes.ContainsRune(first, ';') && !bytes.ContainsRune(first, ',') {
		reader.Comma = ';' // as spreadsheets save it in Italy
	}
	wanted := map[int][]string{}
	var codes, faults []TrackFault
	for first := true; ; first = false {
		row, err := reader.Read()
		var broken *csv.ParseError
		switch {
		case errors.Is(err, io.EOF):
			return wanted, codes, faults
		case errors.As(err, &broken):
			return wanted, codes, append(faults, TrackFault{Line: broken.Line, Why: fail("bad_csv").Message})
		}
		line, _ := reader.FieldPos(0)
		code, err := schoolCode(row[0])
		if err != nil && first {
			continue
		}
		var tracks []string
		for _, t := range strings.Fields(strings.ToLower(strings.Join(row[1:], " "))) {
			if !slices.Contains(formOrder, t) && err == nil {
				err = fail("bad_track", t)
			}
			tracks = append(tracks, t)
		}
		if err == nil && len(tracks) == 0 {
			err = fail("bad_track", "")
		}
		var ours *Error
		if errors.As(err, &ours) {
			faults = append(faults, TrackFault{line, row[0], ours.Message})
			continue
		}
		wanted[line] = inFormOrder(tracks)
		codes = append(codes, TrackFault{Line: line, Code: code})
	}
}

// How what part 1 says stands to what was expected.
const (
	TracksClosed   = "closed"   // the school has explained why one is lacking
	TracksDisputed = "disputed" // it differs and nobody has said why
)

// TracksRow is one institution whose part 1 names other tracks than expected.
type TracksRow struct {
	Code     string   `json:"code"`
	Name     string   `json:"name"`
	Expected []string `json:"expected"`
	Answered []string `json:"answered"`
	State    string   `json:"state"`            // closed or disputed
	Reason   string   `json:"reason,omitempty"` // in the school's words
}

// CompareTracks lists where part 1 and the register differ. The office settles
// it by setting the tracks, or by returning part 1.
func (o *Office) CompareTracks(ctx context.Context, _ Nothing) ([]TracksRow, error) {
	b, err := o.institutions(ctx)
	if err != nil {
		return nil, err
	}
	parts, err := o.Store.AllParts(ctx)
	if err != nil {
		return nil, err
	}
	j, rows := o.judge(), []TracksRow{}
	for _, in := range b.all {
		for _, p := range parts[in.ID] {
			if p.Part != survey.GeneralPart || in.Excluded != "" {
				continue
			}
			row, differs, err := j.tracks(ctx, in, p)
			if err != nil {
				return nil, err
			}
			if differs {
				rows = append(rows, row)
			}
		}
	}
	return rows, nil
}

func (j *judge) tracks(ctx context.Context, in store.Institution, p store.Part) (TracksRow, bool, error) {
	row := TracksRow{Code: in.Code, Name: in.Name, Expected: inFormOrder(in.ExpectedTracks), State: TracksDisputed}
	q, err := j.questionnaire(ctx, p.Current.Questionnaire)
	if err != nil {
		return row, false, err
	}
	sent, err := surveysync.ParseSubmission(p.Current.Body)
	if err != nil {
		return row, false, err
	}
	row.Answered = inFormOrder(q.Parts(sent.Answers))
	if slices.Equal(row.Expected, row.Answered) {
		return row, false, nil
	}
	ev := q.Sheet(survey.GeneralPart).Evaluate(survey.Input{Answers: sent.Answers, Unavailable: sent.Unavailable,
		Explanations: sent.Explanations, Institution: store.Block(in), Lang: "it", Submit: true})
	for _, f := range ev.Findings {
		// The explanation that speaks of the question which opens the tracks.
		if f.Explained && slices.ContainsFunc(f.Variables, q.Opens) {
			row.State, row.Reason = TracksClosed, sent.Explanations[f.Check].Text
		}
	}
	return row, true, nil
}
