package counter_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/cardreader/emrtd/access"
	"cnie/internal/counter"
	"cnie/internal/ledger"
	"cnie/internal/photo"
	"cnie/lds"
	"cnie/pki"
)

// One visit, the card before the number and the number before the card.
func TestHappyPath(t *testing.T) {
	card := person(t, "specimen")
	for _, cardFirst := range []bool{true, false} {
		desk(t, func(w *world) {
			id := w.residence()
			w.in(id, counter.WaitingCard)
			var tap *wiretap
			if cardFirst {
				tap = w.insert(left, card)
				assert.Equal(w, "next.type-can-or-mrz", w.in(id, counter.WaitingPassword).Next)
				w.can(id, card.CAN)
			} else {
				w.can(id, card.CAN)
				w.in(id, counter.WaitingCard)
				tap = w.insert(left, card)
			}
			asked := w.in(id, counter.Asking)
			assert.Nil(w, asked.Report, "no verdict before its entry")
			assert.Empty(w, tap.holders())
			assert.Empty(w, w.book.entries())
			time.Sleep(90 * time.Second) // people think
			w.consent(id, true)

			shown := w.in(id, counter.Deciding)
			assert.Equal(w, []lds.File{lds.DG1, lds.DG2, lds.DG11}, tap.holders())
			assert.Equal(w, pki.Accepted, shown.Report.Verdict)
			assert.Empty(w, shown.Verdict)
			assert.Contains(w, shown.Holder.Surname, "SPECIMEN")
			assert.Equal(w, pki.MarkSpecimen, shown.Holder.Watermark)
			assert.Empty(w, shown.Holder.DocumentNumber, "the purpose does not have it")
			assert.True(w, shown.Photo.Show(func(p photo.Picture) { assert.NotEmpty(w, p.Data) }))
			require.Len(w, w.book.entries(), 1, "what is seen is recorded before")
			require.NoError(w, w.system.Remove(left)) // no longer needed
			synctest.Wait()
			assert.False(w, w.in(id, counter.Deciding).Card)
			w.match(id, counter.Matches)

			done := w.in(id, counter.Done)
			assert.Equal(w, pki.Accepted, done.Verdict)
			assert.Equal(w, "next.hand-card-back", done.Next)
			assert.Equal(w, uint64(1), done.Place.Index)
			entries := w.book.entries()
			require.Len(w, entries, 2)
			assert.Equal(w, ledger.Verification, entries[1].Kind)
			assert.Equal(w, "match", entries[1].Match)
			assert.Equal(w, id, entries[1].Transaction)
			assert.Contains(w, entries[1].Fields, "photo")
			assert.NotContains(w, entries[1].Fields, "document_number")
			assert.Contains(w, entries[1].Checks, "chip.authentication=passed")
			assert.Equal(w, "public-interest", entries[1].Basis)
			assert.InDelta(w, 365, entries[1].Keep.Sub(now).Hours()/24, 1)
			for _, step := range []string{"opening", "asking", "reading", "judging", "deciding", "judge", "judge-card", "photo", "ledger", "connect"} {
				assert.Positive(w, w.times[step], step)
			}
			require.NoError(w, w.Close(id))
			assert.False(w, shown.Photo.Show(func(photo.Picture) { assert.Fail(w, "wiped") }))
			_, err := w.Get(id)
			assert.ErrorIs(w, err, counter.ErrUnknown)
		})
	}
}

