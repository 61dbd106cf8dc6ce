package desk

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"rileva/internal/drafts"
	"rileva/pkg/survey"
	"rileva/pkg/survey/samples"
	surveysync "rileva/pkg/sync"
)

// examined wants the first failure at this step with this code, everything
// before it good and everything after it not tried.
func (w *world) examined(d *Desk, step, code string) Exam {
	w.t.Helper()
	e, err := d.Examine(context.Background())
	w.must(err)
	if e.Failed != step || step != "" && CodeOf(e.Err) != code {
		w.t.Fatalf("it fails at %q with %v, want %q %q", e.Failed, e.Err, step, code)
	}
	want := ExamOK
	for _, s := range e.Steps {
		state := want
		switch {
		case s.Step == step:
			state, want = ExamFailed, ExamSkipped
			if s.Detail == "" || s.Hint == "" || s.Job == "" || strings.Contains(s.Detail+s.Hint, "%") {
				w.t.Errorf("%s: %+v", step, s)
			}
		case s.Step == surveysync.StepReceipt && s.State == ExamSkipped:
			state = ExamSkipped
		}
		if s.State != state {
			w.t.Errorf("%s is %s, want %s", s.Step, s.State, state)
		}
	}
	attempts, err := d.store.Attempts(drafts.Owner{}, 1)
	w.must(err)
	if len(attempts) != 1 || attempts[0].What != "doctor" || attempts[0].Incident != e.Incident || attempts[0].Step != step {
		w.t.Errorf("the history does not tell of it: %+v", attempts)
	}
	return e
}

// TestDoctorBehindTheNetwork has a stub for each step on the way to the server.
func TestDoctorBehindTheNetwork(t *testing.T) {
	w := newWorld(t)
	ours := func(rw http.ResponseWriter, version string) {
		rw.Header().Set(surveysync.HeaderProtocol, version)
		rw.Header().Set(surveysync.HeaderTime, noon.Format(time.RFC3339))
	}
	serve := func(h http.HandlerFunc) string {
		s := httptest.NewServer(h)
		t.Cleanup(s.Close)
		return s.URL
	}
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	for _, tc := range []struct {
		name, server, step, code string
		job                      surveysync.Job
	}{
		{"an address that is none", "https://", surveysync.StepAddress, "bad_server", surveysync.JobPerson},
		{"plain HTTP to another computer", "http://rilevazione.invalid", surveysync.StepAddress, "plain_http", surveysync.JobPerson},
		{"a name that does not exist", "https://rilevazione.invalid", surveysync.StepName, surveysync.CauseDNS, surveysync.JobNetwork},
		{"nothing listens", closed.URL, surveysync.StepConnect, surveysync.CauseRefused, surveysync.JobOffice},
		{"a certificate that ended", w.secure("127.0.0.1", -2, -1), surveysync.StepTLS, surveysync.CauseExpired, surveysync.JobOffice},
		{"a clock that is behind", w.secure("127.0.0.1", 1, 2), surveysync.StepTLS, surveysync.CauseClock, surveysync.JobPerson},
		{"another server's certificate", w.secure("192.0.2.9", -1, 1), surveysync.StepTLS, surveysync.CauseName, surveysync.JobPerson},
		{"nobody vouches for it", w.secure("127.0.0.1", -1, 1), surveysync.StepTLS, surveysync.CauseAuthority, surveysync.JobNetwork},
		{"no TLS there", strings.Replace(w.url, "http:", "https:", 1), surveysync.StepTLS, surveysync.CauseTLS, surveysync.JobNetwork},
		{"a captive portal", serve(func(rw http.ResponseWriter, _ *http.Request) {
			rw.Header().Set("Content-Type", "text/html")
			_, _ = io.WriteString(rw, "<html>Wi-Fi</html>")
		}), surveysync.StepServer, surveysync.CausePortal, surveysync.JobPerson},
		{"a redirect", serve(func(rw http.ResponseWriter, r *http.Request) {
			http.Redirect(rw, r, "http://login.example/", http.StatusFound)
		}),
			surveysync.StepServer, surveysync.CauseRedirect, surveysync.JobPerson},
		{"a proxy's page", serve(func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(502) }), surveysync.StepServer, surveysync.CauseProxy, surveysync.JobNetwork},
		{"a proxy that wants a password", serve(func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(407) }),
			surveysync.StepServer, surveysync.CauseProxyAuth, surveysync.JobNetwork},
		{"another program", serve(http.NotFound), surveysync.StepServer, surveysync.CauseProtocol, surveysync.JobPerson},
		{"a later protocol", serve(func(rw http.ResponseWriter, _ *http.Request) { ours(rw, "2") }), surveysync.StepVersion, surveysync.CauseVersion, surveysync.JobPerson},
	} {
		t.Run(tc.name, func(t *testing.T) {
			d := w.device("it")
			d.server, d.now = tc.server, time.Now // certificates are judged by the real clock
			e := w.examined(d, tc.step, tc.code)
			for _, s := range e.Steps {
				if s.Step == tc.step && s.Job != tc.job {
					t.Errorf("it is said to be the job of %q, want %q", s.Job, tc.job)
				}
			}
		})
	}
}

