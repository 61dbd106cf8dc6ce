package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"rileva/internal/export"
	"rileva/internal/store/engine"
	surveysync "rileva/pkg/sync"
)

// viewSchema is where analysts read. It is there once an operator has asked for
// it, and then follows the questionnaires.
const viewSchema = "analisi"

// viewLang is the language of what is said in them: of their comments and of
// what the checks find. One for all servers, or each would make them anew.
const viewLang = "it"

// viewLock is the advisory lock of whoever renews the views.
const viewLock = writerLock + 1

// viewWait is how long the renewal waits for an analyst's query to end. It is
// given up then, and the views stay as they are: those who submit never wait.
const viewWait = 3 * time.Second

// widest is how many columns a view may have (PostgreSQL allows 1,664 in a
// query). A level of more is left out; the cells show it all the same.
const widest = 1600

// MakeViews makes or renews what analysts read and lets the roles read it, and
// nothing else. The levels and their columns are those of the export.
//
// Its errors are an *engine.OpenError where the operator can act on them.
func (s *Store) MakeViews(ctx context.Context, readers ...string) (Judged, error) {
	statements := []string{"create schema if not exists " + viewSchema}
	for _, reader := range readers {
		role := pgx.Identifier{reader}.Sanitize()
		statements = append(statements,
			"grant usage on schema "+viewSchema+" to "+role,
			"grant select on all tables in schema "+viewSchema+" to "+role,
			"alter default privileges in schema "+viewSchema+" grant select on tables to "+role)
	}
	for _, sql := range statements {
		if _, err := s.disk.pool.Exec(ctx, sql); err != nil {
			return Judged{}, viewError(err)
		}
	}
	return s.renew(ctx, "select pg_advisory_xact_lock($1)::text is not null")
}

// viewErrors are what can be acted on, by PostgreSQL's codes.
var viewErrors = map[string]*engine.OpenError{
	"42501": {Code: "views_forbidden"}, // insufficient_privilege
	"42704": {Code: "views_role"},      // undefined_object
	"2BP01": {Code: "views_needed"},    // dependent_objects_still_exist
	"55P03": {Code: "views_busy"},      // lock_not_available
}

func viewError(err error) error {
	var refused *pgconn.PgError
	if errors.As(err, &refused) && viewErrors[refused.Code] != nil {
		return viewErrors[refused.Code].At("", err)
	}
	return err
}

// RenewViews is MakeViews where they have been made, and nothing elsewhere.
func (s *Store) RenewViews(ctx context.Context) (Judged, error) {
	var made bool
	err := s.disk.pool.QueryRow(ctx, "select to_regnamespace($1) is not null", viewSchema).Scan(&made)
	if err != nil || !made {
		return Judged{}, err
	}
	return s.renew(ctx, "select pg_try_advisory_xact_lock($1)")
}

// draw makes the views anew where they are not those of the form. What an
// analyst has built on a view keeps it from being removed: that is an error,
// and nothing has changed.
func (s *Store) draw(ctx context.Context, form *export.Form) error {
	statements := viewStatements(form)
	variables := form.Variables()
	digest := surveysync.Digest(fmt.Append(nil, statements, variables))
	return pgx.BeginFunc(ctx, s.disk.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, fmt.Sprintf("set local lock_timeout = %d", viewWait.Milliseconds())); err != nil {
			return err
		}
		var drawn bool
		const same = "select coalesce(obj_description(to_regnamespace($1), 'pg_namespace') = $2, false)"
		if err := tx.QueryRow(ctx, same, viewSchema, digest).Scan(&drawn); err != nil || drawn {
			return err
		}
		if err := addVariables(ctx, tx, variables); err != nil {
			return err
		}
		// All in one statement, because they may stand on each other.
		var drop string
		const old = "select coalesce('drop view ' || string_agg(format('%I.%I', table_schema, table_name), ', '), '') from information_schema.views where table_schema = $1"
		if err := tx.QueryRow(ctx, old, viewSchema).Scan(&drop); err != nil {
			return err
		}
		for _, sql := range slices.Concat([]string{drop}, statements, []string{"comment on schema " + viewSchema + " is " + quote(digest)}) {
			if _, err := tx.Exec(ctx, sql); err != nil {
				return viewError(fmt.Errorf("%.60s…: %w", sql, err))
			}
		}
		return nil
	})
}

func addVariables(ctx context.Context, tx pgx.Tx, variables []export.Variable) error {
	var batch pgx.Batch
	for i, v := range variables {
		batch.Queue("insert into variables values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing",
			v.Questionnaire, v.Part, v.Name, i, v.Kind, visible(v.Title), v.Row, v.At)
	}
	return tx.SendBatch(ctx, &batch).Close()
}

// sheets are the parts that count, as the export has it, with what was sent.
const sheets = ` from parts p
	join submissions s on s.institution_id = p.institution_id and s.part = p.part and s.revision = p.revision
	join institutions i on i.key = convert_to(p.institution_id, 'UTF8')`

const counts = ` where p.state in ('submitted', 'approved')`

// fixed are the columns of the levels that hold no answers.
var fixed = map[string]string{
	"institution_id": "p.institution_id",
	"code":           "i.record->>'code'",
	"track":          "p.part",
	"part":           "p.part",
	"revision":       "s.revision",
	"state":          "p.state",
	"received_at":    "s.received_at",
	"late":           "s.late",
	"receipt":        "s.number",
	"questionnaire":  "s.questionnaire",
	"content_digest": "s.content_digest",
}

