package office

import (
	"context"
	"slices"
	"strings"
	"time"

	"rileva/pkg/survey"
)

// Counts are institutions by the state of their return.
type Counts struct {
	Expected     int `json:"expected"` // all but not_due
	NotStarted   int `json:"not_started"`
	InProgress   int `json:"in_progress"`
	Inconsistent int `json:"inconsistent"`
	Complete     int `json:"complete"`
	Approved     int `json:"approved"`
	Late         int `json:"late"` // some part came after the due date; counted beside the state
	NotDue       int `json:"not_due"`
}

func (c *Counts) add(s standing) {
	if s.state == survey.ReturnNotDue {
		c.NotDue++
		return
	}
	c.Expected++
	switch s.state {
	case survey.ReturnNotStarted:
		c.NotStarted++
	case survey.ReturnInProgress:
		c.InProgress++
	case survey.ReturnInconsistent:
		c.Inconsistent++
	case survey.ReturnComplete:
		c.Complete++
	case survey.ReturnApproved:
		c.Approved++
	}
	if s.late {
		c.Late++
	}
}

// TrackCounts are sheets of one track.
type TrackCounts struct {
	Track     string `json:"track"`
	Expected  int    `json:"expected"` // by part 1 where it is in, by the register otherwise
	Missing   int    `json:"missing"`
	Submitted int    `json:"submitted"`
	Returned  int    `json:"returned"`
	Approved  int    `json:"approved"`
}

// ComuneCounts are the institutions of one comune.
type ComuneCounts struct {
	Comune string `json:"comune"`
	Counts
}

// StatusReply is where the survey stands.
type StatusReply struct {
	At     time.Time    `json:"at"`
	Survey string       `json:"survey"`
	Stage  string       `json:"stage"`
	Dates  survey.Dates `json:"dates"`
	Counts
	ByTrack  []TrackCounts  `json:"by_track"`
	ByComune []ComuneCounts `json:"by_comune"`
}

// Status counts the returns.
func (o *Office) Status(ctx context.Context, _ Nothing) (StatusReply, error) {
	s, _, err := o.survey(ctx)
	if err != nil {
		return StatusReply{}, err
	}
	b, err := o.institutions(ctx)
	if err != nil {
		return StatusReply{}, err
	}
	parts, err := o.Store.AllParts(ctx)
	if err != nil {
		return StatusReply{}, err
	}
	at := o.Now()
	reply := StatusReply{At: at.UTC().Truncate(time.Second), Survey: s.ID, Stage: stage(s.Dates, at), Dates: s.Dates}
	tracks := make([]TrackCounts, len(formOrder))
	comuni := map[string]*Counts{}
	j := o.judge()
	for _, in := range b.all {
		st, err := j.of(ctx, in, s, parts[in.ID], false, "it")
		if err != nil {
			return reply, err
		}
		reply.add(st)
		if comuni[in.Comune] == nil {
			comuni[in.Comune] = &Counts{}
		}
		comuni[in.Comune].add(st)
		if st.state != survey.ReturnNotDue {
			countTracks(tracks, st)
		}
	}
	for i, track := range formOrder {
		tracks[i].Track = track
	}
	reply.ByTrack, reply.ByComune = tracks, []ComuneCounts{}
	for name, c := range comuni {
		reply.ByComune = append(reply.ByComune, ComuneCounts{name, *c})
	}
	slices.SortFunc(reply.ByComune, func(a, b ComuneCounts) int { return strings.Compare(a.Comune, b.Comune) })
	return reply, nil
}

func countTracks(tracks []TrackCounts, st standing) {
	for i, track := range formOrder {
		if !slices.Contains(st.due, track) {
			continue
		}
		tracks[i].Expected++
		switch st.part(track) {
		case survey.PartSubmitted:
			tracks[i].Submitted++
		case survey.PartReturned:
			tracks[i].Returned++
		case survey.PartApproved:
			tracks[i].Approved++
		default:
			tracks[i].Missing++
		}
	}
}
