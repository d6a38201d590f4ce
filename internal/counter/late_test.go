package counter_test

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/cardreader"
	"cnie/cardreader/emrtd/access"
	"cnie/internal/counter"
	"cnie/internal/photo"
	"cnie/simulator"
)

// Once somebody has ended a transaction nothing more is taken for it, however soon
// after: not the holder's yes, not the clerk's match, not a number.
func TestNothingIsTakenAfterANo(t *testing.T) {
	card := person(t, "specimen")
	for name, end := range map[string]func(w *world, id string) error{
		"refused":   func(w *world, id string) error { return w.Consent(id, false) },
		"cancelled": func(w *world, id string) error { return w.Cancel(id) },
	} {
		t.Run(name, func(t *testing.T) {
			desk(t, func(w *world) {
				id := w.residence()
				tap := w.insert(left, card)
				w.can(id, card.CAN)
				w.in(id, counter.Asking)
				require.NoError(w, end(w, id))
				assert.ErrorIs(w, w.Consent(id, true), counter.ErrState)
				assert.ErrorIs(w, w.Extend(id), counter.ErrState)
				synctest.Wait()
				now, err := w.Get(id)
				require.NoError(w, err)
				assert.False(w, now.Agreed)
				assert.Empty(w, tap.holders())
			})
			desk(t, func(w *world) {
				id := w.residence()
				w.insert(left, card)
				w.can(id, card.CAN)
				w.consent(id, true)
				w.in(id, counter.Deciding)
				require.NoError(w, end(w, id))
				assert.ErrorIs(w, w.Match(id, counter.Matches), counter.ErrState)
				synctest.Wait()
				for _, entry := range w.book.entries() {
					assert.NotEqual(w, "match", entry.Match)
				}
			})
			desk(t, func(w *world) {
				id := w.residence()
				require.NoError(w, end(w, id))
				number, err := access.CAN(card.CAN)
				require.NoError(w, err)
				assert.ErrorIs(w, w.Password(id, number), counter.ErrState)
			})
		})
	}
}

// Who took the card away has answered. A yes that somebody says then is not the
// holder's, though it is the same card that comes back.
func TestYesWhileTheCardIsAway(t *testing.T) {
	card := person(t, "specimen")
	desk(t, func(w *world) {
		id := w.residence()
		tap := w.insert(left, card)
		w.can(id, card.CAN)
		w.in(id, counter.Asking)
		require.NoError(w, w.system.Remove(left))
		synctest.Wait()
		assert.ErrorIs(w, w.Consent(id, true), counter.ErrState, "before the desk has missed it")
		time.Sleep(2 * time.Second)
		w.in(id, counter.WaitingCard)
		assert.ErrorIs(w, w.Consent(id, true), counter.ErrState)
		w.again(left, tap, card)
		w.in(id, counter.Asking)
		assert.Empty(w, tap.holders())
		w.consent(id, true)
		w.in(id, counter.Deciding)
	})
}

// A machine that slept with a face on its screen does not wake up with it: the time
// that its timers know stood still, and the clock on the wall did not.
func TestSleepEndsAVisit(t *testing.T) {
	card := person(t, "specimen")
	for _, state := range []counter.State{counter.Deciding, counter.Done} {
		var slept atomic.Int64
		desk(t, func(w *world) {
			id := w.residence()
			w.insert(left, card)
			w.can(id, card.CAN)
			w.consent(id, true)
			if state == counter.Done {
				w.match(id, counter.Matches)
			}
			face := w.in(id, state).Photo
			slept.Store(int64(-time.Hour)) // a clock that is put back ends nothing
			time.Sleep(10 * time.Second)
			w.in(id, state)
			slept.Store(int64(8 * time.Hour))
			time.Sleep(10 * time.Second)
			assert.False(w, face.Show(func(photo.Picture) {}))
			now, err := w.Get(id)
			if state == counter.Done {
				assert.ErrorIs(w, err, counter.ErrUnknown)
				return
			}
			require.NoError(w, err)
			assert.Equal(w, counter.Failed, now.State)
			assert.Equal(w, "failure.nobody-acted", now.Failure)
			require.Len(w, w.book.entries(), 2)
			assert.Equal(w, "undecided", w.book.entries()[1].Match)
		}, func(o *counter.Options) {
			o.Now = func() time.Time { return time.Now().Add(time.Duration(slept.Load())) }
		})
	}
}

// changing is a reader in which the card is changed while it is being connected to.
type changing struct {
	cardreader.System
	meanwhile func()
}

func (c *changing) Connect(ctx context.Context, reader string) (cardreader.Card, error) {
	if act := c.meanwhile; act != nil {
		c.meanwhile = nil
		act()
	}
	return c.System.Connect(ctx, reader)
}

// A yes for a card that was changed for another while the desk connected to it is
// none for the other, though the same number opens both.
func TestCardChangedWhileConnecting(t *testing.T) {
	card, other := person(t, "specimen"), person(t, "elder")
	other.CAN = card.CAN
	var reader changing
	desk(t, func(w *world) {
		id := w.residence()
		number, err := access.CAN(card.CAN)
		require.NoError(w, err)
		require.NoError(w, w.Password(id, number))
		tap := &wiretap{}
		reader.meanwhile = func() {
			assert.NoError(w, w.Consent(id, true))
			assert.NoError(w, w.system.Remove(left))
			assert.NoError(w, w.system.Insert(left, simulator.New(other, simulator.WithWire(tap.wire))))
			time.Sleep(time.Millisecond) // the desk hears of it
		}
		w.insert(left, card)
		time.Sleep(time.Second)
		assert.False(w, w.in(id, counter.Asking).Agreed)
		assert.Empty(w, tap.holders())
		w.consent(id, true)
		w.in(id, counter.Deciding)
	}, func(o *counter.Options) {
		reader.System = o.System
		o.System = &reader
	})
}