// sqlTypes are those of the kinds of a column.
var sqlTypes = map[string]string{"string": "text", "integer": "bigint", "number": "numeric", "boolean": "boolean",
	"date": "date", "datetime": "timestamptz", "array": "text[]"}

func viewStatements(form *export.Form) []string {
	var all []string
	for _, l := range form.Levels() {
		if len(l.Columns) >= widest {
			continue
		}
		all = append(all, view(l.Name, levelQuery(form, l)), "comment on view "+viewName(l.Name)+" is "+quote(l.Title))
		for _, c := range l.Columns {
			all = append(all, fmt.Sprintf("comment on column %s.%s is %s", viewName(l.Name), column(c), quote(c.Title)))
		}
	}
	return append(all,
		view("findings", `select j.institution_id, i.record->>'code' as code, f.part, f."check", f.severity, coalesce(f.explained, false) as explained,
	f.message, f.variables, j.judged_at
	from judged j join institutions i on i.key = convert_to(j.institution_id, 'UTF8')
	cross join lateral jsonb_to_recordset(j.findings) as f(part text, "check" text, severity text, explained boolean, message text, variables text[])`),
		view("variables", "select questionnaire, part, variable, place, kind, title, grid_row as row"+axes(form, "variables.at")+" from variables"),
		view("counts", `select (select count(*) from institutions) as institutions,
	count(*) filter (where state in ('submitted', 'approved')) as submissions,
	count(*) filter (where state = 'returned') as returned, count(*) filter (where state = 'withdrawn') as withdrawn from parts`))
}

// levelQuery is the rows of one level of the export as they are now.
func levelQuery(form *export.Form, l export.Level) string {
	switch l.Name {
	case "institutions":
		return `select convert_from(i.key, 'UTF8') as institution_id, r.code, r.codes, r.name, r.comune, r.kind, r.expected_tracks,
	j.state, coalesce(r.excluded, '') as excluded, j.judged_at
	from institutions i left join judged j on j.institution_id = convert_from(i.key, 'UTF8')
	cross join lateral jsonb_to_record(i.record) as r(code text, codes text[], name text, comune text, kind text, expected_tracks text[], excluded text)`
	case "cells":
		return `select p.institution_id, i.record->>'code' as code, p.part, c.variable, coalesce(v.grid_row, '') as row` + axes(form, "v.at") + `,
	c.value, c.unavailable` + sheets + `
	cross join lateral (select key as variable, value #>> '{}' as value, null as unavailable from jsonb_each(s.answers)
		union all select key, null, value from jsonb_each_text(s.unavailable) where not s.answers ? key) as c
	join variables v on v.questionnaire = s.questionnaire and v.part = p.part and v.variable = c.variable` + counts
	case "explanations":
		return `select p.institution_id, i.record->>'code' as code, p.part, e.key as "check", e.value->>'reason' as reason,
	e.value->>'text' as text` + sheets + `
	cross join lateral jsonb_each(s.explanations) as e` + counts
	}
	return wideQuery(l)
}

// wideQuery has a column for each variable. One record for all of them, and not
// an expression each, so that the answers are unpacked once a row.
func wideQuery(l export.Level) string {
	var columns, answers []string
	for _, c := range l.Columns {
		if c.Answer {
			answers = append(answers, pgx.Identifier{c.Name}.Sanitize()+" "+sqlTypes[c.Kind])
			columns = append(columns, "a."+pgx.Identifier{c.Name}.Sanitize()+" as "+column(c))
			continue
		}
		columns = append(columns, fixed[c.Name]+" as "+column(c))
	}
	part := "p.part = 'general'"
	if l.Name != "general" {
		part = "p.part <> 'general'"
	}
	q := "select " + strings.Join(columns, ", ") + ", s.unavailable as not_available" + sheets
	if len(answers) > 0 {
		q += "\n\tcross join lateral jsonb_to_record(s.answers) as a(" + strings.Join(answers, ", ") + ")"
	}
	return q + counts + " and " + part
}

// axes are a column for each axis of the grids.
func axes(form *export.Form, at string) string {
	var b strings.Builder
	for _, axis := range form.Axes() {
		fmt.Fprintf(&b, ", coalesce(%s->>%s, '') as %s", at, quote(axis), pgx.Identifier{axis}.Sanitize())
	}
	return b.String()
}

// view makes one. The barrier keeps a reader's own functions from seeing rows
// that the view leaves out.
func view(name, query string) string {
	return "create view " + viewName(name) + " with (security_barrier) as " + query
}

func viewName(name string) string { return pgx.Identifier{viewSchema, name}.Sanitize() }

// column is the name of a column; that of a variable gives way to one that is
// not of the questionnaire.
func column(c export.Column) string {
	name := c.Name
	if _, taken := fixed[name]; c.Answer && (taken || name == "not_available") {
		name += "_answer"
	}
	return pgx.Identifier{name}.Sanitize()
}

// quote spells a text as SQL does.
func quote(s string) string { return "'" + strings.ReplaceAll(visible(s), "'", "''") + "'" }
