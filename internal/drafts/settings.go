package drafts

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"rileva/pkg/survey"
	surveysync "rileva/pkg/sync"
)

var (
	kServer      = []byte("server")
	kDevice      = []byte("device")
	kLang        = []byte("lang")
	kLooks       = []byte("looks")
	kBeat        = []byte("beat") // when the last heartbeat was sent
	kSession     = []byte("session")
	kInfo        = []byte("info")
	kCheckpoint  = []byte("checkpoint")
	kLogKeys     = []byte("log_keys")
	kSurveyKeys  = []byte("survey_keys") // those of each survey
	kReconciled  = []byte("reconciled")
	kAlarm       = []byte("log_alarm")
	kInstitution = []byte("institution")
	kReturn      = []byte("return")
)

// Settings are the device's own.
type Settings struct {
	Server string // the last one that was signed in to
	Device string // made when the file was; "computer-7F3K"
	Lang   string // "" while nobody has chosen
	Looks  Looks
}

// Looks are how the form is drawn, and what it tells of itself.
type Looks struct {
	ASCII       bool `json:"ascii,omitempty"`        // no letters beyond ASCII but those of words
	NoColour    bool `json:"no_colour,omitempty"`    // weight and reverse only
	NoHeartbeat bool `json:"no_heartbeat,omitempty"` // the office hears of submissions only
}

// Settings reads them.
func (s *Store) Settings() (Settings, error) {
	var out Settings
	err := s.view(func(tx *txn) error {
		b := tx.Bucket(bSettings)
		out = Settings{Server: string(b.Get(kServer)), Device: string(b.Get(kDevice)), Lang: string(b.Get(kLang))}
		_, err := getJSON(b, kLooks, &out.Looks)
		return err
	})
	return out, err
}

// SaveSettings writes them; an empty device name keeps the one there is.
func (s *Store) SaveSettings(n Settings) error {
	return s.update(func(tx *txn) error {
		b := tx.Bucket(bSettings)
		if n.Device != "" {
			if err := b.Put(kDevice, []byte(n.Device)); err != nil {
				return err
			}
		}
		return errors.Join(b.Put(kServer, []byte(n.Server)), b.Put(kLang, []byte(n.Lang)), putJSON(b, kLooks, n.Looks))
	})
}

// BeatDue tells whether a heartbeat may be sent, and notes that it is: the next
// one is due after every. A note of later than now was written by a wrong clock
// and counts for nothing.
func (s *Store) BeatDue(every time.Duration) (due bool, err error) {
	now := s.now()
	err = s.update(func(tx *txn) error {
		b := tx.Bucket(bSettings)
		last, err := time.Parse(time.RFC3339Nano, string(b.Get(kBeat)))
		var looks Looks
		if _, err := getJSON(b, kLooks, &looks); err != nil {
			return err
		}
		due = !looks.NoHeartbeat && (err != nil || last.After(now) || !now.Before(last.Add(every)))
		if !due {
			return nil
		}
		return b.Put(kBeat, []byte(now.Format(time.RFC3339Nano)))
	})
	return due && err == nil, err
}

// Session is the last sign-in. The token stands in the file, mode 0600: many
// computers of schools have no key ring that a program could count on.
type Session struct {
	Server      string             `json:"server"`
	Token       string             `json:"token"`
	Expires     time.Time          `json:"expires"`
	Institution survey.Institution `json:"institution"`
	MustChange  bool               `json:"must_change"`
}

// SaveSession remembers a sign-in and, in the same transaction, puts what
// waited for it back into the queue: the parts of this institution only.
func (s *Store) SaveSession(n Session) error {
	if n.Institution.ID == "" {
		return fail(CodeOwner, errors.New("the institution has no id"))
	}
	return s.update(func(tx *txn) error {
		if err := putJSON(tx.Bucket(bSettings), kSession, n); err != nil {
			return err
		}
		if err := tx.Bucket(bSettings).Put(kServer, []byte(n.Server)); err != nil {
			return err
		}
		return eachOwner(tx, func(o Owner, b *bucket) error {
			if o.Institution != n.Institution.ID {
				return nil
			}
			return eachEntry(b, func(e entry) error {
				if e.State != surveysync.OpNeedsLogin {
					return nil
				}
				e.State, e.Next = surveysync.OpQueued, time.Time{}
				return putJSON(b.Bucket(bOutbox), []byte(e.Part), e)
			})
		})
	})
}

// Session gives the last sign-in; whether its token is alive the server knows.
func (s *Store) Session() (Session, bool, error) {
	var out Session
	var ok bool
	err := s.view(func(tx *txn) (err error) {
		ok, err = getJSON(tx.Bucket(bSettings), kSession, &out)
		return err
	})
	return out, ok, err
}

