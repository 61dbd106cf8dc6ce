package office

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"syscall"
	"time"

	"rileva/internal/store"
)

// Caller runs the calls of one data folder, wherever they run.
type Caller interface {
	// Call runs one of Calls. reply is a pointer. The error is an *Error.
	Call(ctx context.Context, name string, request, reply any) error
	Close() error
}

// ErrLocked is what open returns, wrapped or not, when another program has the
// store.
var ErrLocked = errors.New("office: the store is in use")

// Dial finds the server that runs on the data folder, or, where none does,
// opens the store itself. place is the database that the command was told to
// work on, "" where it was told nothing: a server that works on another one
// refuses. open is called with no server listening; its errors are returned as
// they are, but for ErrLocked.
func Dial(ctx context.Context, dataDir, place string, open func() (*Office, error)) (Caller, error) {
	path, err := SocketPath(dataDir)
	if err != nil {
		return nil, fail("internal").because(err)
	}
	for deadline := time.Now().Add(lockWait); ; {
		conn, err := (&net.Dialer{Timeout: dialTimeout}).DialContext(ctx, "unix", path)
		if err == nil {
			return remoteAt(path, place, conn), nil
		}
		if errors.Is(err, fs.ErrPermission) {
			return nil, fail("socket_refused", dataDir).because(err)
		}
		// The lock is the judge: with it in our hands no server runs, and a
		// file that lies there is of one that died.
		o, openErr := open()
		if openErr == nil {
			removeStale(path, err)
			return &local{o}, nil
		}
		if !errors.Is(openErr, ErrLocked) {
			return nil, openErr
		}
		// A server that is just starting, or another command: both pass.
		if ctx.Err() != nil || time.Now().After(deadline) {
			return nil, fail("unreachable", dataDir).because(errors.Join(err, openErr))
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// removeStale takes away the socket of a server that died.
func removeStale(path string, dialError error) {
	if !errors.Is(dialError, syscall.ECONNREFUSED) {
		return
	}
	if info, err := os.Lstat(path); err == nil && info.Mode()&fs.ModeSocket != 0 {
		_ = os.Remove(path)
	}
}

// local runs calls on a store that this process has opened.
type local struct{ office *Office }

func (l *local) Call(ctx context.Context, name string, request, reply any) error {
	raw, err := json.Marshal(request)
	if err != nil {
		return fail("internal").because(err)
	}
	value, err := l.office.run(ctx, name, raw)
	if err != nil {
		return err
	}
	if page, ok := value.([]store.Snapshot); ok {
		// Within one process there is no need to write hundreds of sheets as
		// JSON and to read them again: it would be a third of an export's time.
		if to, ok := reply.(*[]store.Snapshot); ok {
			*to = page
			return nil
		}
	}
	answer, err := encode(name, value)
	if err != nil {
		return err
	}
	return decode(answer, reply)
}

func (l *local) Close() error { return l.office.Store.Close() }

// remote runs them inside the server, over its socket.
type remote struct {
	place  string
	client *http.Client
}

func remoteAt(path, place string, first net.Conn) *remote {
	dialed := make(chan net.Conn, 1)
	dialed <- first
	return &remote{place, &http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			select {
			case conn := <-dialed:
				return conn, nil
			default:
				return (&net.Dialer{Timeout: dialTimeout}).DialContext(ctx, "unix", path)
			}
		},
		MaxIdleConns: 1,
	}}}
}

func (r *remote) Call(ctx context.Context, name string, request, reply any) error {
	raw, err := json.Marshal(request)
	if err != nil {
		return fail("internal").because(err)
	}
	// The host is never looked up: the transport knows one place only.
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://office/"+name, bytes.NewReader(raw))
	if err != nil {
		return fail("internal").because(err)
	}
	req.Header.Set(placeHeader, r.place)
	response, err := r.client.Do(req)
	if err != nil {
		return gone(ctx, err)
	}
	defer func() { _ = response.Body.Close() }() // read to the end, or given up
	answer, err := io.ReadAll(response.Body)
	switch {
	case err != nil:
		return gone(ctx, err)
	case response.Header.Get(officeHeader) != "1":
		return fail("other_version").because(fmt.Errorf("answer %d is not the office's", response.StatusCode))
	case response.StatusCode == http.StatusOK:
		return decode(answer, reply)
	}
	var refusal Error
	if err := json.Unmarshal(answer, &refusal); err != nil || refusal.Code == "" {
		return fail("other_version").because(err)
	}
	return &refusal
}

func gone(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return fail("interrupted").because(err)
	}
	return fail("server_gone").because(err)
}

func (r *remote) Close() error {
	r.client.CloseIdleConnections()
	return nil
}

func decode(answer []byte, reply any) error {
	if err := json.Unmarshal(answer, reply); err != nil {
		return fail("other_version").because(err)
	}
	return nil
}
