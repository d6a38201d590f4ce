package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/spf13/pflag"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"cnie/cardreader/esign"
	"cnie/internal/remote/agent"
	"cnie/internal/remote/order"
)

// screen is a terminal of which the test is the person: what is typed into it and
// what can be read on it.
type screen struct {
	t        *testing.T
	keyboard *os.File // the other end
	tty      *os.File

	mu   sync.Mutex
	text bytes.Buffer
}

func newScreen(t *testing.T) *screen {
	t.Helper()
	keyboard, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	require.NoError(t, err)
	require.NoError(t, unix.IoctlSetPointerInt(int(keyboard.Fd()), unix.TIOCSPTLCK, 0))
	number, err := unix.IoctlGetInt(int(keyboard.Fd()), unix.TIOCGPTN)
	require.NoError(t, err)
	tty, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0)
	require.NoError(t, err)
	s := &screen{t: t, keyboard: keyboard, tty: tty}
	go func() {
		piece := make([]byte, 1024)
		for {
			n, err := keyboard.Read(piece)
			if err != nil {
				return
			}
			s.mu.Lock()
			s.text.Write(piece[:n])
			s.mu.Unlock()
		}
	}()
	t.Cleanup(func() { _, _ = tty.Close(), keyboard.Close() })
	return s
}

func (s *screen) shown() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

func (s *screen) types(text string) {
	_, err := s.keyboard.WriteString(text)
	require.NoError(s.t, err)
}

// reads waits for something to stand on the screen, and gives what matched.
func (s *screen) reads(pattern string) []string {
	s.t.Helper()
	var found []string
	require.Eventually(s.t, func() bool {
		found = regexp.MustCompile(pattern).FindStringSubmatch(s.shown())
		return found != nil
	}, 10*time.Second, 5*time.Millisecond, "%s", pattern)
	return found
}

func (s *screen) echoes() bool {
	state, err := unix.IoctlGetTermios(int(s.tty.Fd()), unix.TCGETS)
	require.NoError(s.t, err)
	return state.Lflag&unix.ECHO != 0
}

// silent waits until what is typed is not shown: the question is there a moment
// before that.
func (s *screen) silent() {
	s.t.Helper()
	require.Eventually(s.t, func() bool { return !s.echoes() }, 10*time.Second, time.Millisecond)
}

func (s *screen) clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.text.Reset()
}

func (s *screen) desk(view ...string) *holderDesk {
	p := &program{stdin: s.tty, stderr: s.tty}
	d, err := p.newDesk(view)
	require.NoError(s.t, err)
	return d
}

func agentQuestion(t *testing.T, kind order.Kind) agent.Question {
	t.Helper()
	o := &order.Order{
		Stage: order.Consent, Kind: kind, Requester: order.Requester{ID: "office", Name: "Office of Tests"}, Purpose: "a lease",
		Hash: order.SHA256, Expires: time.Now().Add(time.Minute), Documents: []order.Document{{Digest: bytes.Repeat([]byte{0xAB}, 32)}},
	}
	q := agent.Question{Order: o}
	if kind == order.Doc {
		o.Documents[0].Name, o.Documents[0].Size, o.Documents[0].Format = "lease.pdf", 1234, order.PAdES
		q.Files = []string{filepath.Join(t.TempDir(), "1.txt")}
		require.NoError(t, os.WriteFile(q.Files[0], []byte("The house is let.\n"), 0o600))
	}
	return q
}

type agreed struct {
	yes bool
	err error
}

func agree(ctx context.Context, d *holderDesk, q agent.Question) chan agreed {
	c := make(chan agreed, 1)
	go func() {
		yes, err := d.Agree(ctx, q)
		c <- agreed{yes, err}
	}()
	return c
}

const toAgree = `To agree type (\d\d);`

// The person reads who asks and for what, looks at the document, and agrees by the
// number.
func TestAgentAsks(t *testing.T) {
	s := newScreen(t)
	answer := agree(t.Context(), s.desk("cat"), agentQuestion(t, order.Doc))
	s.reads(toAgree)
	for _, text := range []string{"Office of Tests (office)", "a lease", "lease.pdf · 1234 bytes · signature in the file (PAdES)", "SHA-256 ABABABAB"} {
		assert.Contains(t, s.shown(), text)
	}
	assert.NotContains(t, s.shown(), "WARNING")
	s.clear()
	s.types("v\n")
	s.reads("The house is let.")
	number := s.reads(toAgree)[1]
	s.types(number + "\n")
	assert.Equal(t, agreed{true, nil}, <-answer)
}