// ClearSession forgets the token. Drafts and queue stay.
func (s *Store) ClearSession() error {
	return s.update(func(tx *txn) error { return tx.Bucket(bSettings).Delete(kSession) })
}

// Server is the last description of the server.
type Server struct {
	Info surveysync.ServerInfo `json:"info"`
	At   time.Time             `json:"at"`
	// LogKeys are all that this device has met, oldest first: receipts from
	// before a restore verify under an older one.
	LogKeys []string `json:"-"`
	// Alarm is what was found of the server's log, nil when nothing was.
	Alarm *surveysync.LogAlarm `json:"-"`
}

// KeepServer stores the description and says whether the epoch is another than
// before, so that the store was restored. Each survey has a store and so a log
// of its own: another survey's server is no restored one, and its key is held
// against those of that survey only, by a pass of that survey.
func (s *Store) KeepServer(info surveysync.ServerInfo, at time.Time) (restored bool, err error) {
	return s.keepServer(info, at, true)
}

func (s *Store) keepServer(info surveysync.ServerInfo, at time.Time, own bool) (restored bool, err error) {
	err = s.update(func(tx *txn) error {
		b := tx.Bucket(bServer)
		var old Server
		had, err := getJSON(b, kInfo, &old)
		if err != nil {
			return err
		}
		restored = had && old.Info.Epoch != info.Epoch && old.Info.Survey == info.Survey
		if !own {
			return putJSON(b, kInfo, Server{Info: info, At: at})
		}
		if err := keepSurveyKey(b, info); err != nil {
			return err
		}
		var keys []string
		if _, err := getJSON(b, kLogKeys, &keys); err != nil {
			return err
		}
		if n := len(keys); info.LogKey != "" && (n == 0 || keys[n-1] != info.LogKey) {
			if err := putJSON(b, kLogKeys, append(keys, info.LogKey)); err != nil {
				return err
			}
		}
		return putJSON(b, kInfo, Server{Info: info, At: at})
	})
	return restored, err
}

// keepSurveyKey comes before the list of all keys grows: that list is what a
// store of before 2026-11 had for its only survey.
func keepSurveyKey(b *bucket, info surveysync.ServerInfo) error {
	of, err := surveyKeys(b)
	if err != nil || info.LogKey == "" {
		return err
	}
	if keys := of[info.Survey]; len(keys) == 0 || keys[len(keys)-1] != info.LogKey {
		of[info.Survey] = append(keys, info.LogKey)
		return putJSON(b, kSurveyKeys, of)
	}
	return nil
}

// surveyKeys are the keys of each survey's log, oldest first.
func surveyKeys(b *bucket) (map[string][]string, error) {
	of := map[string][]string{}
	if ok, err := getJSON(b, kSurveyKeys, &of); err != nil || ok {
		return of, err
	}
	var old Server
	var keys []string
	if ok, err := getJSON(b, kInfo, &old); err != nil || !ok {
		return of, err
	}
	if _, err := getJSON(b, kLogKeys, &keys); err != nil {
		return of, err
	}
	if len(keys) > 0 {
		of[old.Info.Survey] = keys
	}
	return of, nil
}

// SurveyKeys are the keys by which the log of one survey was signed, oldest
// first.
func (s *Store) SurveyKeys(survey string) ([]string, error) {
	var out []string
	err := s.view(func(tx *txn) error {
		of, err := surveyKeys(tx.Bucket(bServer))
		out = of[survey]
		return err
	})
	return out, err
}

// Server gives the last description of the server.
func (s *Store) Server() (Server, bool, error) {
	var out Server
	var ok bool
	err := s.view(func(tx *txn) (err error) {
		b := tx.Bucket(bServer)
		if ok, err = getJSON(b, kInfo, &out); err != nil {
			return err
		}
		var alarm surveysync.LogAlarm
		if found, err := getJSON(b, kAlarm, &alarm); err != nil {
			return err
		} else if found {
			out.Alarm = &alarm
		}
		_, err = getJSON(b, kLogKeys, &out.LogKeys)
		return err
	})
	return out, ok, err
}

// KeepReconciled notes that the server of this epoch has everything that the
// owner holds receipts for.
func (s *Store) KeepReconciled(o Owner, epoch string) error {
	return s.change(o, func(b *bucket) error { return b.Put(kReconciled, []byte(epoch)) })
}

// Reconciled gives that epoch, or "".
func (s *Store) Reconciled(o Owner) (epoch string, err error) {
	err = s.read(o, func(b *bucket) error {
		epoch = string(b.Get(kReconciled))
		return nil
	})
	return epoch, err
}

// KeepAlarm notes a finding of the server's log. The first one stays: it is
// the evidence.
func (s *Store) KeepAlarm(a surveysync.LogAlarm) error {
	return s.update(func(tx *txn) error {
		b := tx.Bucket(bServer)
		if b.Get(kAlarm) != nil {
			return nil
		}
		return putJSON(b, kAlarm, a)
	})
}

