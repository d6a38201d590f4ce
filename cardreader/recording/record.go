package recording

import (
	"context"
	"fmt"
	"io"
	"iter"
	"strings"
	"sync"
	"time"

	"cnie/apdu"
	"cnie/apdu/trace"
	"cnie/cardreader"
)

// Recorder writes a session down, in memory. It is safe for concurrent use.
type Recorder struct {
	under  cardreader.System
	random io.Reader

	mu    sync.Mutex
	start time.Time
	trace trace.Trace
	lost  bool // more happened than a trace can hold
}

// Record makes a Recorder over a system and a source of random numbers. The
// program is named, with its version, in the trace's header.
func Record(system cardreader.System, random io.Reader, program string) *Recorder {
	start := time.Now()
	return &Recorder{under: system, random: random, start: start, trace: trace.Trace{Header: trace.Header{
		Version: trace.Version, Content: trace.Full, Program: legible(program), At: start.UTC().Truncate(time.Microsecond),
	}}}
}

// System is the recorded view of the system.
func (r *Recorder) System() cardreader.System { return watched{r} }

// Rand is the recorded view of the random numbers.
func (r *Recorder) Rand() io.Reader { return drawn{r} }

// Trace is everything that was recorded so far, in full. It is the caller's
// decision where that may go.
func (r *Recorder) Trace() (*trace.Trace, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.lost {
		return nil, fmt.Errorf("record: %w", trace.ErrTooLong)
	}
	return &trace.Trace{Header: r.trace.Header, Entries: append([]trace.Entry(nil), r.trace.Entries...)}, nil
}

// note appends an entry that began at the given time and ends now.
func (r *Recorder) note(began time.Time, e trace.Entry) {
	now := time.Now()
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.trace.Entries) >= trace.MaxEntries {
		r.lost = true
		return
	}
	e.At, e.Took = began.Sub(r.start).Microseconds(), now.Sub(began).Microseconds()
	if n := len(r.trace.Entries); n > 0 { // calls may overlap
		e.At = max(e.At, r.trace.Entries[n-1].At)
	}
	r.trace.Entries = append(r.trace.Entries, e)
}

// watched is the recorded System.
type watched struct{ *Recorder }

// Readers implements cardreader.System.
func (w watched) Readers(ctx context.Context) ([]cardreader.Reader, error) {
	return w.under.Readers(ctx)
}

// Watch implements cardreader.System.
func (w watched) Watch(ctx context.Context) iter.Seq2[cardreader.Event, error] {
	return w.under.Watch(ctx)
}

// Connect implements cardreader.System. One that fails opens nothing and leaves
// no entry.
func (w watched) Connect(ctx context.Context, reader string) (cardreader.Card, error) {
	began := time.Now()
	card, err := w.under.Connect(ctx, reader)
	if err != nil {
		return nil, err
	}
	w.mu.Lock()
	if h := &w.trace.Header; h.Reader == "" {
		h.Reader, h.ATR = legible(reader), trace.Hex(card.ATR())
	}
	w.mu.Unlock()
	w.note(began, trace.Entry{Event: trace.Connect})
	return &overheard{Card: card, to: w.Recorder}, nil
}

// overheard is a card whose exchanges are recorded.
type overheard struct {
	cardreader.Card
	to     *Recorder
	closed sync.Once
}

// TransmitRaw implements apdu.Link.
func (o *overheard) TransmitRaw(ctx context.Context, command []byte) ([]byte, error) {
	began := time.Now()
	answer, err := o.Card.TransmitRaw(ctx, command)
	failure := failureOf(err)
	if err == nil && len(answer) < 2 {
		failure = trace.Failed // no answer of a card
	}
	if len(command) >= apdu.MinCommand && len(command) <= apdu.MaxCommand { // others never reach a card
		o.to.note(began, trace.Exchange(command, answer, failure))
	}
	return answer, err
}

// Reset implements cardreader.Card.
func (o *overheard) Reset(ctx context.Context) error {
	began := time.Now()
	err := o.Card.Reset(ctx)
	o.to.note(began, trace.Entry{Event: trace.Reset, Failure: failureOf(err)})
	return err
}

// Close implements cardreader.Card.
func (o *overheard) Close() error {
	began := time.Now()
	err := o.Card.Close()
	o.closed.Do(func() { o.to.note(began, trace.Entry{Event: trace.Close}) })
	return err
}

// Replayed passes on what the card below says of itself.
func (o *overheard) Replayed() bool {
	player, says := o.Card.(interface{ Replayed() bool })
	return says && player.Replayed()
}

// drawn is the recorded source of random numbers.
type drawn struct{ *Recorder }

// Read implements io.Reader.
func (d drawn) Read(p []byte) (int, error) {
	const most = 4096 // in one entry
	n, err := d.random.Read(p[:min(len(p), most)])
	if n > 0 {
		d.note(time.Now(), trace.Entry{Random: append(trace.Hex(nil), p[:n]...)})
	}
	return n, err
}

// legible cuts a name to what a trace may hold.
func legible(name string) string {
	const most = 200
	name = strings.ToValidUTF8(name, "?")
	if len(name) > most {
		name = strings.ToValidUTF8(name[:most], "")
	}
	return name
}
