//go:build linux && cgo

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/cardreader"
	"cnie/cardreader/pcsc"
	"cnie/internal/pcscd"
	"cnie/internal/vectors"
	"cnie/pki"
	"cnie/simulator"
	"cnie/simulator/persona"
	"cnie/simulator/vpcd"
)

// desk is a real PC/SC service with a virtual reader, and cnie in front of it.
type desk struct {
	daemon *pcscd.Daemon
}

// run executes a command line against the real service.
func (d desk) run(t testing.TB, ctx context.Context, args ...string) outcome {
	t.Helper()
	var stdout, stderr bytes.Buffer
	p := &program{system: pcsc.New(), stdin: &bytes.Buffer{}, stdout: &stdout, stderr: &stderr}
	code := p.run(ctx, args)
	return outcome{code, stdout.String(), stderr.String()}
}

func (d desk) verify(t testing.TB, args ...string) (outcome, answer) {
	t.Helper()
	o := d.run(t, t.Context(), append([]string{"verify", "--json", "--wait", "10s"}, args...)...)
	var a answer
	if o.stdout != "" {
		require.NoError(t, json.Unmarshal([]byte(o.stdout), &a))
	}
	return o, a
}

// lay puts a card on the first reader until the returned function takes it off.
func (d desk) lay(t testing.TB, card vpcd.Card) (takeOff func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		if err := vpcd.Serve(ctx, fmt.Sprintf("127.0.0.1:%d", d.daemon.Ports[0]), card); err != nil {
			t.Logf("the card left by itself: %v", err)
		}
	}()
	return func() {
		cancel()
		<-gone
		require.Eventually(t, func() bool {
			readers, err := pcsc.New().Readers(context.Background())
			return err != nil || len(readers) > 0 && !readers[0].HasCard
		}, 5*time.Second, 20*time.Millisecond, "the reader noticed")
	}
}