// DismissAlarm ends the alarm that bears this incident code, as a person has
// decided; why stands in the history, with the kind of the alarm. The kept head
// goes too: it would find the same again, so that the log is watched anew from
// the next contact on. done is false when there is no such alarm.
func (s *Store) DismissAlarm(o Owner, incident, why string) (done bool, err error) {
	err = s.update(func(tx *txn) error {
		b := tx.Bucket(bServer)
		var a surveysync.LogAlarm
		found, err := getJSON(b, kAlarm, &a)
		if err != nil || !found || a.Incident != incident {
			return err
		}
		done = true
		result := surveysync.AttemptResult{At: s.now(), Incident: a.Incident, Code: a.Kind, Detail: why}
		return errors.Join(b.Delete(kAlarm), b.Delete(kCheckpoint), record(tx, Attempt{Owner: o, What: "alarm", AttemptResult: result}))
	})
	return done && err == nil, err
}

// KeepCheckpoint stores the last head of the server's log.
func (s *Store) KeepCheckpoint(text string) error {
	return s.update(func(tx *txn) error { return tx.Bucket(bServer).Put(kCheckpoint, []byte(text)) })
}

// Checkpoint gives it, or "".
func (s *Store) Checkpoint() (string, error) {
	var out string
	err := s.view(func(tx *txn) error {
		out = string(tx.Bucket(bServer).Get(kCheckpoint))
		return nil
	})
	return out, err
}

// KeepQuestionnaire stores the bytes under the digest that they must have.
func (s *Store) KeepQuestionnaire(digest string, raw []byte) error {
	if survey.DigestOf(raw) != digest {
		return fail(CodeBody, errors.New("the questionnaire is not that of its digest"))
	}
	return s.update(func(tx *txn) error { return tx.Bucket(bQuestionnaires).Put([]byte(digest), raw) })
}

// Questionnaire gives the bytes of one.
func (s *Store) Questionnaire(digest string) ([]byte, bool, error) {
	var out []byte
	err := s.view(func(tx *txn) error {
		out = bytes.Clone(tx.Bucket(bQuestionnaires).Get([]byte(digest)))
		return nil
	})
	return out, out != nil, err
}

// KeepInstitution stores the block that the checks are judged with.
func (s *Store) KeepInstitution(o Owner, in survey.Institution) error {
	return s.change(o, func(b *bucket) error { return putJSON(b, kInstitution, in) })
}

// Institution gives that block.
func (s *Store) Institution(o Owner) (survey.Institution, bool, error) {
	var out survey.Institution
	var ok bool
	err := s.read(o, func(b *bucket) (err error) {
		ok, err = getJSON(b, kInstitution, &out)
		return err
	})
	return out, ok, err
}

// SeenReturn is the return as the server last told it.
type SeenReturn struct {
	Return surveysync.Return
	Raw    []byte
	At     time.Time // this device's clock
}

// KeepReturn stores it with its institution block, which may have changed in
// the register: the same verdict on both sides needs the same block.
func (s *Store) KeepReturn(o Owner, raw []byte, r surveysync.Return, at time.Time) error {
	if r.Institution.ID != o.Institution || r.Survey.ID != o.Survey {
		return fail(CodeOtherInstitution, fmt.Errorf("the return is of %q, %q", r.Institution.ID, r.Survey.ID))
	}
	return s.change(o, func(b *bucket) error {
		stored := struct {
			At  time.Time       `json:"at"`
			Raw json.RawMessage `json:"raw"`
		}{at, raw}
		return errors.Join(putJSON(b, kReturn, stored), putJSON(b, kInstitution, r.Institution))
	})
}

// Return gives it.
func (s *Store) Return(o Owner) (SeenReturn, bool, error) {
	var out SeenReturn
	var ok bool
	err := s.read(o, func(b *bucket) (err error) {
		var stored struct {
			At  time.Time       `json:"at"`
			Raw json.RawMessage `json:"raw"`
		}
		if ok, err = getJSON(b, kReturn, &stored); err != nil || !ok {
			return err
		}
		out.At, out.Raw = stored.At, stored.Raw
		return json.Unmarshal(stored.Raw, &out.Return)
	})
	return out, ok, err
}

func putJSON(b *bucket, key []byte, v any) error {
	raw, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return b.Put(key, raw)
}

// getJSON reads a value; false when there is none.
func getJSON(b *bucket, key []byte, v any) (bool, error) {
	raw := b.Get(key)
	if raw == nil {
		return false, nil
	}
	if err := json.Unmarshal(raw, v); err != nil {
		return false, fail(CodeDamaged, fmt.Errorf("%s: %w", key, err))
	}
	return true, nil
}
