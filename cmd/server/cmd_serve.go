package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"runtime/debug"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"rileva/internal/office"
	"rileva/internal/store/bolt"
	"rileva/pkg/survey"
)

// drainTime is longer than a school's slowest submission should take and
// shorter than what a system waits before it kills.
const drainTime = 20 * time.Second

type serveFlags struct {
	listen, cert, key, ops string
	insecure               bool
}

func (p *program) serveCommand() *cobra.Command {
	var f serveFlags
	cmd := p.command("serve", 0, 0, func(cmd *cobra.Command, _ []string) error {
		return p.serve(cmd.Context(), f)
	})
	cmd.Flags().StringVar(&f.listen, "listen", "127.0.0.1:8080", p.flag("listen"))
	cmd.Flags().StringVar(&f.cert, "tls-cert", "", p.flag("tls-cert"))
	cmd.Flags().StringVar(&f.key, "tls-key", "", p.flag("tls-key"))
	cmd.Flags().StringVar(&f.ops, "ops-listen", "", p.flag("ops-listen"))
	cmd.Flags().BoolVar(&f.insecure, "insecure-http", false, p.flag("insecure-http"))
	return cmd
}

func (p *program) serve(ctx context.Context, f serveFlags) error {
	certificate, err := p.certificate(f)
	if err != nil {
		return err
	}
	if err := p.checkAddress(f.listen, certificate != nil || f.insecure); err != nil {
		return err
	}
	if f.ops != "" {
		if _, _, err := net.SplitHostPort(f.ops); err != nil {
			return p.fail(exitUsage, "bad_address", f.ops).because(err)
		}
	}
	there, err := hasStore(p.data)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return p.fail(exitUsage, "folder_failed", p.data).because(err)
	}
	app, published, err := p.openApp(ctx, Config{DataDir: p.data, Listen: f.listen, OpsListen: f.ops, Certificate: certificate})
	if err != nil {
		return err
	}
	if !there {
		p.note("folder_created", p.data)
	}
	if published != nil {
		p.note("survey_embedded", published.Title.In(p.words.lang))
	}
	ready := struct {
		Address string `json:"address"`
		Data    string `json:"data"`
	}{app.URL(), p.data}
	if err := p.print(ready, func(w io.Writer) { p.line(w, "listening", app.URL()) }); err != nil {
		return errors.Join(err, app.Close())
	}
	if p.getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	return p.runApp(ctx, app)
}

// gcPercent lets the heap grow further than Go alone would. It holds a few
// megabytes, and every submission leaves some sixty kilobytes behind: at 100
// the collector would run after each hundred of them.
const gcPercent = 400

// openApp opens the store of a folder and the server on it; cfg says where, the
// rest is filled in here.
func (p *program) openApp(ctx context.Context, cfg Config) (*App, *survey.Questionnaire, error) {
	dir := cfg.DataDir
	o, err := p.openOffice(dir)
	if errors.Is(err, office.ErrLocked) {
		return nil, nil, p.fail(exitConflict, "store_locked", dir).because(err)
	}
	if err != nil {
		return nil, nil, err
	}
	published, err := p.begin(ctx, o)
	if err != nil {
		return nil, nil, errors.Join(err, o.Store.Close())
	}
	cfg.Office, cfg.Hasher, cfg.Now, cfg.Log, cfg.Version = o, p.hasher, p.now, p.log, version()
	cfg.Drain, cfg.Failed = drainTime, o.Store.(*bolt.Store).Failed()
	app, err := OpenApp(cfg)
	var taken *listenError
	if errors.As(err, &taken) {
		return nil, nil, p.fail(exitUsage, "listen_failed", taken.address).because(err)
	}
	return app, published, err
}

func (p *program) runApp(ctx context.Context, app *App) error {
	app.cfg.Draining = func() { p.note("draining", int(drainTime.Seconds())) }
	err := errors.Join(app.Run(ctx), app.Close())
	if failed := app.cfg.Office.Store.(*bolt.Store).Err(); failed != nil {
		return p.storeFailed(failed)
	}
	if ctx.Err() != nil && err == nil {
		p.note("stopped")
	}
	return err
}

// storeFailed says why the server stops after an error of the disk.
func (p *program) storeFailed(err error) error {
	why := "failed_io"
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		why = "failed_full"
	}
	return p.fail(exitInternal, "store_failed", p.say(why), p.say(why+"_do")).because(err)
}

// certificate loads the pair of files, to be read anew when they change; nil
// when none is given.
func (p *program) certificate(f serveFlags) (func(*tls.ClientHelloInfo) (*tls.Certificate, error), error) {
	if f.cert == "" && f.key == "" {
		return nil, nil
	}
	if f.cert == "" || f.key == "" {
		return nil, p.fail(exitUsage, "tls_pair")
	}
	const most = 1 << 20
	cert, err := p.readFile(f.cert, most)
	if err != nil {
		return nil, err
	}
	key, err := p.readFile(f.key, most)
	if err != nil {
		return nil, err
	}
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		return nil, p.fail(exitUsage, "tls_bad", f.cert, f.key).because(err)
	}
	files := &certificateFiles{cert: f.cert, key: f.key, now: p.now, log: p.log, pair: &pair, checked: p.now()}
	files.changed = files.modified()
	return files.get, nil
}

// checkAddress refuses to send passwords in the clear over a network.
func (p *program) checkAddress(listen string, safe bool) error {
	host, port, err := net.SplitHostPort(listen)
	if err != nil || port == "" {
		return p.fail(exitUsage, "bad_address", listen).because(err)
	}
	if _, err := net.LookupPort("tcp", port); err != nil {
		return p.fail(exitUsage, "bad_address", listen).because(err)
	}
	if safe || strings.EqualFold(host, "localhost") {
		return nil
	}
	if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
		return p.fail(exitUsage, "plain_http", listen)
	}
	return nil
}

// quoted quotes an argument for a shell, where it needs it.
func quoted(arg string) string {
	if arg != "" && !strings.ContainsFunc(arg, func(r rune) bool {
		return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:=,@", r)
	}) {
		return arg
	}
	return fmt.Sprintf("'%s'", strings.ReplaceAll(arg, "'", `'\''`))
}
