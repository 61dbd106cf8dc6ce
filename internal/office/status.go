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
	// Beside the state, as the devices said last: begun on one though nothing
	// has come, and finished on one though not sent.
	Working int `json:"working"`
	Unsent  int `json:"unsent"`
}

func (c *Counts) add(f followed) {
	s := f.stand
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
	if s.state == survey.ReturnNotStarted && f.percent() > 0 {
		c.Working++
	}
	if f.finished() {
		c.Unsent++
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

// KindCounts are the institutions of one kind.
type KindCounts struct {
	Kind string `json:"kind"`
	Counts
}

// Slowed is where wrong passwords are being typed right now: how many accounts
// and how many networks have to wait between two attempts. The running server
// knows it; nobody signs in while none runs.
type Slowed struct {
	Accounts  int `json:"accounts"`
	Addresses int `json:"addresses"`
}

// slowed counts them.
func (o *Office) slowed(ctx context.Context) (Slowed, error) {
	if o.Delays == nil {
		return Slowed{}, nil
	}
	err := o.refreshDelays(ctx)
	return Slowed{o.Delays.ByCode.AllSlowed(o.Now()), o.Delays.ByNetwork.AllSlowed(o.Now())}, err
}

// StatusReply is where the survey stands.
type StatusReply struct {
	At     time.Time    `json:"at"`
	Survey string       `json:"survey"`
	Stage  string       `json:"stage"`
	Dates  survey.Dates `json:"dates"`
	Counts
	SetAside int            `json:"set_aside"` // after a restore, and not settled
	Slowed   Slowed         `json:"slowed"`
	ByTrack  []TrackCounts  `json:"by_track"`
	ByKind   []KindCounts   `json:"by_kind"`
	ByComune []ComuneCounts `json:"by_comune"`
}

// Status counts the returns.
func (o *Office) Status(ctx context.Context, _ Nothing) (StatusReply, error) {
	s, _, err := o.survey(ctx)
	if err != nil {
		return StatusReply{}, err
	}
	found, err := o.follow(ctx, s)
	if err != nil {
		return StatusReply{}, err
	}
	aside, err := o.beside(ctx, "")
	if err != nil {
		return StatusReply{}, err
	}
	slowed, err := o.slowed(ctx)
	if err != nil {
		return StatusReply{}, err
	}
	at := o.Now()
	reply := StatusReply{At: at.UTC().Truncate(time.Second), Survey: s.ID, Stage: stage(s.Dates, at), Dates: s.Dates, Slowed: slowed, SetAside: open(aside),
		ByKind: []KindCounts{{Kind: survey.KindState}, {Kind: survey.KindParitaria}}}
	tracks := make([]TrackCounts, len(formOrder))
	comuni := map[string]*Counts{}
	for _, f := range found {
		reply.add(f)
		if comuni[f.in.Comune] == nil {
			comuni[f.in.Comune] = &Counts{}
		}
		comuni[f.in.Comune].add(f)
		for i := range reply.ByKind {
			if reply.ByKind[i].Kind == f.in.Kind {
				reply.ByKind[i].add(f)
			}
		}
		if f.stand.state != survey.ReturnNotDue {
			countTracks(tracks, f.stand)
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
