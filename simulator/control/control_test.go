package control

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// socket is a short path: one of a socket has about a hundred bytes.
func socket(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "ctl")
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return filepath.Join(dir, "s")
}

// serving answers requests for the rest of the test.
func serving(t *testing.T, answer func(context.Context, Request) Answer) (path string) {
	t.Helper()
	path = socket(t)
	l, err := Listen(path)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- Serve(ctx, l, answer) }()
	t.Cleanup(func() {
		cancel()
		assert.NoError(t, <-served)
		assert.NoFileExists(t, path)
	})
	return path
}

// A run of a thousand slots can tell of them all.
func TestLongAnswer(t *testing.T) {
	all := make([]Slot, 1000)
	for i := range all {
		all[i] = Slot{Slot: i, At: "127.0.0.1:35963", Card: "specimen,slow=20ms", Faults: []string{"slow=20ms"}}
	}
	path := serving(t, func(context.Context, Request) Answer { return Answer{Slots: all} })
	reply, err := Ask(t.Context(), path, Request{Do: Status})
	require.NoError(t, err)
	assert.Equal(t, all, reply.Slots)
}

func TestAsk(t *testing.T) {
	var got Request
	path := serving(t, func(_ context.Context, r Request) Answer {
		got = r
		if r.Do == Remove {
			return Answer{Error: "slot 1 is empty already", Exit: 69}
		}
		return Answer{Slots: []Slot{{Slot: r.Slot, At: "127.0.0.1:1", Card: r.Card, Seen: true, Commands: 7, Faults: []string{"slow"}}}}
	})
	request := Request{Do: Swap, Slot: 1, Card: "expired,slow=1ms"}
	reply, err := Ask(t.Context(), path, request)
	require.NoError(t, err)
	require.NoError(t, reply.Err())
	assert.Equal(t, request, got)
	assert.Equal(t, []Slot{{Slot: 1, At: "127.0.0.1:1", Card: "expired,slow=1ms", Seen: true, Commands: 7, Faults: []string{"slow"}}}, reply.Slots)

	reply, err = Ask(t.Context(), path, Request{Do: Remove, Slot: 1})
	require.NoError(t, err)
	assert.EqualError(t, reply.Err(), "slot 1 is empty already")
	assert.Equal(t, 69, reply.Exit)

	got = Request{}
	reply, err = Ask(t.Context(), path, Request{Do: "dance"})
	require.NoError(t, err)
	assert.ErrorContains(t, reply.Err(), "insert, remove, swap, fault and status")
	assert.Equal(t, 64, reply.Exit)
	assert.Zero(t, got, "it was not even sent")

	_, err = Ask(t.Context(), filepath.Join(t.TempDir(), "nobody"), Request{Do: Status})
	assert.ErrorIs(t, err, ErrNobody)
}

// One connection carries any number of lines; a wrong one does no harm to the
// next.
func TestLines(t *testing.T) {
	path := serving(t, func(_ context.Context, r Request) Answer {
		return Answer{Slots: []Slot{{Slot: r.Slot}}}
	})
	conn, err := net.Dial("unix", path)
	require.NoError(t, err)
	defer conn.Close()
	in := bufio.NewReader(conn)
	for _, c := range [][2]string{
		{`{"do":"status"}`, `{"slots":[{"slot":0,"at":"","commands":0}]}`},
		{`{"do":"status","slot":3}`, `{"slots":[{"slot":3,"at":"","commands":0}]}`},
		{`nonsense`, `{"error":"a request is one JSON object on one line: invalid character`},
		{`{"do":"status"} {}`, `{"error":"a request is one JSON object on one line, and nothing after it","exit":64}`},
		{`{"do":"status","when":"now"}`, `{"error":"a request is one JSON object on one line: json: unknown field`},
		{`{"do":"status","slot":-1}`, `{"error":"slots are counted from 0","exit":64}`},
		{`{"do":"remove","card":"specimen"}`, `{"error":"remove takes no card","exit":64}`},
		{`{"do":"insert","faults":["slow"]}`, `{"error":"insert takes no faults`},
		{`{"do":"fault"}`, `{"error":"name a fault to switch on`},
		{`{"do":"fault","clear":true}`, `{"slots":[{"slot":0`},
	} {
		_, err := fmt.Fprintln(conn, c[0])
		require.NoError(t, err)
		line, err := in.ReadString('\n')
		require.NoError(t, err)
		assert.True(t, strings.HasPrefix(line, c[1]), "%s answered %s", c[0], line)
	}
	_, _ = fmt.Fprintf(conn, "{%s\n", strings.Repeat(" ", maxLine))
	line, err := in.ReadString('\n')
	require.NoError(t, err)
	assert.Contains(t, line, "65536 bytes at most")
	_, err = in.ReadString('\n')
	assert.Error(t, err, "the rest of that line would be taken for requests")
}