// A holder who says no at any moment: nothing of him is read, before or after.
func TestHolderRefuses(t *testing.T) {
	card := person(t, "specimen")
	for name, early := range map[string]bool{"as soon as the notice is there": true, "when asked": false} {
		t.Run(name, func(t *testing.T) {
			desk(t, func(w *world) {
				id := w.residence()
				tap := w.insert(left, card)
				if !early {
					w.can(id, card.CAN)
					w.in(id, counter.Asking)
				}
				before := tap.commands()
				w.consent(id, false)
				end := w.in(id, counter.RefusedByHolder)
				assert.Empty(w, end.Verdict)
				assert.Nil(w, end.Report)
				assert.ErrorIs(w, w.Consent(id, true), counter.ErrState)
				time.Sleep(time.Minute)
				assert.Empty(w, tap.holders())
				assert.Equal(w, before, tap.commands(), "not one command more")
				entries := w.book.entries()
				require.Len(w, entries, 1)
				assert.Equal(w, ledger.Refusal, entries[0].Kind)
				assert.Empty(w, entries[0].Fields)
				assert.Empty(w, entries[0].Checks)
				w.noPhotoEver()
			})
		})
	}
}

// Even what is already on the screen goes when the holder changes his mind.
func TestHolderWithdraws(t *testing.T) {
	card := person(t, "specimen")
	desk(t, func(w *world) {
		id := w.residence()
		w.insert(left, card)
		w.consent(id, true) // while the chip is still closed
		w.can(id, card.CAN)
		shown := w.in(id, counter.Deciding)
		assert.NotContains(w, w.states(), counter.Asking, "the answer was there")
		w.consent(id, false)
		end := w.in(id, counter.RefusedByHolder)
		assert.Equal(w, w.book.entries()[0].Fields, end.Looked, "what was seen was seen")
		assert.False(w, shown.Photo.Show(func(photo.Picture) { assert.Fail(w, "wiped") }))
		assert.Equal(w, ledger.Refusal, w.book.entries()[1].Kind)
	})
}

func TestWrongPassword(t *testing.T) {
	card := person(t, "specimen")
	desk(t, func(w *world) {
		id := w.residence()
		tap := w.insert(left, card)
		w.can(id, "000000")
		wrong := w.in(id, counter.WaitingPassword)
		assert.Equal(w, "next.wrong-can-or-mrz", wrong.Next)
		assert.Equal(w, 1, wrong.Tries)
		p, err := access.MRZ(card.MRZ)
		require.NoError(w, err)
		require.NoError(w, w.Password(id, p))
		w.in(id, counter.Asking)
		w.consent(id, true)
		w.in(id, counter.Deciding)
		assert.NotEmpty(w, tap.holders())
	})
	desk(t, func(w *world) {
		id := w.residence()
		w.insert(left, card)
		for range 5 {
			w.can(id, "000000")
		}
		assert.Equal(w, "failure.too-many-tries", w.in(id, counter.Failed).Failure)
		assert.Empty(w, w.book.entries(), "nothing was opened")
	})
}

func TestCardPulledBeforeConsent(t *testing.T) {
	card := person(t, "specimen")
	desk(t, func(w *world) {
		id := w.residence()
		tap := w.insert(left, card)
		w.can(id, card.CAN)
		w.in(id, counter.Asking)
		require.NoError(w, w.system.Remove(left))
		time.Sleep(2 * time.Second) // a sign of life each second and a half
		assert.Equal(w, "next.put-same-card-back", w.in(id, counter.WaitingCard).Next)
		w.again(left, tap, card)
		w.in(id, counter.Asking)
		assert.Empty(w, tap.holders())
		w.consent(id, true)
		w.in(id, counter.Deciding)
	})
}

func TestCardPulledWhileReading(t *testing.T) {
	card := person(t, "specimen")
	desk(t, func(w *world) {
		id := w.residence()
		tap := w.insert(left, card)
		tap.at[lds.DG2] = func() { go func() { _ = w.system.Remove(left) }(); time.Sleep(time.Second) }
		w.can(id, card.CAN)
		w.consent(id, true)
		time.Sleep(5 * time.Second)
		torn := w.in(id, counter.WaitingCard)
		assert.True(w, torn.Agreed)
		assert.Nil(w, torn.Report)
		w.again(left, tap, card)
		assert.Equal(w, pki.Accepted, w.in(id, counter.Deciding).Report.Verdict, "nobody is asked twice")
	})
}

