//go:build linux && cgo

package bench

import (
	"context"
	"fmt"
	"iter"
	"os"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cnie/cardreader"
	"cnie/cardreader/emrtd/access"
	"cnie/cardreader/pcsc"
	"cnie/internal/counter"
	"cnie/internal/ledger"
	"cnie/internal/pcscd"
	"cnie/internal/photo"
	"cnie/internal/site"
	"cnie/pki"
	"cnie/pki/specimen"
	"cnie/pki/trust"
	"cnie/simulator"
	"cnie/simulator/persona"
	"cnie/simulator/vpcd"
)

// TestMain lets this binary be the child that decodes photos, as the program is.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == photo.Command {
		os.Exit(photo.Child(os.Stdin, os.Stdout))
	}
	os.Exit(m.Run())
}

// stopwatch is a system that adds up how long cards and their way took.
type stopwatch struct {
	cardreader.System
	card atomic.Int64 // nanoseconds
	seen chan time.Time
}

func (s *stopwatch) Connect(ctx context.Context, reader string) (cardreader.Card, error) {
	defer s.add(time.Now())
	card, err := s.System.Connect(ctx, reader)
	return timed{card, s}, err
}

func (s *stopwatch) add(began time.Time) { s.card.Add(int64(time.Since(began))) }

// Watch notes when a card was seen.
func (s *stopwatch) Watch(ctx context.Context) iter.Seq2[cardreader.Event, error] {
	return func(yield func(cardreader.Event, error) bool) {
		for event, err := range s.System.Watch(ctx) {
			if event.Kind == cardreader.CardInserted {
				select {
				case s.seen <- time.Now():
				default: // nobody measures that
				}
			}
			if !yield(event, err) {
				return
			}
		}
	}
}

type timed struct {
	cardreader.Card
	watch *stopwatch
}

func (c timed) TransmitRaw(ctx context.Context, command []byte) ([]byte, error) {
	defer c.watch.add(time.Now())
	return c.Card.TransmitRaw(ctx, command)
}

// place is a desk, and a hand that lays the card.
type place struct {
	*counter.Desk
	testing.TB
	watch *stopwatch
	port  int
	can   string
	chip  *simulator.Chip
}

func open(b *testing.B) *place {
	daemon := pcscd.Start(b, pcscd.Options{})
	p, err := persona.Load(persona.Names()[0])
	require.NoError(b, err)
	card, err := p.Card()
	require.NoError(b, err)
	dir := b.TempDir()
	require.NoError(b, specimen.Default().WriteTrust(dir, time.Now()))
	book, err := ledger.Open(b.Context(), ledger.Options{Dir: b.TempDir() + "/ledger"})
	require.NoError(b, err)
	watch := &stopwatch{System: pcsc.New(), seen: make(chan time.Time, 1)}
	desk, err := counter.New(counter.Options{
		System: watch, Site: site.Specimen(), Ledger: book, Photo: photo.Confined,
		Verifier: func(at time.Time) (*pki.Verifier, error) { // the anchors anew for each card, as the program does
			anchors, err := trust.LoadDir(dir)
			if err != nil {
				return nil, err
			}
			return pki.NewVerifier(anchors, pki.Policy{At: at})
		},
	})
	require.NoError(b, err)
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- desk.Run(ctx) }()
	b.Cleanup(func() { stop(); require.NoError(b, <-done); require.NoError(b, book.Close()) })
	require.Eventually(b, func() bool { return len(desk.Readers()) > 0 }, time.Minute, 5*time.Millisecond, "the desk sees its readers")
	return &place{desk, b, watch, daemon.Ports[0], card.CAN, simulator.New(card)}
}

// plug puts a card into a virtual reader until the returned function pulls it.
func plug(port int, card vpcd.Card) (pull func()) {
	ctx, cancel := context.WithCancel(context.Background())
	gone := make(chan struct{})
	go func() { defer close(gone); _ = vpcd.Serve(ctx, fmt.Sprintf("127.0.0.1:%d", port), card) }()
	return func() { cancel(); <-gone }
}

// lay puts the card on the reader; the desk has seen it go when takeOff returns.
func (p *place) lay() (takeOff func()) {
	pull := plug(p.port, p.chip)
	return func() {
		pull()
		require.Eventually(p, func() bool {
			return !slices.ContainsFunc(p.Readers(), func(r counter.Reader) bool { return r.Card })
		}, 10*time.Second, 5*time.Millisecond, "the reader noticed")
	}
}

func (p *place) begin() string {
	id, err := p.Start(context.Background(), counter.Request{Purpose: "account", Operator: "clerk-1"})
	require.NoError(p, err)
	return id
}

// until waits for a snapshot.
func (p *place) until(id string, is func(counter.Transaction) bool) counter.Transaction {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	var last counter.Transaction
	for last = range p.Watch(ctx, id) {
		if is(last) {
			return last
		}
	}
	require.Fail(p, "it ended before", "%s %s", last.State, last.Failure)
	return last
}

func median(all []float64) float64 {
	slices.Sort(all)
	return all[len(all)/2]
}

// BenchmarkVerdict is from the CAN, the holder having agreed, to photo and fields on
// the desk, entry in the ledger included: all of it, and what is not the card's.
func BenchmarkVerdict(b *testing.B) {
	p := open(b)
	defer p.lay()()
	var all, own []float64
	for b.Loop() {
		id := p.begin()
		p.until(id, func(t counter.Transaction) bool { return t.State == counter.WaitingPassword })
		password, err := access.CAN(p.can)
		require.NoError(b, err)
		require.NoError(b, p.Consent(id, true))
		began, card := time.Now(), p.watch.card.Load()
		require.NoError(b, p.Password(id, password))
		seen := p.until(id, func(t counter.Transaction) bool { return t.State == counter.Deciding || t.State.Ended() })
		took, cards := time.Since(began), time.Duration(p.watch.card.Load()-card)
		require.Equal(b, pki.Accepted, seen.Report.Verdict)
		require.NotNil(b, seen.Photo)
		all, own = append(all, took.Seconds()*1e3), append(own, (took-cards).Seconds()*1e3)
		require.NoError(b, p.Match(id, counter.Matches))
		p.until(id, func(t counter.Transaction) bool { return t.State == counter.Done })
		require.NoError(b, p.Close(id))
	}
	b.ReportMetric(median(all), "ms-verdict-p50")
	b.ReportMetric(median(own), "ms-own-p50")
}

// BenchmarkAsked is from the moment at which PC/SC tells of a card to the snapshot
// with which the citizen's screen shows notice and question.
func BenchmarkAsked(b *testing.B) {
	p := open(b)
	var took []float64
	for b.Loop() {
		id := p.begin()
		p.until(id, func(t counter.Transaction) bool { return t.State == counter.WaitingCard })
		select {
		case <-p.watch.seen: // of the round before
		default:
		}
		takeOff := p.lay()
		p.until(id, func(t counter.Transaction) bool { return t.State == counter.WaitingPassword })
		shown := time.Now()
		took = append(took, shown.Sub(<-p.watch.seen).Seconds()*1e3)
		require.NoError(b, p.Cancel(id))
		p.until(id, func(t counter.Transaction) bool { return t.State.Ended() })
		require.NoError(b, p.Close(id))
		takeOff()
	}
	b.ReportMetric(median(took), "ms-asked-p50")
}