// Everything else is a no: the word of habit, nothing at all, the number before.
func TestAgentTakesNoForAnAnswer(t *testing.T) {
	s := newScreen(t)
	d := s.desk()
	for _, typed := range []string{"yes", "y", "", "v 2", "100"} {
		s.clear()
		answer := agree(t.Context(), d, agentQuestion(t, order.Doc))
		s.reads(toAgree)
		s.types(typed + "\n")
		assert.Equal(t, agreed{false, nil}, <-answer, typed)
	}
	numbers := map[string]bool{}
	for range 20 {
		s.clear()
		answer := agree(t.Context(), d, agentQuestion(t, order.Doc))
		numbers[s.reads(toAgree)[1]] = true
		s.types("\n")
		assert.False(t, (<-answer).yes)
	}
	assert.Greater(t, len(numbers), 5, "each question has its own number")
}

// What cannot be seen is said not to be seen.
func TestAgentWarnsOfHashes(t *testing.T) {
	s := newScreen(t)
	answer := agree(t.Context(), s.desk(), agentQuestion(t, order.Hash))
	s.reads(toAgree)
	assert.Contains(t, s.shown(), "WARNING: only hashes came.")
	assert.NotContains(t, s.shown(), "To see")
	s.types("\n")
	assert.False(t, (<-answer).yes)
}

// A question that expired is over: what is typed then is for no other.
func TestAgentQuestionExpires(t *testing.T) {
	s := newScreen(t)
	d := s.desk()
	ctx, cancel := context.WithCancel(t.Context())
	answer := agree(ctx, d, agentQuestion(t, order.Doc))
	number := s.reads(toAgree)[1]
	cancel()
	assert.ErrorIs(t, (<-answer).err, context.Canceled)
	s.clear()
	answer = agree(t.Context(), d, agentQuestion(t, order.Doc))
	s.reads("That question is over")
	s.types(number + "\n")
	s.reads(toAgree)
	s.types("no\n")
	assert.Equal(t, agreed{false, nil}, <-answer)
}

// The PIN is not shown, and not typing one is a no.
func TestAgentPIN(t *testing.T) {
	s := newScreen(t)
	d := s.desk()
	asked := make(chan string, 1)
	pin := func(ctx context.Context) {
		got, err := d.PIN(ctx, esign.Ask{Key: esign.Description{Slot: "9C"}, Left: 3, Signatures: 1, Reason: "lease.pdf"})
		if err != nil {
			asked <- "error: " + err.Error()
			return
		}
		asked <- string(got.Reveal())
	}
	go pin(t.Context())
	s.reads(`lease\.pdf`)
	s.reads(`3 tries`)
	s.silent()
	s.types("739154\n")
	assert.Equal(t, "739154", <-asked)
	assert.NotContains(t, s.shown(), "739154")
	go pin(t.Context())
	s.silent()
	s.types("\n")
	assert.Contains(t, <-asked, agent.ErrDeclined.Error())

	ctx, cancel := context.WithCancel(t.Context())
	s.clear()
	go pin(ctx)
	s.reads(`3 tries`)
	s.silent()
	cancel()
	assert.Contains(t, <-asked, "canceled")
	assert.True(t, s.echoes(), "the echo is back")
}

// An address is longer than an answer, and the terminal is free again when the browser
// was faster.
func TestSignRemoteCopiesAnAddress(t *testing.T) {
	s := newScreen(t)
	d := s.desk()
	address := "http://127.0.0.1:4711/authorized?code=" + strings.Repeat("x", 600) + "&state=y"
	got := make(chan string, 1)
	ask := copies(d)
	go func() {
		text, err := ask(t.Context())
		assert.NoError(t, err)
		got <- text
	}()
	s.reads("copy the address at which it ends to here: ")
	s.types(address + "\n")
	assert.Equal(t, address, <-got)

	ctx, cancel := context.WithCancel(t.Context())
	failed := make(chan error, 1)
	s.clear()
	go func() {
		_, err := ask(ctx)
		failed <- err
	}()
	s.reads("to here: ")
	cancel()
	assert.ErrorIs(t, <-failed, context.Canceled)
	go func() {
		typed, err := d.secret(t.Context(), "Something else")
		assert.NoError(t, err)
		got <- string(typed.Reveal())
	}()
	s.reads("That question is over")
	s.types("\n")
	s.reads("Something else: ")
	s.silent()
	s.types("4711\n")
	assert.Equal(t, "4711", <-got)
	assert.Nil(t, copies(amina()), "who cannot copy is not asked to")
}

// Consent needs a terminal: nothing can be piped in, and no flag stands for it.
func TestAgentNeedsATerminal(t *testing.T) {
	p := &program{stdin: strings.NewReader("yes\n")}
	_, err := p.newDesk(nil)
	assert.Equal(t, exitUsage, classify(t.Context(), err).code)
	for _, c := range (&program{}).agentCommand().Commands() {
		c.Flags().VisitAll(func(f *pflag.Flag) { assert.Equal(t, "allow-hash-only", f.Name) })
	}
}