// Whoever answers for one card is not taken for the holder of another.
func TestOtherCardPutBack(t *testing.T) {
	card, other := person(t, "specimen"), person(t, "elder")
	desk(t, func(w *world) {
		id := w.residence()
		tap := w.insert(left, card)
		tap.at[lds.DG2] = func() { go func() { _ = w.system.Remove(left) }(); time.Sleep(time.Second) }
		w.can(id, card.CAN)
		w.consent(id, true)
		time.Sleep(5 * time.Second)
		w.in(id, counter.WaitingCard)
		other.CAN = card.CAN
		second := w.insert(left, other)
		assert.Equal(w, "failure.other-card", w.in(id, counter.Failed).Failure)
		assert.Empty(w, second.holders())
		assert.Equal(w, "failure.other-card", w.book.entries()[0].Detail["ended"])
		w.noPhotoEver()
	})
}

// A card with a number that does not fit waits for the right one, not for ever.
func TestPatience(t *testing.T) {
	card := person(t, "specimen")
	for _, state := range []counter.State{counter.WaitingCard, counter.WaitingPassword, counter.Asking, counter.Deciding} {
		t.Run(string(state), func(t *testing.T) {
			desk(t, func(w *world) {
				id := w.residence()
				if state != counter.WaitingCard {
					w.insert(left, card)
				}
				if state == counter.Asking || state == counter.Deciding {
					w.can(id, card.CAN)
				}
				if state == counter.Deciding {
					w.consent(id, true)
				}
				w.in(id, state)
				time.Sleep(counter.DefaultPatience + time.Second)
				assert.Equal(w, "failure.nobody-acted", w.in(id, counter.Failed).Failure)
				if state == counter.Deciding {
					assert.Equal(w, "undecided", w.book.entries()[1].Match)
					assert.Equal(w, 1, w.Signals().Undecided)
				}
				time.Sleep(counter.DefaultIdle + time.Second)
				_, err := w.Get(id)
				assert.ErrorIs(w, err, counter.ErrUnknown, "wiped")
			})
		})
	}
}

func TestCancel(t *testing.T) {
	card := person(t, "specimen")
	desk(t, func(w *world) {
		id := w.residence()
		tap := w.insert(left, card)
		w.can(id, card.CAN)
		require.NoError(w, w.Cancel(id))
		w.in(id, counter.Cancelled)
		assert.Empty(w, tap.holders())
		assert.ErrorIs(w, w.Cancel(id), counter.ErrState)

		id = w.residence() // the next one wipes the last
		w.can(id, card.CAN)
		w.consent(id, true)
		shown := w.in(id, counter.Deciding)
		require.NoError(w, w.Cancel(id))
		assert.Nil(w, w.in(id, counter.Cancelled).Holder)
		assert.False(w, shown.Photo.Show(func(photo.Picture) {}))
		last := w.book.entries()[len(w.book.entries())-1]
		assert.Equal(w, "undecided", last.Match)
		assert.Equal(w, "cancelled", last.Detail["ended"])
	})
}

// A ledger that fails hides no verdict, and no verdict hides that it failed.
func TestLedgerFails(t *testing.T) {
	card := person(t, "specimen")
	desk(t, func(w *world) {
		w.book.broken = errors.New("no space left on device")
		id := w.residence()
		w.insert(left, card)
		w.can(id, card.CAN)
		w.consent(id, true)
		shown := w.in(id, counter.Deciding)
		assert.True(w, shown.Unrecorded)
		assert.Nil(w, shown.Place)
		assert.NotNil(w, shown.Holder)
		w.match(id, counter.NoMatch)
		done := w.in(id, counter.Done)
		assert.Equal(w, pki.Refused, done.Verdict)
		assert.True(w, done.Unrecorded)
	})
}

