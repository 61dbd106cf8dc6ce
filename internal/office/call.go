package office

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"runtime/debug"
)

// call runs one method on JSON.
type call func(ctx context.Context, o *Office, request []byte) (any, error)

// Calls names every method, for the socket and for the commands that open the
// store themselves.
var Calls = map[string]call{
	"institutions.import":         offer((*Office).ImportRegister),
	"institutions.add":            offer((*Office).AddInstitution),
	"institutions.list":           offer((*Office).ListInstitutions),
	"institutions.show":           offer((*Office).ShowInstitution),
	"institutions.exclude":        offer((*Office).ExcludeInstitution),
	"institutions.include":        offer((*Office).IncludeInstitution),
	"institutions.tracks":         offer((*Office).SetTracks),
	"institutions.tracks_from":    offer((*Office).SetTracksFrom),
	"institutions.tracks_compare": offer((*Office).CompareTracks),
	"institutions.merge":          offer((*Office).MergeInstitutions),
	"institutions.remove":         offer((*Office).RemoveInstitution),
	"institutions.group":          offer((*Office).GroupInstitutions),
	"institutions.ungroup":        offer((*Office).UngroupInstitutions),
	"institutions.confirm":        offer((*Office).ConfirmGroups),

	"credentials.plan":    offer((*Office).PlanCredentials),
	"credentials.issue":   offer((*Office).IssueCredentials),
	"credentials.revoke":  offer((*Office).RevokeCredentials),
	"credentials.list":    offer((*Office).ListAccounts),
	"credentials.devices": offer((*Office).ListDevices),

	"survey.show":     offer((*Office).ShowSurvey),
	"survey.dates":    offer((*Office).SetDates),
	"survey.publish":  offer((*Office).PublishSurvey),
	"survey.rehearse": offer((*Office).RehearseSurvey),
	"survey.void":     offer((*Office).VoidSurvey),

	"status":           offer((*Office).Status),
	"missing":          offer((*Office).Missing),
	"remind.plan":      offer((*Office).PlanReminders),
	"remind.claim":     offer((*Office).ClaimReminder),
	"remind.settle":    offer((*Office).SettleReminder),
	"return.show":      offer((*Office).ShowReturn),
	"part.show":        offer((*Office).ShowPart),
	"history":          offer((*Office).History),
	"conflicts":        offer((*Office).ListConflicts),
	"conflicts.settle": offer((*Office).SettleConflict),
	"return":           offer((*Office).ReturnPart),
	"approve":          offer((*Office).ApproveParts),
	"message":          offer((*Office).SendMessage),
	"note":             offer((*Office).AddNote),

	"export.begin":         offer((*Office).BeginExport),
	"export.page":          offer((*Office).ExportPage),
	"export.questionnaire": offer((*Office).Questionnaire),

	"log.list":   offer((*Office).ListLog),
	"log.verify": offer((*Office).VerifyLog),
	"log.rotate": offer((*Office).RotateLogKey),
	"forget":     offer((*Office).Forget),
	"check":      offer((*Office).Check),
	"backup":     offer((*Office).Backup),
}

// offer makes a call of a method.
func offer[Request, Reply any](method func(*Office, context.Context, Request) (Reply, error)) call {
	return func(ctx context.Context, o *Office, raw []byte) (any, error) {
		var request Request
		// An unknown field comes from a command of another version: doing the
		// rest of what it asks would be doing something else.
		dec := json.NewDecoder(bytes.NewReader(raw))
		dec.DisallowUnknownFields()
		if err := dec.Decode(&request); err != nil {
			return nil, fail("other_version").because(err)
		}
		return method(o, ctx, request)
	}
}

// run finds a call and runs it. It is the one road for both callers, so that
// they cannot answer differently. The error is always an *Error.
func (o *Office) run(ctx context.Context, name string, request []byte) (reply any, err error) {
	defer func() {
		if p := recover(); p != nil {
			reply, err = nil, fail("internal").because(fmt.Errorf("call %s: panic: %v\n%s", name, p, debug.Stack()))
		}
	}()
	f, ok := Calls[name]
	if !ok {
		return nil, fail("other_version")
	}
	reply, err = f(ctx, o, request)
	if err != nil {
		return nil, plain(err)
	}
	return reply, nil
}

// encode gives a call's reply as JSON; the error is an *Error.
func encode(name string, reply any) ([]byte, error) {
	raw, err := json.Marshal(reply)
	if err != nil {
		return nil, fail("internal").because(fmt.Errorf("call %s: %w", name, err))
	}
	return raw, nil
}
