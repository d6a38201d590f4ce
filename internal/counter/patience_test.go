package counter_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/internal/counter"
	"cnie/internal/ledger"
)

// Every step in which people are waited for says when it ends, and gives the whole
// time again, ten times and more: WCAG 2.2, 2.2.1. So does what has ended, which
// is wiped after a while.
func TestMoreTime(t *testing.T) {
	card := person(t, "specimen")
	desk(t, func(w *world) {
		id := w.residence()
		again := func(state counter.State, whole time.Duration) {
			for range 12 {
				time.Sleep(whole - time.Second)
				before := w.in(id, state)
				assert.Equal(w, time.Second, time.Until(before.Deadline), "%s", state)
				require.NoError(w, w.Extend(id))
				assert.Equal(w, whole, time.Until(w.in(id, state).Deadline), "%s", state)
				assert.Greater(w, w.in(id, state).Serial, before.Serial, "watchers hear of it")
			}
		}
		again(counter.WaitingCard, counter.DefaultPatience)
		w.insert(left, card)
		again(counter.WaitingPassword, counter.DefaultPatience)
		w.can(id, card.CAN)
		again(counter.Asking, counter.DefaultPatience)
		w.consent(id, true)
		again(counter.Deciding, counter.DefaultPatience)
		w.match(id, counter.Matches)
		again(counter.Done, counter.DefaultIdle)
		time.Sleep(counter.DefaultIdle + time.Second)
		synctest.Wait()
		assert.ErrorIs(w, w.Extend(id), counter.ErrUnknown, "wiped")
	})
}

// Nobody is hurried while the desk is at work, and nothing that ended comes back.
func TestMoreTimeOfNothing(t *testing.T) {
	card := person(t, "specimen")
	desk(t, func(w *world) {
		id := w.residence()
		w.insert(left, card)
		w.can(id, card.CAN)
		w.consent(id, true)
		w.in(id, counter.Deciding)
		asked := false
		w.book.meanwhile(func(r ledger.Record) {
			if r.Match == "match" {
				now, err := w.Get(id)
				assert.NoError(w, err)
				assert.Zero(w, now.Deadline)
				assert.ErrorIs(w, w.Extend(id), counter.ErrState)
				asked = true
			}
		})
		w.match(id, counter.Matches)
		assert.True(w, asked)
		assert.NotZero(w, w.in(id, counter.Done).Deadline)
		require.NoError(w, w.Close(id))
		assert.ErrorIs(w, w.Extend(id), counter.ErrUnknown)

		id = w.residence()
		time.Sleep(counter.DefaultPatience + time.Second)
		w.in(id, counter.Failed)
		require.NoError(w, w.Extend(id), "the page that says so may stay")
		w.in(id, counter.Failed)
	})
}

// The ledger says which software began a visit, of the desk's own pages nothing.
func TestClientIsInTheLedger(t *testing.T) {
	card := person(t, "specimen")
	desk(t, func(w *world) {
		for _, client := range []string{"", "trial"} {
			id := w.start(counter.Request{Purpose: "residence", Reader: left, Client: client})
			w.insert(left, card)
			w.can(id, card.CAN)
			w.consent(id, true)
			w.match(id, counter.Matches)
			require.NoError(w, w.system.Remove(left))
			synctest.Wait()
		}
		var clients []string
		for _, entry := range w.book.entries() {
			clients = append(clients, entry.Detail["client"])
		}
		assert.Equal(w, []string{"", "", "trial", "trial"}, clients)
		_, there := w.book.entries()[0].Detail["client"]
		assert.False(w, there)
	})
}
