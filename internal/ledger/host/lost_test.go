//go:build unix

package host_test

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/internal/ledger/host"
	"cnie/internal/ledger/remote"
)

// unreliable loses answers and requests between desk and host, and cuts connections.
type unreliable struct {
	net.Listener
	lost atomic.Int64
}

type torn struct {
	net.Conn
	from *unreliable
	left int
}

func (u *unreliable) Accept() (net.Conn, error) {
	c, err := u.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &torn{c, u, 3 + int(u.lost.Load())%3}, nil
}

// Write loses the answer that it has been given, after some that came through.
func (c *torn) Write(p []byte) (int, error) {
	if c.left--; c.left < 0 {
		c.from.lost.Add(1)
		c.Conn.Close()
		return 0, net.ErrClosed
	}
	return c.Conn.Write(p)
}

// A connection that breaks after the entry was made: the same record again, and one
// entry of it.
func TestLostAnswers(t *testing.T) {
	w := newWorld(t)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	bad := &unreliable{Listener: listener}
	w.serve(bad)
	places := map[uint64]string{}
	var mu sync.Mutex
	var all sync.WaitGroup
	for _, name := range []string{"desk-1", "desk-2", "desk-3"} {
		desk := w.desk("https://"+listener.Addr().String(), name)
		all.Go(func() {
			for i := range 20 {
				id := name + "-" + string(rune('a'+i))
				place, err := desk.Add(context.Background(), visit(name, id))
				if assert.NoError(t, err) {
					mu.Lock()
					places[place.Index] = id
					mu.Unlock()
				}
			}
		})
	}
	all.Wait()
	t.Logf("%d answers lost on the way to 60 entries", bad.lost.Load())
	assert.Positive(t, bad.lost.Load())
	assert.Len(t, places, 60)
	audit, err := w.ledger.Verify(t.Context())
	require.NoError(t, err)
	assert.Empty(t, audit.Findings)
	assert.EqualValues(t, 60, audit.Size, "none twice")
}

// Nobody there, or somebody who says something else: not recorded, and said so.
func TestNoAnswerIsNotRecorded(t *testing.T) {
	a := newAuthority(t)
	cert, key := a.issue("host.example", "counter")
	conf, err := host.Files{Certificate: cert, Key: key, Desks: a.ca()}.TLS()
	require.NoError(t, err)
	for name, says := range map[string]string{
		"a page": "<html>200</html>", "empty": "", "no leaf": `{"place":{"index":7}}`, "short leaf": `{"place":{"index":7,"leaf":"AAAA"}}`,
	} {
		t.Run(name, func(t *testing.T) {
			listener, err := tls.Listen("tcp", "127.0.0.1:0", conf)
			require.NoError(t, err)
			var asked atomic.Int64
			server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				asked.Add(1)
				_, _ = io.WriteString(w, says)
			})}
			go func() { _ = server.Serve(listener) }()
			defer server.Close()
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			_, err = a.desk("https://"+listener.Addr().String(), "desk-1").Add(ctx, visit("desk-1", "a"))
			require.ErrorIs(t, err, remote.ErrUnrecorded)
			assert.Greater(t, asked.Load(), int64(1), "asked again")
		})
	}
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	_, err = a.desk("https://127.0.0.1:1", "desk-1").Add(ctx, visit("desk-1", "a"))
	require.ErrorIs(t, err, remote.ErrUnrecorded)
}
