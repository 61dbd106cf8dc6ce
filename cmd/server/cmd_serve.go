package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"rileva/internal/build"
	"rileva/internal/office"
	"rileva/internal/store/bolt"
	"rileva/internal/store/files"
	"rileva/pkg/survey"
)

// drainTime is longer than a school's slowest submission should take and
// shorter than what a system waits before it kills.
const drainTime = 20 * time.Second

// lowSpace is when the office should look after the disk: a season of a whole
// region with its copies takes less.
const lowSpace = 1 << 30

func (p *program) serveCommand() *cobra.Command {
	cmd := p.command("serve", 0, 0, func(cmd *cobra.Command, _ []string) error { return p.serve(cmd.Context()) })
	cmd.Flags().StringVar(&p.Listen, "listen", p.Listen, p.flag("listen"))
	cmd.Flags().StringVar(&p.TLSCert, "tls-cert", "", p.flag("tls-cert"))
	cmd.Flags().StringVar(&p.TLSKey, "tls-key", "", p.flag("tls-key"))
	cmd.Flags().StringVar(&p.OpsListen, "ops-listen", "", p.flag("ops-listen"))
	cmd.Flags().StringVar(&p.TrustedProxies, "trusted-proxies", "", p.flag("trusted-proxies"))
	cmd.Flags().BoolVar(&p.InsecureHTTP, "insecure-http", false, p.flag("insecure-http"))
	return cmd
}

func (p *program) serve(ctx context.Context) error {
	certificate, err := p.certificate()
	if err != nil {
		return err
	}
	if err := p.checkAddress(p.Listen, certificate != nil || p.InsecureHTTP); err != nil {
		return err
	}
	if p.OpsListen != "" {
		if _, _, err := net.SplitHostPort(p.OpsListen); err != nil {
			return p.fail(exitUsage, "bad_address", p.OpsListen).because(err)
		}
	}
	proxies, err := p.proxies()
	if err != nil {
		return err
	}
	there, err := p.hasStore(ctx, p.Data)
	if err != nil {
		return err
	}
	app, published, err := p.openApp(ctx, Config{DataDir: p.Data, Listen: p.Listen, OpsListen: p.OpsListen, Certificate: certificate, Proxies: proxies})
	if err != nil {
		return err
	}
	if !there && p.Store == "" {
		p.note("folder_created", p.Data)
	}
	if free, ok := bolt.Free(p.Data); ok && free < lowSpace {
		p.note("store_low", p.Data, int(free>>20))
	}
	if published != nil {
		p.note("survey_embedded", published.Title.In(p.words.lang))
	}
	ready := struct {
		Address string `json:"address"`
		Data    string `json:"data"`
	}{app.URL(), p.Data}
	if err := p.print(ready, func(w io.Writer) { p.line(w, "listening", app.URL()) }); err != nil {
		return errors.Join(err, app.Close())
	}
	return p.runApp(ctx, app)
}

// proxies are the networks of the trusted proxies.
func (p *program) proxies() (all []netip.Prefix, err error) {
	for one := range strings.FieldsFuncSeq(p.TrustedProxies, func(r rune) bool { return r == ',' || r == ' ' }) {
		network, err := netip.ParsePrefix(one)
		if addr, wrong := netip.ParseAddr(one); wrong == nil {
			network, err = netip.PrefixFrom(addr, addr.BitLen()), nil
		}
		if err != nil {
			return nil, p.fail(exitUsage, "bad_proxy", one).because(err)
		}
		all = append(all, network.Masked())
	}
	return all, nil
}

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
	cfg.Office, cfg.Hasher, cfg.Now, cfg.Log, cfg.Version = o, p.hasher, p.now, p.log, build.Number
	cfg.Drain, cfg.Failed = drainTime, o.Store.(keeper).Failed()
	app, err := OpenApp(cfg)
	var taken *listenError
	if errors.As(err, &taken) {
		return nil, nil, p.fail(exitUsage, "listen_failed", taken.address).because(err)
	}
	return app, published, err
}

func (p *program) runApp(ctx context.Context, app *App) error {
	app.cfg.Draining = func() { p.note("draining", int(drainTime.Seconds())) }
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var views sync.WaitGroup
	views.Go(func() { p.followViews(ctx, app.cfg.Office.Store.(keeper)) })
	err := app.Run(ctx)
	asked := ctx.Err() != nil
	stop()
	views.Wait() // before the store closes
	err = errors.Join(err, app.Close())
	if failed := app.cfg.Office.Store.(keeper).Err(); failed != nil {
		return p.storeFailed(failed)
	}
	if asked && err == nil {
		p.note("stopped")
	}
	return err
}

// storeFailed says why the server stops after an error of the disk.
func (p *program) storeFailed(err error) error {
	why := "failed_io"
	if files.Full(err) {
		why = "failed_full"
	}
	return p.fail(exitInternal, "store_failed", p.say(why), p.say(why+"_do")).because(err)
}

// certificate loads the pair of files, to be read anew when they change; nil
// when none is given.
func (p *program) certificate() (func(*tls.ClientHelloInfo) (*tls.Certificate, error), error) {
	if p.TLSCert == "" && p.TLSKey == "" {
		return nil, nil
	}
	if p.TLSCert == "" || p.TLSKey == "" {
		return nil, p.fail(exitUsage, "tls_pair")
	}
	const most = 1 << 20
	cert, err := p.readFile(p.TLSCert, most)
	if err != nil {
		return nil, err
	}
	key, err := p.readFile(p.TLSKey, most)
	if err != nil {
		return nil, err
	}
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		return nil, p.fail(exitUsage, "tls_bad", p.TLSCert, p.TLSKey).because(err)
	}
	files := &certificateFiles{cert: p.TLSCert, key: p.TLSKey, now: p.now, log: p.log, pair: &pair, checked: p.now()}
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
