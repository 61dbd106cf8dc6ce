package postgres

import (
	"cmp"
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"

	"rileva/internal/store"
	"rileva/internal/store/engine"
	surveysync "rileva/pkg/sync"
)

//go:embed migrations
var migrations embed.FS

// Options are what Open cannot know by itself.
type Options struct {
	engine.Config
	// PasswordFile holds the password of the database; "" takes it from where
	// PostgreSQL's own programs do (PGPASSWORD, PGPASSFILE, ~/.pgpass).
	PasswordFile string
	// Copy writes a store to a file: what Backup gives.
	Copy func(ctx context.Context, tx engine.Tx, path string) (store.BackupInfo, error)
}

// Store is a store.Store in a database. Make one with Open.
type Store struct {
	*engine.Store
	disk disk
	copy func(ctx context.Context, tx engine.Tx, path string) (store.BackupInfo, error)
}

var _ store.Store = (*Store)(nil)

// Open opens the store at an address (postgres://…), brings its tables up to
// date and begins a new store where there is none. Its errors are an
// *engine.OpenError.
func Open(ctx context.Context, address string, opt Options) (*Store, error) {
	opt.Config, opt.Shared = opt.Filled(), true
	d, err := dial(ctx, address, opt.PasswordFile)
	if err != nil {
		return nil, err
	}
	s := &Store{disk: d, copy: opt.Copy}
	if err = d.begin(ctx, address, opt.Config); err == nil {
		s.Store, err = engine.New(ctx, d, opt.Config)
	}
	if err != nil {
		return nil, errors.Join(asOpenError(address, err), d.Close())
	}
	return s, nil
}

// Where a failing connection is noticed: a peer that is gone, not one that is
// slow. A commit waits for as long as the standby is being waited for.
const (
	connectLimit = 5 * time.Second
	silence      = 20 * time.Second
)

// planning keeps PostgreSQL from thinking anew about each statement: all of
// them go by a key. No parameters of the connection, which a pool in between
// would refuse.
const planning = "set plan_cache_mode = force_generic_plan; set enable_seqscan = off"

// dial opens connections and brings the tables up to date.
func dial(ctx context.Context, address, passwordFile string) (disk, error) {
	d, err := connect(ctx, address, passwordFile)
	if err != nil {
		return disk{}, err
	}
	if err := d.migrate(ctx); err != nil {
		d.pool.Close()
		return disk{}, asOpenError(address, err)
	}
	return d, nil
}

// connect opens connections, and changes nothing.
func connect(ctx context.Context, address, passwordFile string) (disk, error) {
	c, err := pgxpool.ParseConfig(address)
	if err != nil {
		// The library's text quotes the address, and a password may stand in it.
		return disk{}, ErrAddress.At(Masked(address), nil)
	}
	if passwordFile != "" {
		raw, err := os.ReadFile(passwordFile)
		if err != nil {
			return disk{}, ErrPassword.At(passwordFile, err)
		}
		c.ConnConfig.Password = strings.TrimRight(string(raw), "\r\n")
	}
	if c.ConnConfig.ConnectTimeout == 0 {
		c.ConnConfig.ConnectTimeout = connectLimit
	}
	dialer := &net.Dialer{Timeout: connectLimit, Control: userTimeout,
		KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: silence / 4, Interval: silence / 4, Count: 3}}
	c.ConnConfig.DialFunc = dialer.DialContext
	if c.ConnConfig.RuntimeParams["application_name"] == "" {
		c.ConnConfig.RuntimeParams["application_name"] = "rileva-server"
	}
	c.ConnConfig.OnNotice = func(conn *pgconn.PgConn, n *pgconn.Notice) {
		if n.Code == warning {
			conn.CustomData()[warned] = n.Message
		}
	}
	c.ConnConfig.OnPgError = keep
	c.AfterConnect = func(ctx context.Context, conn *pgx.Conn) error {
		if tooOld(conn.PgConn().ParameterStatus("server_version")) {
			return ErrOld.At(Masked(address), nil)
		}
		_, err := conn.Exec(ctx, planning)
		return err
	}
	if c.ConnConfig.ValidateConnect != nil {
		c.PrepareConn = lookAgain(c.ConnConfig.ValidateConnect)
	}
	pool, err := pgxpool.NewWithConfig(ctx, c)
	if err != nil {
		return disk{}, ErrDatabase.At(Masked(address), err)
	}
	return disk{pool}, nil
}

// lookAgain asks a connection once a second what it was asked when it was opened
// (target_session_attrs). A pool in between may lead it to a machine that has
// become a standby, where one would read what was true before.
func lookAgain(asked pgconn.ValidateConnectFunc) func(context.Context, *pgx.Conn) (bool, error) {
	const looked = "looked"
	return func(ctx context.Context, conn *pgx.Conn) (bool, error) {
		said := conn.PgConn().CustomData()
		if at, ok := said[looked].(time.Time); ok && time.Since(at) < time.Second {
			return true, nil
		}
		if err := asked(ctx, conn.PgConn()); err != nil {
			return false, nil // another one is tried
		}
		said[looked] = time.Now()
		return true, nil
	}
}

// tooOld tells whether a server's version ("14.9 (Debian 14.9-1)") is one that
// no test knows. One that does not say is given a try.
func tooOld(version string) bool {
	digits := strings.TrimLeft(version, "0123456789")
	major, err := strconv.Atoi(strings.TrimSuffix(version, digits))
	return err == nil && major < 15
}

