package sync

import (
	"cmp"
	"fmt"
)

// pull fetches what is new. An error of the network ends it quietly: the
// parts are sent, and the cache still says how old it is.
func (p *pass) pull() error {
	ret, raw, err := p.Client.Return(p.ctx)
	if err != nil {
		p.rep.Err = cmp.Or(p.rep.Err, err)
		return nil
	}
	if ret.Epoch != p.rep.Server.Epoch {
		p.again = true // restored since this pass began: nothing of it was compared
		return nil
	}
	// The questionnaire before the return that names it: a crash between the
	// two, or a questionnaire that does not come, leaves no return without its
	// questions, with which nothing could be filled in.
	have, err := p.questionnaire(ret.Survey.Questionnaire)
	if err != nil || !have {
		return err
	}
	if err := p.Shelf.KeepReturn(raw, ret, p.Now()); err != nil {
		return fmt.Errorf("sync: keep the return: %w", err)
	}
	p.rep.Return = &ret
	if err := p.revisions(ret); err != nil {
		return err
	}
	return p.witness()
}

// questionnaire fetches one that is not here; ok is false when the network
// would not give it.
func (p *pass) questionnaire(digest string) (ok bool, err error) {
	have, err := p.Shelf.HasQuestionnaire(digest)
	if err != nil || have {
		return have, err
	}
	raw, err := p.Client.Questionnaire(p.ctx, digest)
	if err != nil {
		p.rep.Err = cmp.Or(p.rep.Err, err)
		return false, nil
	}
	if err := p.Shelf.KeepQuestionnaire(digest, raw); err != nil {
		return false, fmt.Errorf("sync: keep the questionnaire: %w", err)
	}
	p.rep.Questionnaires = append(p.rep.Questionnaires, digest)
	return true, nil
}

// revisions fetches the parts that another device has sent.
func (p *pass) revisions(ret Return) error {
	if p.Down == nil {
		return nil
	}
	for _, part := range ret.Parts {
		if part.Revision == 0 {
			continue
		}
		if err := p.settle(part.Part); err != nil {
			return err
		}
		behind, err := p.Down.Behind(part.Part, part.Revision, part.ContentDigest)
		if err != nil {
			return fmt.Errorf("sync: compare %s: %w", part.Part, err)
		}
		if !behind {
			continue
		}
		body, err := p.Client.Part(p.ctx, part.Part)
		if err != nil {
			p.rep.Err = cmp.Or(p.rep.Err, err)
			return nil
		}
		if s, err := ParseSubmission(body.Body); err != nil || s.Part != part.Part || s.Survey != ret.Survey.ID {
			continue // not readable here: an older program must not lose its draft over it
		} else if ok, err := p.questionnaire(s.Questionnaire); err != nil {
			return err
		} else if !ok {
			continue // answers without their questions would be of no use
		}
		filled, err := p.Down.Adopt(part.Part, body)
		if err != nil {
			return fmt.Errorf("sync: take in %s: %w", part.Part, err)
		}
		p.rep.Fetched = append(p.rep.Fetched, Fetched{Part: part.Part, Revision: body.Revision, Filled: filled})
	}
	return nil
}
