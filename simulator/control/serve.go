package control

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"time"
)

// ErrTaken says that a running simulator answers at the path already.
var ErrTaken = errors.New("another simulator is controlled there")

// ErrNotSocket says that the path is something else.
var ErrNotSocket = errors.New("it is there and is no socket")

// exitUsage is the exit code for a request that nobody can do.
const exitUsage = 64

// Listen makes the socket, for its owner alone. One that a program left behind
// that is no more is replaced; it goes away when the listener is closed.
func Listen(path string) (net.Listener, error) {
	if err := vacate(path); err != nil {
		return nil, fmt.Errorf("make the control socket: %w", err)
	}
	l, err := (&net.ListenConfig{Control: ownerOnly}).Listen(context.Background(), "unix", path)
	if err != nil {
		return nil, fmt.Errorf("make the control socket: %w", err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		_ = l.Close()
		return nil, fmt.Errorf("make the control socket: %w", err)
	}
	return l, nil
}

// vacate removes a socket at which nobody answers.
func vacate(path string) error {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil
	case err != nil:
		return err
	case info.Mode().Type() != os.ModeSocket:
		return ErrNotSocket
	}
	if conn, err := net.DialTimeout("unix", path, time.Second); err == nil {
		_ = conn.Close()
		return ErrTaken
	}
	return os.Remove(path)
}

// Serve answers requests until ctx ends; it closes the listener. Requests are
// handed to answer one at a time, whoever sends them.
func Serve(ctx context.Context, l net.Listener, answer func(context.Context, Request) Answer) error {
	defer l.Close()
	stop := context.AfterFunc(ctx, func() { _ = l.Close() })
	defer stop()
	var turn sync.Mutex
	for {
		conn, err := l.Accept()
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return fmt.Errorf("take control requests: %w", err)
		}
		go converse(ctx, conn, func(r Request) Answer {
			turn.Lock()
			defer turn.Unlock()
			return answer(ctx, r)
		})
	}
}

// converse answers line after line.
func converse(ctx context.Context, conn net.Conn, answer func(Request) Answer) {
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	lines := bufio.NewScanner(conn)
	lines.Buffer(nil, maxLine)
	out := json.NewEncoder(conn)
	for lines.Scan() {
		var reply Answer
		if r, err := parse(lines.Bytes()); err != nil {
			reply = Answer{Error: err.Error(), Exit: exitUsage}
		} else {
			reply = answer(r)
		}
		if out.Encode(reply) != nil {
			return
		}
	}
	if errors.Is(lines.Err(), bufio.ErrTooLong) {
		_ = out.Encode(Answer{Error: fmt.Sprintf("a request has %d bytes at most", maxLine), Exit: exitUsage})
	}
}