// secure is a TLS server whose certificate is of this host and holds from so
// many hours from now to so many. Nobody but its maker vouches for it; what is
// wrong with its dates or its name is seen first.
func (w *world) secure(host string, from, to time.Duration) string {
	w.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	w.must(err)
	now := time.Now()
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "prova"}, IPAddresses: []net.IP{net.ParseIP(host)},
		NotBefore: now.Add(from * time.Hour), NotAfter: now.Add(to * time.Hour), BasicConstraintsValid: true}
	raw, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	w.must(err)
	s := httptest.NewUnstartedServer(http.NotFoundHandler())
	s.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{raw}, PrivateKey: key}}, MinVersion: tls.VersionTLS12}
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	w.t.Cleanup(s.Close)
	return s.URL
}

// TestDoctorAtTheServer goes through the steps that need the server itself.
func TestDoctorAtTheServer(t *testing.T) {
	w := newWorld(t)
	d := w.device("it")
	w.examined(d, surveysync.StepSignIn, "not_signed_in")
	w.enter(d, samples.Institution().Code)
	w.examined(d, "", "")

	w.dates(noon.AddDate(0, 0, -9), noon.AddDate(0, 0, -3), noon.AddDate(0, 0, -2))
	w.examined(d, surveysync.StepDates, string(surveysync.SurveyClosed))
	w.dates(noon.AddDate(0, 0, 1), noon.AddDate(0, 0, 3), noon.AddDate(0, 0, 3))
	w.examined(d, surveysync.StepDates, string(surveysync.SurveyNotOpen))
	w.dates(noon.AddDate(0, 0, -1), noon.AddDate(0, 0, 19), noon.AddDate(0, 0, 30))

	w.fill(d, survey.GeneralPart)
	w.must(d.Submit(survey.GeneralPart, SubmitOptions{Declared: true}))
	w.examined(d, surveysync.StepStored, "exam_queued")
	w.tamper(func(b []byte) []byte { return []byte(strings.Replace(string(b), `":1585`, `":-1`, 1)) })
	w.sync(d)
	w.examined(d, surveysync.StepPayload, "exam_stuck")
	w.tamper(nil)
	w.send(d, survey.GeneralPart)
	if e := w.examined(d, "", ""); e.Steps[len(e.Steps)-1].State != ExamOK {
		t.Errorf("the receipt was not looked at: %+v", e.Steps)
	}

	// A second computer without a password that counts any more.
	other := w.device("en")
	w.enter(other, samples.Institution().Code)
	w.must(d.ChangePassword(context.Background(), passphrase, "una frase del tutto diversa"))
	w.examined(other, surveysync.StepSignIn, string(surveysync.Unauthorized))
}