// migrate brings the tables up to this program's. Those of a newer program are
// refused: error engine.ErrNewer.
//
// Of servers that start together one does it, and the others wait. Their lock is
// a transaction's, because a pool in between may give two statements of one
// session two sessions.
func (d disk) migrate(ctx context.Context) error {
	steps, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	return pgx.BeginFunc(ctx, d.pool, func(turn pgx.Tx) error {
		if _, err := turn.Exec(ctx, "select pg_advisory_xact_lock($1)", int64(migrationLock)); err != nil {
			return err
		}
		db := stdlib.OpenDBFromPool(d.pool)
		p, err := goose.NewProvider(goose.DialectPostgres, db, steps, goose.WithTableName("schema_version"))
		if err != nil {
			return errors.Join(err, db.Close())
		}
		at, target, err := p.GetVersions(ctx)
		switch {
		case err != nil:
		case at > target:
			err = engine.ErrNewer
		case at < target:
			_, err = p.Up(ctx)
		}
		return errors.Join(err, db.Close())
	})
}

// begin makes a new store where there is none.
func (d disk) begin(ctx context.Context, address string, c engine.Config) error {
	tx, err := d.Begin(ctx) // two programs that begin: the second finds what the first has made
	if err != nil {
		return err
	}
	if tx.Bucket(engine.BucketMeta).Get(engine.KeyIdentity) != nil || tx.Err() != nil {
		return errors.Join(tx.Err(), tx.Rollback())
	}
	if tx.Bucket(engine.BucketMeta).Get(engine.KeyCopying) != nil {
		return errors.Join(ErrHalf.At(Masked(address), nil), tx.Rollback())
	}
	identity, err := engine.NewIdentity(c)
	if err == nil {
		err = engine.PutIdentity(tx, identity)
	}
	if err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}

// Check implements store.Store: on one snapshot, while others write.
func (s *Store) Check(ctx context.Context) (faults []string, err error) {
	err = s.View(ctx, func(tx engine.Tx) (err error) {
		faults, _, err = engine.CheckTx(ctx, tx, nil)
		return err
	})
	return faults, err
}

// Backup implements store.Store: the copy is a store in a file. PostgreSQL's
// own tools make the copies that it can be brought back from itself.
func (s *Store) Backup(ctx context.Context, path string) (info store.BackupInfo, err error) {
	if s.copy == nil {
		return info, errors.New("postgres: no way to write a copy was given")
	}
	err = s.View(ctx, func(tx engine.Tx) (err error) {
		info, err = s.copy(ctx, tx, path)
		return err
	})
	return info, err
}

// Masked is an address without its password, for people and logs.
func Masked(address string) string {
	c, err := pgconn.ParseConfig(address)
	if err != nil {
		scheme, _, _ := strings.Cut(address, "://")
		return scheme + "://…"
	}
	return fmt.Sprintf("postgres://%s@%s:%d/%s", c.User, c.Host, c.Port, c.Database)
}

// HasPassword tells whether a password stands in an address itself, where the
// list of processes shows it.
func HasPassword(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return strings.Contains(address, "password") || strings.Contains(address, "@")
	}
	_, shown := u.User.Password()
	return shown || u.Query().Has("password")
}

// The errors of an address, as people are told them.
var (
	ErrAddress = &engine.OpenError{Code: "store_address",
		Message: "l'indirizzo della base dati non si capisce.",
		Hint:    "Scriverlo come postgres://utente@server:5432/rileva; la password va in un file (--store-password-file) o in PGPASSFILE."}
	ErrPassword = &engine.OpenError{Code: "store_password",
		Message: "il file con la password della base dati non si può leggere.",
		Hint:    "Controllare il percorso e i permessi."}
	ErrDatabase = &engine.OpenError{Code: "store_database",
		Message: "la base dati non risponde, o rifiuta l'accesso.",
		Hint:    "Controllare che PostgreSQL sia avviato e l'indirizzo; il motivo è nel registro del programma."}
	ErrLogin = &engine.OpenError{Code: "store_login",
		Message: "la base dati rifiuta l'utente o la password.",
		Hint:    "Controllare l'utente nell'indirizzo, la password (--store-password-file o PGPASSFILE) e pg_hba.conf."}
	ErrMissing = &engine.OpenError{Code: "store_missing",
		Message: "questa base dati non esiste.",
		Hint:    "Controllare il nome nell'indirizzo, oppure crearla con createdb."}
	ErrRights = &engine.OpenError{Code: "store_rights",
		Message: "l'utente non ha i diritti sulle tabelle della base dati.",
		Hint:    "Usare l'utente che possiede la base dati."}
	ErrOld = &engine.OpenError{Code: "store_old",
		Message: "questa base dati è di una versione di PostgreSQL troppo vecchia.",
		Hint:    "Serve PostgreSQL 15 o una versione più recente."}
	ErrNone = &engine.OpenError{Code: "store_none",
		Message: "in questa base dati non c'è un archivio di rileva-server.",
		Hint:    "Controllare il nome della base dati nell'indirizzo."}
	ErrHalf = &engine.OpenError{Code: "store_half",
		Message: "in questa base dati c'è una copia rimasta a metà.",
		Hint:    "Ripetere «rileva-server store copy» con la stessa origine: continua da dove si era fermata."}
)

// asOpenError tells people what they can act on; the cause is for the log.
func asOpenError(address string, err error) error {
	var known *engine.OpenError
	if errors.As(err, &known) {
		if known.Path == "" {
			return known.At(Masked(address), nil)
		}
		return err
	}
	why := ErrDatabase
	if e := (*pgconn.PgError)(nil); errors.As(err, &e) {
		why = cmp.Or(refusedOpen[e.Code], ErrDatabase)
	}
	return why.At(Masked(address), errors.Join(store.Errorf(surveysync.Unavailable, "the database does not answer"), err))
}

// refusedOpen are the answers of a server that runs, by sqlstate.
var refusedOpen = map[string]*engine.OpenError{"28000": ErrLogin, "28P01": ErrLogin, "3D000": ErrMissing, "42501": ErrRights}
