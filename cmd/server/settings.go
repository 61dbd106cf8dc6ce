package main

import (
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/spf13/pflag"
)

// Settings are what whoever runs the server decides once. Each has a name, and
// of these the first that speaks of it counts:
//
//   - the flag --NAME of the command
//   - the environment: RILEVA_NAME, in capitals and with _ for -
//   - the file of --config or RILEVA_CONFIG: YAML, "name: value" on each line
//   - the default
//
// --print-config shows all of them and where each comes from.
type Settings struct {
	// Data is the folder of the store.
	Data string `name:"data"`
	// Store is the address of a PostgreSQL database that holds the store
	// (postgres://user@host:5432/name); "" keeps it in a file of the data folder.
	Store string `name:"store"`
	// StorePasswordFile holds the password of the database; "" leaves it to
	// PGPASSWORD, PGPASSFILE and ~/.pgpass. It never stands in the address, which
	// every process could read.
	StorePasswordFile string `name:"store-password-file"`
	// LogKey is the file with the key that signs the sync log; "" is rileva.key
	// in the data folder.
	LogKey string `name:"log-key"`
	// NetworkFolder lets Data lie on another computer's disk, where a lock may
	// lock nobody out.
	NetworkFolder bool `name:"network-folder"`
	// LogLevel is how much is told on stderr: off, error, warn, info, debug.
	// serve tells errors where nothing else is said.
	LogLevel string `name:"log-level"`

	// Listen is the address of the schools' door, host:port.
	Listen string `name:"listen"`
	// TLSCert and TLSKey are PEM files; both or neither.
	TLSCert string `name:"tls-cert"`
	TLSKey  string `name:"tls-key"`
	// InsecureHTTP allows plain HTTP on an address that is no loopback one,
	// behind a proxy that has the certificate.
	InsecureHTTP bool `name:"insecure-http"`
	// TrustedProxies are addresses or networks, with commas between them, whose
	// connections say in the PROXY protocol for whom they are; "" is none.
	TrustedProxies string `name:"trusted-proxies"`
	// OpsListen is the address of metrics, health and readiness; "" is none.
	OpsListen string `name:"ops-listen"`

	// SMTPFrom is the sender of reminders.
	SMTPFrom string `name:"smtp-from"`
	// SMTPUser signs in to the mail server; "" does not.
	SMTPUser string `name:"smtp-user"`
	// SMTPPasswordFile holds its password; "" takes SMTPPassword.
	SMTPPasswordFile string `name:"smtp-password-file"`
	// SMTPPassword has no flag, which every process could read, and is never
	// shown.
	SMTPPassword string `name:"smtp-password" secret:"yes"`
	// SMTPTLS is how the line to the mail server is protected: starttls, tls,
	// or none on this machine.
	SMTPTLS string `name:"smtp-tls"`
}

func defaultSettings() Settings {
	return Settings{Data: "./rileva-data", LogLevel: "off", Listen: "127.0.0.1:8080", SMTPTLS: smtpStartTLS}
}

// maxConfigFile is plenty for a few lines.
const maxConfigFile = 1 << 20

// errShown ends a command that was only asked for its settings.
var errShown = errors.New("the settings were shown")

// setting is one field of Settings.
type setting struct {
	name   string
	secret bool
	value  reflect.Value // a string or a bool
}

// list gives the settings in the order of the struct.
func (s *Settings) list() []setting {
	v := reflect.ValueOf(s).Elem()
	out := make([]setting, v.NumField())
	for i := range out {
		f := v.Type().Field(i)
		out[i] = setting{f.Tag.Get("name"), f.Tag.Get("secret") != "", v.Field(i)}
	}
	return out
}

func (s setting) variable() string {
	return "RILEVA_" + strings.ToUpper(strings.ReplaceAll(s.name, "-", "_"))
}

// set is false for what is no value of the setting.
func (s setting) set(text string) bool {
	if s.value.Kind() == reflect.String {
		s.value.SetString(text)
		return true
	}
	on, err := strconv.ParseBool(text)
	s.value.SetBool(on)
	return err == nil
}

// settle gives every setting that no flag has set its value from the
// environment or the file, and notes where it came from.
func (p *program) settle(flags *pflag.FlagSet) error {
	p.sources = map[string]string{}
	if !flags.Changed("config") {
		p.config = p.getenv("RILEVA_CONFIG")
	}
	file, err := p.readConfig()
	if err != nil {
		return err
	}
	for _, s := range p.list() {
		text, source := p.getenv(s.variable()), s.variable()
		if text == "" {
			text, source = file[s.name].text, file[s.name].where
		}
		switch {
		case flags.Changed(s.name):
			p.sources[s.name] = "--" + s.name
		case text == "":
		case !s.set(text):
			return p.fail(exitUsage, "config_value", source, s.name, text)
		default:
			p.sources[s.name] = source
		}
	}
	return nil
}

// configLine is one line of the file: what it says and where.
type configLine struct{ text, where string }

// readConfig reads the file of settings; nothing without one.
func (p *program) readConfig() (map[string]configLine, error) {
	if p.config == "" {
		return nil, nil
	}
	data, err := p.readFile(p.config, maxConfigFile)
	if err != nil {
		return nil, err
	}
	file, err := parser.ParseBytes(data, 0)
	if err != nil || len(file.Docs) > 1 {
		return nil, p.fail(exitUsage, "config_bad", p.config).because(err)
	}
	if len(file.Docs) == 0 || file.Docs[0].Body == nil {
		return nil, nil
	}
	mapping, ok := file.Docs[0].Body.(ast.MapNode)
	if !ok {
		return nil, p.fail(exitUsage, "config_bad", p.config)
	}
	var names []string
	for _, s := range p.list() {
		names = append(names, s.name)
	}
	out := map[string]configLine{}
	for lines := mapping.MapRange(); lines.Next(); {
		name := lines.Key().String()
		where := fmt.Sprintf("%s:%d", p.config, lines.Key().GetToken().Position.Line)
		if !slices.Contains(names, name) {
			return nil, p.fail(exitUsage, "config_key", where, name, strings.Join(names, ", "))
		}
		value, scalar := lines.Value().(ast.ScalarNode)
		if _, twice := out[name]; twice || !scalar {
			return nil, p.fail(exitUsage, "config_value", where, name, strings.TrimSpace(lines.Value().String()))
		}
		text := ""
		if v := value.GetValue(); v != nil {
			text = fmt.Sprint(v)
		}
		out[name] = configLine{text, where}
	}
	return out, nil
}

// shownSetting is one as --print-config prints it.
type shownSetting struct {
	Name   string `json:"name"`
	Value  any    `json:"value"`  // "***" for a secret that is set
	Source string `json:"source"` // flag, variable, file:line; "" is the default
}

func (p *program) showSettings() error {
	var all []shownSetting
	for _, s := range p.list() {
		one := shownSetting{s.name, s.value.Interface(), p.sources[s.name]}
		if s.secret && one.Value != "" {
			one.Value = "***"
		}
		if s.name == "store" {
			one.Value = p.place() // from a file or a variable it may have a password in it
		}
		all = append(all, one)
	}
	return p.print(all, func(w io.Writer) {
		rows := make([][]string, len(all))
		for i, one := range all {
			rows[i] = []string{one.Name, fmt.Sprint(one.Value), one.Source}
			if one.Source == "" {
				rows[i][2] = p.say("by_default")
			}
		}
		table(w, []string{p.say("col_setting"), p.say("col_value"), p.say("col_source")}, rows)
	})
}
