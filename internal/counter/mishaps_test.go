package counter_test

import (
	"context"
	"errors"
	"iter"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/cardreader"
	"cnie/cardreader/emrtd/access"
	"cnie/internal/counter"
	"cnie/internal/photo"
	"cnie/lds"
	"cnie/pki"
	"cnie/simulator"
)

// moody is a system whose service dies once and whose card is held by another
// program for a while.
type moody struct {
	cardreader.System
	dies, busy, lost int
}

func (m *moody) Watch(ctx context.Context) iter.Seq2[cardreader.Event, error] {
	return func(yield func(cardreader.Event, error) bool) {
		if m.dies > 0 {
			m.dies--
			yield(cardreader.Event{}, cardreader.ErrNoService)
			return
		}
		m.System.Watch(ctx)(yield)
	}
}

func (m *moody) Connect(ctx context.Context, reader string) (cardreader.Card, error) {
	switch {
	case m.busy > 0:
		m.busy--
		return nil, cardreader.ErrReaderBusy
	case m.lost > 0:
		m.lost--
		return nil, cardreader.ErrCardRemoved
	}
	return m.System.Connect(ctx, reader)
}

func (m *moody) MaxData(context.Context, string) (int, error) { return 256, nil }

// What goes by itself needs nobody: a service that starts again, a program that
// lets go, a contact that was lost for a moment.
func TestTroubleThatPasses(t *testing.T) {
	card := person(t, "specimen")
	var m *moody
	desk(t, func(w *world) {
		time.Sleep(2 * time.Second)
		id := w.residence()
		w.insert(left, card)
		w.can(id, card.CAN)
		assert.Equal(w, "next.close-other-program", w.in(id, counter.WaitingCard).Next)
		time.Sleep(10 * time.Second)
		w.in(id, counter.Asking)
	}, func(o *counter.Options) {
		m = &moody{System: o.System, dies: 1, busy: 2, lost: 2}
		o.System = m
	})
}

// What never works is given up.
func TestContactThatKeepsBreaking(t *testing.T) {
	card := person(t, "specimen")
	desk(t, func(w *world) {
		id := w.residence()
		w.insert(left, card)
		w.can(id, card.CAN)
		time.Sleep(time.Minute)
		assert.Equal(w, "failure.contact-keeps-breaking", w.in(id, counter.Failed).Failure)
	}, func(o *counter.Options) { o.System = &moody{System: o.System, lost: 1000} })
}

func TestReaderUnplugged(t *testing.T) {
	card := person(t, "specimen")
	desk(t, func(w *world) {
		id := w.residence()
		tap := w.insert(left, card)
		w.can(id, card.CAN)
		w.in(id, counter.Asking)
		require.NoError(w, w.system.Unplug(left))
		time.Sleep(2 * time.Second)
		assert.Equal(w, "next.plug-reader", w.in(id, counter.WaitingCard).Next)
		w.system.Plug(left)
		w.again(left, tap, card)
		w.in(id, counter.Asking)
	})
}

// Nobody is judged when nobody can judge.
func TestNoVerifier(t *testing.T) {
	card := person(t, "specimen")
	desk(t, func(w *world) {
		id := w.residence()
		tap := w.insert(left, card)
		w.can(id, card.CAN)
		assert.Equal(w, "failure.cannot-judge", w.in(id, counter.Failed).Failure)
		assert.Empty(w, tap.holders())
	}, func(o *counter.Options) {
		o.Verifier = func(time.Time) (*pki.Verifier, error) { return nil, errors.New("no policy") }
	})
}

// A yes that was said for a card that nobody got to know is not a yes for the
// next one.
func TestYesIsForOneCard(t *testing.T) {
	card, other := person(t, "specimen"), person(t, "elder")
	desk(t, func(w *world) {
		id := w.residence()
		w.insert(left, card)
		w.consent(id, true)
		require.NoError(w, w.system.Remove(left))
		synctest.Wait()
		assert.False(w, w.in(id, counter.WaitingCard).Agreed)
		tap := w.insert(left, other)
		w.can(id, other.CAN)
		w.in(id, counter.Asking)
		assert.Empty(w, tap.holders())
	})
}