// Requests take turns, whoever sends them.
func TestOneRequestAtATime(t *testing.T) {
	var busy, most atomic.Int32
	path := serving(t, func(context.Context, Request) Answer {
		most.Store(max(most.Load(), busy.Add(1)))
		time.Sleep(2 * time.Millisecond)
		busy.Add(-1)
		return Answer{}
	})
	done := make(chan error, 8)
	for range cap(done) {
		go func() {
			_, err := Ask(t.Context(), path, Request{Do: Status})
			done <- err
		}()
	}
	for range cap(done) {
		assert.NoError(t, <-done)
	}
	assert.EqualValues(t, 1, most.Load())
}

func TestAskGivesUp(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	release := make(chan struct{})
	path := serving(t, func(context.Context, Request) Answer {
		cancel()
		<-release
		return Answer{}
	})
	_, err := Ask(ctx, path, Request{Do: Status})
	assert.ErrorIs(t, err, context.Canceled)
	close(release)
}

func TestSocket(t *testing.T) {
	path := socket(t)
	l, err := Listen(path)
	require.NoError(t, err)
	info, err := os.Stat(path)
	require.NoError(t, err)
	assert.Equal(t, os.ModeSocket|0o600, info.Mode())
	_, err = Listen(path)
	assert.ErrorIs(t, err, ErrTaken)
	assert.FileExists(t, path)

	l.(*net.UnixListener).SetUnlinkOnClose(false) // as if the program had been killed
	require.NoError(t, l.Close())
	require.FileExists(t, path)
	l, err = Listen(path)
	require.NoError(t, err, "nobody answers there any more")
	require.NoError(t, l.Close())
	require.NoFileExists(t, path)

	require.NoError(t, os.WriteFile(path, []byte("precious"), 0o600))
	_, err = Listen(path)
	assert.ErrorIs(t, err, ErrNotSocket)
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, "precious", string(content))
	_, err = Listen(filepath.Join(t.TempDir(), "missing", "s"))
	assert.ErrorIs(t, err, os.ErrNotExist)
}

// Whatever is read as a request is one that a simulator can do.
func FuzzParse(f *testing.F) {
	for _, line := range []string{
		`{"do":"status"}`, `{"do":"insert","slot":1,"card":"specimen,clone"}`, `{"do":"swap"}`, `{"do":"remove","slot":-1}`,
		`{"do":"fault","faults":["slow=1ms","torn@30"]}`, `{"do":"fault","clear":true}`, `{}`, `[]`, `null`, `{"do":1}`, `{"do":"status"}{}`,
	} {
		f.Add([]byte(line))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		r, err := parse(line)
		if err != nil {
			return
		}
		require.Contains(t, verbs, r.Do)
		require.GreaterOrEqual(t, r.Slot, 0)
		require.True(t, r.Card == "" || r.Do == Insert || r.Do == Swap)
		require.Equal(t, r.Do == Fault, r.Clear || len(r.Faults) > 0)
	})
}