// While the ledger writes, nobody sees a verdict.
func TestEntryBeforeVerdict(t *testing.T) {
	card := person(t, "specimen")
	desk(t, func(w *world) {
		id := w.residence()
		looked := 0
		w.book.before = func(r ledger.Record) {
			looked++
			now, err := w.Get(id)
			require.NoError(w, err)
			assert.Empty(w, now.Verdict)
			assert.Equal(w, r.Match != "", now.Report != nil)
		}
		w.insert(left, card)
		w.can(id, card.CAN)
		w.consent(id, true)
		w.match(id, counter.Unsure)
		assert.Equal(w, pki.Inconclusive, w.in(id, counter.Done).Verdict)
		assert.Equal(w, 2, looked)
	})
}

func TestTwoReaders(t *testing.T) {
	one, two := person(t, "specimen"), person(t, "elder")
	desk(t, func(w *world) {
		a := w.start(counter.Request{Purpose: "residence", Reader: left})
		b := w.start(counter.Request{Purpose: "account"}) // the one that is free
		_, err := w.Start(context.Background(), counter.Request{Purpose: "residence", Ticket: "1", Operator: "clerk-1"})
		assert.ErrorIs(w, err, counter.ErrReader)
		w.insert(right, two)
		w.insert(left, one)
		w.can(b, two.CAN)
		w.can(a, one.CAN)
		w.consent(b, true)
		w.consent(a, true)
		first, second := w.in(a, counter.Deciding), w.in(b, counter.Deciding)
		assert.NotEqual(w, first.Holder.CIN, second.Holder.CIN)
		assert.Equal(w, right, second.Reader)
		assert.Equal(w, []counter.Reader{{Name: left, Card: true, Transaction: a}, {Name: right, Card: true, Transaction: b}}, w.Readers())
		w.match(a, counter.Matches)
		w.match(b, counter.NoMatch)
		assert.Equal(w, pki.Accepted, w.in(a, counter.Done).Verdict)
		assert.Equal(w, pki.Refused, w.in(b, counter.Done).Verdict)
	})
}

// A watcher that never comes back for the next snapshot holds up nobody.
func TestSlowWatcher(t *testing.T) {
	card := person(t, "specimen")
	desk(t, func(w *world) {
		id := w.residence()
		ctx, stop := context.WithCancel(context.Background())
		var seen []counter.Transaction
		done := make(chan struct{})
		go func() {
			defer close(done)
			for s := range w.Watch(ctx, id) {
				seen = append(seen, s)
				<-ctx.Done()
			}
		}()
		w.watch(id)
		w.insert(left, card)
		w.can(id, card.CAN)
		w.consent(id, true)
		w.match(id, counter.Matches)
		w.in(id, counter.Done)
		stop()
		<-done
		assert.Len(w, seen, 1)
	})
}

func TestRequestsThatTheSiteDoesNotKnow(t *testing.T) {
	desk(t, func(w *world) {
		for want, q := range map[error]counter.Request{
			counter.ErrPurpose:  {Purpose: "curiosity", Operator: "clerk-1"},
			counter.ErrTicket:   {Purpose: "residence", Operator: "clerk-1"},
			counter.ErrOperator: {Purpose: "account", Operator: "passer-by"},
			counter.ErrReader:   {Purpose: "account", Operator: "clerk-1", Reader: "Kitchen 00"},
		} {
			_, err := w.Start(context.Background(), q)
			assert.ErrorIs(w, err, want)
		}
	})
}

// A desk that closes leaves nothing behind; the bubble sees to the goroutines.
func TestDeskCloses(t *testing.T) {
	card := person(t, "specimen")
	desk(t, func(w *world) {
		id := w.residence()
		w.insert(left, card)
		w.can(id, card.CAN)
		w.in(id, counter.Asking)
		w.start(counter.Request{Purpose: "account", Reader: right})
	})
}