// The holder changes his mind while the card is being read: reading stops there.
func TestRefusedWhileReading(t *testing.T) {
	card := person(t, "specimen")
	desk(t, func(w *world) {
		id := w.residence()
		tap := w.insert(left, card)
		tap.at[lds.DG2] = func() { assert.NoError(w, w.Consent(id, false)) }
		w.can(id, card.CAN)
		w.consent(id, true)
		w.in(id, counter.RefusedByHolder)
		assert.Equal(w, []lds.File{lds.DG1, lds.DG2}, tap.holders())
		w.noPhotoEver()
	})
}

// The desk owns the password: once the card is read, no copy of it opens anything.
func TestPasswordIsWiped(t *testing.T) {
	card := person(t, "specimen")
	desk(t, func(w *world) {
		p, err := access.CAN(card.CAN)
		require.NoError(w, err)
		id := w.residence()
		w.insert(left, card)
		require.NoError(w, w.Password(id, p))
		w.consent(id, true)
		w.in(id, counter.Deciding)
		assert.ErrorIs(w, w.Password(id, p), counter.ErrState)
		w.match(id, counter.Matches)

		id = w.residence()
		w.in(id, counter.WaitingPassword)
		require.NoError(w, w.Password(id, p))
		w.in(id, counter.WaitingPassword)
	})
}

// A chip that was asked for with wrong numbers takes its time; people are told.
func TestSlowCard(t *testing.T) {
	card := person(t, "wary-chip")
	desk(t, func(w *world) {
		id := w.residence()
		require.NoError(w, w.system.Insert(left, simulator.New(card, simulator.WithGuesses(20))))
		w.can(id, card.CAN)
		time.Sleep(2500 * time.Millisecond)
		slow := w.in(id, counter.Opening)
		assert.Equal(w, "next.card-is-slow", slow.Next)
		time.Sleep(time.Minute)
		w.in(id, counter.Asking)
	})
}

// A chip that says nothing any more is given up after the time for reading.
func TestSilentCard(t *testing.T) {
	card := person(t, "specimen")
	desk(t, func(w *world) {
		id := w.residence()
		tap := w.insert(left, card)
		tap.at[lds.DG1] = func() { time.Sleep(time.Hour) }
		w.can(id, card.CAN)
		w.consent(id, true)
		time.Sleep(31 * time.Second)
		assert.Equal(w, "failure.card-too-slow", w.in(id, counter.Failed).Failure)
		assert.Equal(w, "failure.card-too-slow", w.book.entries()[0].Detail["ended"])
		time.Sleep(time.Hour)
	})
}

// A card that offers Basic Access Control only needs the zone, where that is allowed.
func TestCardThatNeedsTheZone(t *testing.T) {
	card := person(t, "bac-only")
	desk(t, func(w *world) {
		w.policy.AllowBAC = true
		id := w.residence()
		w.insert(left, card)
		w.can(id, "123456")
		assert.Equal(w, "next.this-card-needs-mrz", w.in(id, counter.WaitingPassword).Next)
		p, err := access.MRZ(card.MRZ)
		require.NoError(w, err)
		require.NoError(w, w.Password(id, p))
		w.in(id, counter.Asking)
	}, func(o *counter.Options) { o.Reading.AllowBAC = true })
}

// A no that comes while the photo is decoded comes in time.
func TestRefusedBeforeAnythingIsShown(t *testing.T) {
	card := person(t, "specimen")
	var refuse func()
	desk(t, func(w *world) {
		id := w.residence()
		refuse = func() { assert.NoError(w, w.Consent(id, false)) }
		w.insert(left, card)
		w.can(id, card.CAN)
		w.consent(id, true)
		w.in(id, counter.RefusedByHolder)
		w.noPhotoEver()
		assert.NotContains(w, w.states(), counter.Deciding)
		assert.Zero(w, w.Signals().Undecided, "nobody saw anything")
	}, func(o *counter.Options) {
		o.Photo = func(context.Context, lds.Face) (photo.Picture, error) {
			refuse()
			return photo.Picture{Data: []byte{1}}, nil
		}
	})
}
