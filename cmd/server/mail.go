package main

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/textproto"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/wneessen/go-mail"

	"rileva/internal/office"
)

// How the line to the mail server is protected.
const (
	smtpStartTLS = "starttls" // the server must offer it
	smtpTLS      = "tls"      // from the first byte
	smtpNone     = "none"     // only on this machine
)

// mailTime bounds one step with the mail server.
const mailTime = 30 * time.Second

// mailer sends reminders one by one. A server may hang up between two of them
// (many do after some dozens): it is called again.
type mailer struct {
	client *mail.Client
	from   string
}

// errLineLost says that the mail server hung up and does not answer again.
var errLineLost = errors.New("mail: the line is lost")

// openMailer connects and signs in: what is wrong with the server shows before
// anybody is marked as reminded.
func (p *program) openMailer(ctx context.Context, server string) (*mailer, error) {
	host, port, err := net.SplitHostPort(server)
	number, portErr := strconv.Atoi(port)
	if err != nil || portErr != nil || host == "" {
		return nil, p.fail(exitUsage, "smtp_address", server)
	}
	options := []mail.Option{mail.WithPort(number), mail.WithTimeout(mailTime),
		mail.WithTLSConfig(&tls.Config{ServerName: host, RootCAs: p.mailRoots, MinVersion: tls.VersionTLS12})}
	switch p.SMTPTLS {
	case smtpStartTLS:
		options = append(options, mail.WithTLSPolicy(mail.TLSMandatory))
	case smtpTLS:
		options = append(options, mail.WithSSL())
	case smtpNone:
		if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
			return nil, p.fail(exitUsage, "smtp_plain", server)
		}
		options = append(options, mail.WithTLSPolicy(mail.NoTLS))
	default:
		return nil, p.fail(exitUsage, "smtp_tls", p.SMTPTLS)
	}
	if p.SMTPUser != "" {
		password, err := p.smtpPassword()
		if err != nil {
			return nil, err
		}
		options = append(options, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover), mail.WithUsername(p.SMTPUser), mail.WithPassword(password))
	}
	client, err := mail.NewClient(host, options...)
	if err == nil {
		err = client.DialWithContext(ctx)
	}
	if err != nil {
		return nil, p.mailFailure(server, err)
	}
	return &mailer{client, p.SMTPFrom}, nil
}

// mailFailure says why a mail server cannot be used.
func (p *program) mailFailure(server string, err error) *failure {
	exit, key := exitUnreachable, "smtp_failed"
	var certificate *tls.CertificateVerificationError
	var plainText tls.RecordHeaderError
	var answer *textproto.Error
	switch {
	case errors.As(err, &certificate):
		key = "smtp_certificate"
	case errors.As(err, &plainText):
		key = "smtp_not_tls"
	case errors.As(err, &answer) && slices.Contains(signInRefused, answer.Code):
		exit, key = exitRefused, "smtp_login"
	}
	return p.fail(exit, key, server).because(err)
}

// signInRefused are the codes with which a sign-in is refused (RFC 4954).
var signInRefused = []int{432, 530, 534, 535, 538}

// smtpPassword comes from a file or the environment: a flag would show in the
// list of processes.
func (p *program) smtpPassword() (string, error) {
	if p.SMTPPasswordFile == "" {
		return p.SMTPPassword, nil
	}
	raw, err := os.ReadFile(p.SMTPPasswordFile)
	if err != nil {
		return "", p.fileFailure(p.SMTPPasswordFile, err)
	}
	return strings.TrimRight(string(raw), "\r\n"), nil
}

// send sends one reminder. certain says that an error means it did not leave.
func (m *mailer) send(ctx context.Context, row office.RemindRow) (certain bool, err error) {
	msg := mail.NewMsg()
	if err := errors.Join(msg.From(m.from), msg.To(row.To)); err != nil {
		return true, err
	}
	msg.Subject(row.Subject)
	msg.SetBodyString(mail.TypeTextPlain, row.Text)
	msg.SetGenHeader("Auto-Submitted", "auto-generated") // answering machines stay silent
	err = m.client.Send(msg)
	var refused *mail.SendError
	if errors.As(err, &refused) && refused.Reason == mail.ErrConnCheck { // nothing of it was said yet
		_ = m.close()
		if err := m.client.DialWithContext(ctx); err != nil {
			return true, errors.Join(errLineLost, err)
		}
		err = m.client.Send(msg)
	}
	switch {
	case err == nil, msg.IsDelivered():
		return false, nil // what fails after the delivery is not our concern
	case !errors.As(err, &refused):
		return false, err
	}
	switch refused.Reason {
	case mail.ErrGetSender, mail.ErrGetRcpts, mail.ErrSMTPMailFrom, mail.ErrSMTPRcptTo, mail.ErrSMTPData, mail.ErrNoUnencoded, mail.ErrConnCheck:
		return true, err
	}
	// The text was on its way: only a refusal in the server's own words is one.
	return refused.ErrorCode() >= 400, err
}

func (m *mailer) close() error { return m.client.Close() }
