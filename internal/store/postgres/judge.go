package postgres

import (
	"context"
	"encoding/json"

	"github.com/jackc/pgx/v5"

	"rileva/internal/export"
	"rileva/internal/store"
	"rileva/pkg/survey"
)

// Judged says what a renewal did.
type Judged struct {
	Institutions int `json:"institutions"` // all of them
	Judged       int `json:"judged"`       // those that had changed
}

// unjudged are the institutions whose state was judged on other inputs than
// those of now, or never. What is judged depends on the institution's record,
// on its parts, whose revisions never change, and on the survey.
const unjudged = `with now as (
	select convert_from(i.key, 'UTF8') as id, md5(i.value || coalesce((select string_agg(p.key || p.value || convert_to(s.explanations::text, 'UTF8'), '' order by p.key)
			from parts p join submissions s on s.institution_id = p.institution_id and s.part = p.part and s.revision = p.revision
			where p.institution_id = convert_from(i.key, 'UTF8')), '')
		|| coalesce((select value from survey where key = 'survey'), '')) as inputs from institutions i)
	select now.id, now.inputs from now left join judged j on j.institution_id = now.id
	where j.inputs is distinct from now.inputs order by now.id`

type changed struct{ ID, Inputs string }

// renew brings views and judgements up to date. Where another one is at it, it
// waits for its turn or leaves it to that one. What is to be judged is asked for
// before anything is read that the judgement is of: what changes in between is
// found the next time.
func (s *Store) renew(ctx context.Context, lock string) (done Judged, err error) {
	tx, err := s.disk.pool.Begin(ctx)
	if err != nil {
		return done, err
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }() // after a commit it does nothing
	var mine bool
	if err := tx.QueryRow(ctx, lock, int64(viewLock)).Scan(&mine); err != nil || !mine {
		return done, err
	}
	if _, err := tx.Exec(ctx, "set local enable_seqscan = on"); err != nil { // it reads everything
		return done, err
	}
	rows, err := tx.Query(ctx, unjudged)
	if err != nil {
		return done, err
	}
	work, err := pgx.CollectRows(rows, pgx.RowToStructByPos[changed])
	if err != nil {
		return done, err
	}
	form, err := export.NewForm(ctx, s, s.Now(), viewLang)
	if err != nil {
		return done, err
	}
	if err := s.draw(ctx, form); err != nil {
		return done, err
	}
	if done, err = s.judge(ctx, tx, form, work); err != nil {
		return done, err
	}
	return done, tx.Commit(ctx)
}

// judge does anew what only the program can say of a return: its state and what
// the checks find.
func (s *Store) judge(ctx context.Context, tx pgx.Tx, form *export.Form, work []changed) (Judged, error) {
	all, err := s.Institutions(ctx)
	if err != nil {
		return Judged{}, err
	}
	byID := make(map[string]store.Institution, len(all))
	for _, in := range all {
		byID[in.ID] = in
	}
	var batch pgx.Batch
	for _, c := range work {
		in, there := byID[c.ID]
		if !there {
			continue // merged into another one this moment
		}
		parts, err := s.Parts(ctx, c.ID)
		if err != nil {
			return Judged{}, err
		}
		state, found, err := form.Judge(in, parts)
		if err != nil {
			return Judged{}, err
		}
		raw, err := json.Marshal(append([]survey.Finding{}, found...)) // never null
		if err != nil {
			return Judged{}, err
		}
		batch.Queue(`insert into judged values ($1, $2, $3, $4, now()) on conflict (institution_id) do update
			set inputs = excluded.inputs, state = excluded.state, findings = excluded.findings, judged_at = excluded.judged_at`,
			c.ID, c.Inputs, state, string(withoutNUL(raw)))
	}
	batch.Queue("delete from judged where not exists (select from institutions i where i.key = convert_to(institution_id, 'UTF8'))")
	return Judged{len(all), len(work)}, tx.SendBatch(ctx, &batch).Close()
}
