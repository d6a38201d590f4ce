package doctor_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/cardreader"
	"cnie/internal/doctor"
	"cnie/simulator"
	"cnie/simulator/persona"
)

// desk is a machine whose clock stands still but for what a test lets happen.
type desk struct {
	now     time.Time
	system  cardreader.System
	heard   [][]byte // commands
	options doctor.Options
}

func newDesk() *desk {
	d := &desk{now: time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)}
	d.options = doctor.Options{Now: func() time.Time { return d.now }, Trust: doctor.Trust{
		Path: "anchors", Anchors: 1, Lists: []doctor.List{d.list(10 * day)},
	}}
	return d
}

const day = 24 * time.Hour

// list is a revocation list of so long ago.
func (d *desk) list(age time.Duration) doctor.List {
	made := d.now.Add(-age)
	return doctor.List{Name: "revocation list of XX", Date: made, Next: made.Add(90 * day), Age: 90 * day, Revokes: true}
}

// chip is a card whose every exchange takes so long.
func (d *desk) chip(t *testing.T, name string, takes time.Duration) *simulator.Chip {
	p, err := persona.Load(name)
	require.NoError(t, err)
	card, err := p.Card()
	require.NoError(t, err)
	return simulator.New(card, simulator.WithWire(func(next func([]byte) []byte) func([]byte) []byte {
		return func(command []byte) []byte {
			d.now = d.now.Add(takes)
			d.heard = append(d.heard, append([]byte(nil), command...))
			return next(command)
		}
	}))
}

// find gives what was found under an id, nil when nothing was.
func (d *desk) find(t *testing.T, id string) *doctor.Finding {
	d.options.System = d.system
	var found *doctor.Finding
	for _, f := range doctor.Examine(t.Context(), d.options) {
		assert.True(t, strings.HasSuffix(f.Sentence, "."), f.Sentence)
		assert.Equal(t, f.Level != doctor.OK, f.Fix != "", "%s: each finding has a fix, and nothing else has", f.ID)
		if f.ID == id {
			assert.Nil(t, found, "%s comes once", id)
			found = &f
		}
	}
	return found
}

func (d *desk) want(t *testing.T, id string, level doctor.Level, part string) {
	t.Helper()
	f := d.find(t, id)
	require.NotNil(t, f, id)
	assert.Equal(t, level, f.Level, f.Sentence)
	assert.Contains(t, f.Sentence+" "+f.Fix, part)
}

func TestHealthyDesk(t *testing.T) {
	d := newDesk()
	d.system = simulator.NewSystem("ACR1252", d.chip(t, "specimen", 3*time.Millisecond))
	d.options.System = d.system
	findings := doctor.Examine(t.Context(), d.options)
	assert.False(t, doctor.Blocked(findings))
	var ids []string
	for _, f := range findings {
		assert.Equal(t, doctor.OK, f.Level, f.Sentence)
		ids = append(ids, f.ID)
	}
	assert.Equal(t, []string{"service", "reader", "card", "speed", "extended-length", "clock", "trust"}, ids)
	d.want(t, "speed", doctor.OK, "3 ms")
}

// Nothing that is sent can open a card or read a file of it.
func TestNothingIsRead(t *testing.T) {
	d := newDesk()
	d.system = simulator.NewSystem("ACR1252", d.chip(t, "specimen", 0))
	d.want(t, "card", doctor.OK, "answers")
	require.NotEmpty(t, d.heard)
	for _, command := range d.heard {
		assert.Equal(t, byte(0xA4), command[1], "SELECT only")
	}
}

func TestSlowWay(t *testing.T) {
	d := newDesk()
	d.system = simulator.NewSystem("ACR1252", d.chip(t, "specimen", 44*time.Millisecond))
	d.want(t, "speed", doctor.Remark, "44 ms, so that 22 exchanges fit a second and reading a card takes 4.0 s")
}

func TestReaders(t *testing.T) {
	d := newDesk()
	plain := func() *simulator.Chip { return d.chip(t, "specimen", 0) }
	d.system = simulator.NewSystem("ACR1252")
	d.want(t, "reader", doctor.Blocking, "No card reader is plugged in")

	d.system = simulator.NewSystem("ACR1252", nil)
	d.want(t, "card", doctor.Remark, "There is no card")

	d.system = simulator.NewSystem("ACR1252", plain(), plain())
	d.want(t, "reader", doctor.Blocking, "ACR1252 00, ACR1252 01")
	d.options.Reader = "52 01"
	d.want(t, "reader", doctor.OK, "ACR1252 01")
	d.options.Reader = "Omnikey"
	d.want(t, "reader", doctor.Blocking, `"Omnikey"`)
}