// Everything a clerk meets, through pcscd and a virtual reader. One daemon for
// all: the PC/SC library looks for its service once in the life of a process.
func TestThroughPCSC(t *testing.T) {
	d := desk{pcscd.Start(t, pcscd.Options{})}
	card, trust := citizen(t), anchors(t)

	t.Run("no card", func(t *testing.T) {
		o := d.run(t, t.Context(), "verify", "--can", card.CAN)
		assert.Equal(t, exitUnavailable, o.code)
		assert.Contains(t, o.stderr, "there is no card in the reader")
	})
	t.Run("accepted", func(t *testing.T) {
		defer d.lay(t, simulator.New(card))()
		o, a := d.verify(t, "--can", card.CAN, "--trust", trust)
		require.Equal(t, exitOK, o.code, "%s%s", o.stdout, o.stderr)
		assert.Equal(t, pki.Accepted, a.Verdict)
		assert.Positive(t, a.TimingMS.Access)
		assert.Positive(t, a.TimingMS.Chip)
		assert.LessOrEqual(t, a.TimingMS.Connect+a.TimingMS.Access+a.TimingMS.Read+a.TimingMS.Chip+a.TimingMS.Judge, a.TimingMS.Total+1)
	})
	t.Run("readers", func(t *testing.T) {
		defer d.lay(t, simulator.New(card))()
		d.awaitCard(t)
		o := d.run(t, t.Context(), "readers", "--json")
		require.Equal(t, exitOK, o.code, o.stderr)
		var listed struct{ Readers []cardreader.Reader }
		require.NoError(t, json.Unmarshal([]byte(o.stdout), &listed))
		require.Len(t, listed.Readers, 2)
		assert.Equal(t, cardreader.ATR(card.ATR), listed.Readers[0].ATR)
		assert.Contains(t, d.run(t, t.Context(), "readers").stdout, "card, ATR 3B")
	})
	t.Run("watch", func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 4*time.Second)
		defer cancel()
		time.AfterFunc(200*time.Millisecond, func() {
			takeOff := d.lay(t, simulator.New(card))
			d.awaitCard(t)
			takeOff()
		})
		o := d.run(t, ctx, "readers", "--watch", "--json")
		inserted, removed := strings.Index(o.stdout, "card inserted"), strings.Index(o.stdout, "card removed")
		assert.Greater(t, removed, inserted, o.stdout)
	})
	t.Run("another program holds the card", func(t *testing.T) {
		defer d.lay(t, simulator.New(card))()
		d.awaitCard(t)
		other, err := pcsc.New().Connect(t.Context(), d.daemon.Readers[0])
		require.NoError(t, err)
		defer other.Close()
		o, _ := d.verify(t, "--can", card.CAN)
		assert.Equal(t, exitUnavailable, o.code)
		assert.Contains(t, o.stderr, "another program holds the card")
	})
	t.Run("wrong CAN", func(t *testing.T) {
		defer d.lay(t, simulator.New(card))()
		o, _ := d.verify(t, "--can", "999999")
		assert.Equal(t, exitWrongPassword, o.code)
	})
	t.Run("BSI specimen", func(t *testing.T) {
		dump, err := persona.FromDir(vectors.Shared(t, "bsi2008"))
		require.NoError(t, err)
		defer d.lay(t, simulator.New(dump))()
		o, a := d.verify(t, "--at", "2008-06-01T00:00:00Z", "--allow-bac", "--doc", "C11T002JM", "--birth", "960812", "--expiry", "131031")
		assert.Equal(t, exitRefused, o.code, o.stderr)
		assert.Equal(t, []string{"chip.authentication"}, failed(a))
	})
	for _, name := range []string{"active-and-chip", "active-rsa", "active-chained"} { // signatures beyond 256 bytes
		t.Run(name, func(t *testing.T) {
			signing := cardOf(t, name)
			defer d.lay(t, simulator.New(signing))()
			o, a := d.verify(t, "--can", signing.CAN, "--trust", trust)
			require.Equal(t, exitOK, o.code, "%v %s", failed(a), o.stderr)
			assert.Contains(t, o.stdout, "signed a fresh nonce")
		})
	}
	t.Run("card inspect", func(t *testing.T) { d.look(t, trust) })
	t.Run("pulled", func(t *testing.T) { d.pull(t, card, trust) })
	t.Run("trace", func(t *testing.T) { d.trace(t, card, trust) })
	t.Run("service gone", func(t *testing.T) {
		n := 0
		takeOff := d.lay(t, simulator.New(card, simulator.WithWire(func(next func([]byte) []byte) func([]byte) []byte {
			return func(command []byte) []byte {
				if n++; n == 30 {
					d.daemon.Kill()
				}
				return next(command)
			}
		})))
		defer takeOff()
		o, _ := d.verify(t, "--can", card.CAN)
		assert.Equal(t, exitUnavailable, o.code)
		assert.Contains(t, o.stderr, "the smart-card service does not answer")
		assert.Empty(t, o.stdout)
	})
}

func (d desk) awaitCard(t *testing.T) {
	require.Eventually(t, func() bool {
		readers, err := pcsc.New().Readers(t.Context())
		return err == nil && len(readers) > 0 && readers[0].HasCard
	}, 5*time.Second, 20*time.Millisecond)
}

// vpcdPoll is how often the virtual reader looks for its card. One that comes
// back sooner than that is not seen as another one.
const vpcdPoll = 400 * time.Millisecond

// pull takes the card off at every fifth command; TestCardPulledAtEveryAPDU
// does it at each, without the time that a virtual reader takes to notice.
func (d desk) pull(t *testing.T, card *persona.Card, trust string) {
	for index := 0; index < 31; index += 5 {
		var takeOff func()
		ready := make(chan struct{})
		n := 0
		wire := func(next func([]byte) []byte) func([]byte) []byte {
			return func(command []byte) []byte {
				answer := next(command)
				if n++; n == index+1 {
					<-ready
					go takeOff()
					time.Sleep(50 * time.Millisecond) // the connection is closed before there is an answer
				}
				return answer
			}
		}
		takeOff = d.lay(t, simulator.New(card, simulator.WithWire(wire)))
		close(ready)
		page := filepath.Join(t.TempDir(), "report.html")
		o, _ := d.verify(t, "--can", card.CAN, "--trust", trust, "--report", page)
		assert.Equal(t, exitTryAgain, o.code, "APDU %d: %s", index, o.stderr)
		assert.Empty(t, o.stdout)
		assert.NoFileExists(t, page)
		takeOff()
		time.Sleep(2 * vpcdPoll)
	}
}
