package office

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// SocketName is the socket's file in the data folder.
const SocketName = "rileva.sock"

// maxSocketPath is what fits into sun_path everywhere: macOS has 104 bytes
// with the closing zero, Linux 108.
const maxSocketPath = 103

// Limits of the socket. A request carries register files in base64.
const (
	maxCall     = 4*MaxRegisterFile/3 + 16<<20
	dialTimeout = 2 * time.Second
	// lockWait is how long a command waits while another one has the store.
	lockWait = 5 * time.Second
)

// officeHeader tells our socket from any other HTTP server behind that path.
const officeHeader = "Rileva-Office"

// placeHeader names the database that a command was told to work on.
const placeHeader = "Rileva-Store"

// SocketPath is where the server of a data folder listens: in the folder, or,
// where that path is too long for a socket, under a name derived from it in a
// private temporary folder. Whichever way the folder is named, it is the same.
func SocketPath(dataDir string) (string, error) {
	dir, err := filepath.Abs(dataDir)
	if err != nil {
		return "", err
	}
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		dir = real
	}
	if path := filepath.Join(dir, SocketName); len(path) <= maxSocketPath {
		return path, nil
	}
	sum := sha256.Sum256([]byte(dir))
	private := fmt.Sprintf("rileva-%d", os.Getuid())
	return filepath.Join(os.TempDir(), private, hex.EncodeToString(sum[:8])+".sock"), nil
}

// Listen opens the socket of a data folder, readable by its owner alone. The
// caller holds the store's lock, so a file that lies there is of a dead server.
func Listen(dataDir string) (net.Listener, error) {
	path, err := SocketPath(dataDir)
	if err != nil {
		return nil, fail("socket_failed", dataDir).because(err)
	}
	l, err := listen(path)
	if err != nil {
		return nil, fail("socket_failed", path).because(err)
	}
	return l, nil
}

// listen makes the socket in a folder that nobody else can enter and moves it
// to its place: between bind and chmod anybody could connect to it.
func listen(path string) (net.Listener, error) {
	dir := filepath.Dir(path)
	if filepath.Base(path) != SocketName {
		if err := privateDir(dir); err != nil {
			return nil, err
		}
	}
	// Not longer than the socket's own name, so that it fits wherever that does,
	// and of this socket only: the private folder serves several servers.
	inner := strings.TrimSuffix(path, ".sock") + ".n"
	if err := os.RemoveAll(inner); err != nil {
		return nil, err
	}
	if err := os.Mkdir(inner, 0o700); err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(inner) }() // left over, the next server removes it
	temporary := filepath.Join(inner, "s")
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: temporary, Net: "unix"})
	if err != nil {
		return nil, err
	}
	l.SetUnlinkOnClose(false) // it would look for the temporary name
	if err = os.Chmod(temporary, 0o600); err == nil {
		err = os.Rename(temporary, path)
	}
	if err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return &socket{l, path}, nil
}

// privateDir makes or takes a folder that is ours and closed to others. A
// folder under /tmp that somebody else has prepared is refused.
func privateDir(dir string) error {
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return err
	}
	if !info.IsDir() || !ownedByUs(info) || info.Mode().Perm()&0o077 != 0 {
		return fmt.Errorf("%s is not a private folder of this user", dir)
	}
	return nil
}

// socket removes its file when it is closed.
type socket struct {
	net.Listener
	path string
}

// Close implements net.Listener.
func (s *socket) Close() error {
	// First the name, then the listener: after it another server may come.
	err := os.Remove(s.path)
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return errors.Join(s.Listener.Close(), err)
}

// Handler answers the calls of the socket: POST /<name> with a JSON request.
// Causes of internal errors go to log and not to the caller.
func (o *Office) Handler(log *slog.Logger) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set(officeHeader, "1")
		w.Header().Set("Content-Type", "application/json")
		name := strings.TrimPrefix(r.URL.Path, "/")
		start := time.Now()
		request, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxCall))
		var reply []byte
		var tooLarge *http.MaxBytesError
		switch {
		case errors.As(err, &tooLarge):
			err = fail("too_large")
		case err != nil:
			return // the command has gone away
		case r.Method != http.MethodPost:
			err = fail("other_version")
		case !slices.Contains([]string{"", o.Place}, r.Header.Get(placeHeader)):
			err = fail("other_store", cmp.Or(o.Place, "rileva.db"), r.Header.Get(placeHeader))
		default:
			var value any
			if value, err = o.run(r.Context(), name, request); err == nil {
				reply, err = encode(name, value)
			}
		}
		var refusal *Error
		if errors.As(err, &refusal) {
			log.Info("office call refused", "call", name, "code", refusal.Code, "cause", refusal.cause, "duration", time.Since(start))
			w.WriteHeader(http.StatusUnprocessableEntity)
			if reply, err = json.Marshal(refusal); err != nil {
				return // strings only: cannot happen
			}
		} else {
			log.Info("office call", "call", name, "duration", time.Since(start))
		}
		_, _ = w.Write(reply)
	})
}

// Server gives the HTTP server for the socket.
func (o *Office) Server(log *slog.Logger) *http.Server {
	return &http.Server{Handler: o.Handler(log), ReadHeaderTimeout: 10 * time.Second,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn)}
}