func TestVirtualReader(t *testing.T) {
	d := newDesk()
	d.system = simulator.NewSystem("Virtual PCD 00", d.chip(t, "specimen", 0))
	d.want(t, "virtual-reader", doctor.Remark, "Plug in a real reader")

	both := simulator.NewSystem("Windows Hello for Business", d.chip(t, "specimen", 0))
	both.Plug("ACR1252 00")
	d.system = both
	d.want(t, "virtual-reader", doctor.Remark, `--reader "ACR1252 00"`)

	real := simulator.NewSystem("ACR1252", d.chip(t, "specimen", 0))
	real.Plug("Virtual PCD 00 00")
	d.system = real
	assert.Nil(t, d.find(t, "virtual-reader"), "the card lies on the real one")
}

func TestCardHeldByAnother(t *testing.T) {
	d := newDesk()
	system := simulator.NewSystem("ACR1252", d.chip(t, "specimen", 0))
	held, err := system.Connect(t.Context(), "ACR1252 00")
	require.NoError(t, err)
	d.system = system
	d.want(t, "card", doctor.Blocking, "Another program holds the card")
	require.NoError(t, held.Close())
	d.want(t, "card", doctor.OK, "answers")
}

// A card and a reader that go in the middle of the measurement.
func TestGoneWhileMeasured(t *testing.T) {
	for id, gone := range map[string]func(*simulator.System) error{
		"card":   func(s *simulator.System) error { return s.Remove("ACR1252 00") },
		"reader": func(s *simulator.System) error { return s.Unplug("ACR1252 00") },
	} {
		d := newDesk()
		var system *simulator.System
		p, err := persona.Load("specimen")
		require.NoError(t, err)
		card, err := p.Card()
		require.NoError(t, err)
		n := 0
		system = simulator.NewSystem("ACR1252", simulator.New(card, simulator.WithWire(func(next func([]byte) []byte) func([]byte) []byte {
			return func(command []byte) []byte {
				if n++; n == 5 {
					assert.NoError(t, gone(system))
				}
				return next(command)
			}
		})))
		d.options.System = system
		findings := doctor.Examine(t.Context(), d.options)
		last := doctor.Finding{}
		for _, f := range findings {
			if f.ID == id {
				last = f
			}
		}
		assert.NotEqual(t, doctor.OK, last.Level, "%v", findings)
	}
}

// told is a system whose reader says what it passes.
type told struct {
	cardreader.System
	size int
	err  error
}

func (s told) MaxData(context.Context, string) (int, error) { return s.size, s.err }

// deaf is a reader that loses what is longer than a short command.
type deaf struct{ cardreader.System }

type deafCard struct{ cardreader.Card }

func (s deaf) Connect(ctx context.Context, reader string) (cardreader.Card, error) {
	card, err := s.System.Connect(ctx, reader)
	return deafCard{card}, err
}

func (c deafCard) TransmitRaw(ctx context.Context, command []byte) ([]byte, error) {
	if len(command) > 261 {
		return nil, errors.New("transmit: the exchange with the card failed")
	}
	return c.Card.TransmitRaw(ctx, command)
}

func TestExtendedLength(t *testing.T) {
	d := newDesk()
	system := simulator.NewSystem("ACR1252", d.chip(t, "specimen", 0))
	const id = "extended-length"
	d.system = told{system, 65536, nil}
	d.want(t, id, doctor.OK, "up to 65536 bytes")
	d.system = told{system, 256, nil}
	d.want(t, id, doctor.Remark, "does not pass")
	for _, silent := range []cardreader.System{system, told{system, 0, nil}, told{system, 256, cardreader.ErrReaderBusy}} {
		d.system = silent
		d.want(t, id, doctor.OK, "passes commands of extended length")
		assert.Len(t, d.heard[len(d.heard)-1], 307, "it was tried")
	}
	d.system = deaf{system}
	d.want(t, id, doctor.Remark, "does not pass")
	d.want(t, "card", doctor.OK, "answers")

	d.system = simulator.NewSystem("ACR1252", d.chip(t, "silent-atr", 0))
	d.want(t, id, doctor.OK, "the reader does not say")
	d.system = told{simulator.NewSystem("ACR1252", nil), 256, nil}
	d.want(t, id, doctor.Remark, "does not pass")
}
