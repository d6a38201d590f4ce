package counter_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/cardreader/emrtd/access"
	"cnie/internal/answer"
	"cnie/internal/counter"
	"cnie/internal/ledger"
)

// meanwhile has something happen while an entry is being made.
func (b *book) meanwhile(do func(ledger.Record)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.before = do
}

// A second click on "match", while the first is being recorded, says nothing of
// the minor, whose photo nobody has seen yet.
func TestDoubleClickDecidesOnce(t *testing.T) {
	guardian, child := person(t, "specimen"), person(t, "child")
	desk(t, func(w *world) {
		id := w.start(counter.Request{Purpose: "minor", Reader: left, MinorHasCard: true})
		w.insert(left, guardian)
		w.can(id, guardian.CAN)
		w.consent(id, true)
		w.in(id, counter.Deciding)
		w.book.meanwhile(func(r ledger.Record) {
			if r.Match == "match" {
				assert.ErrorIs(w, w.Match(id, counter.Matches), counter.ErrState)
			}
		})
		w.match(id, counter.Matches)
		w.insert(left, child)
		w.can(id, child.CAN)
		w.consent(id, true)
		assert.Empty(w, w.in(id, counter.Deciding).Match)
		assert.Len(w, w.book.entries(), 3)
	})
}

// A yes that is said while no card is there is for nobody's card: the next one may
// be somebody else's.
func TestYesWithoutCard(t *testing.T) {
	desk(t, func(w *world) {
		id := w.residence()
		w.insert(left, person(t, "specimen"))
		require.NoError(w, w.system.Remove(left))
		w.in(id, counter.WaitingCard)
		assert.ErrorIs(w, w.Consent(id, true), counter.ErrState)
		other := person(t, "teenager")
		tap := w.insert(left, other)
		w.can(id, other.CAN)
		w.in(id, counter.Asking)
		assert.Empty(w, tap.holders())
	})
}

// What is on the screen goes with the no, not when a slow ledger has answered.
func TestNoWipesAtOnce(t *testing.T) {
	card := person(t, "specimen")
	desk(t, func(w *world) {
		id := w.residence()
		w.insert(left, card)
		w.can(id, card.CAN)
		w.consent(id, true)
		photo := w.in(id, counter.Deciding).Photo
		w.book.meanwhile(func(r ledger.Record) {
			if r.Match == "" {
				return
			}
			require.NoError(w, w.Consent(id, false))
			now, err := w.Get(id)
			require.NoError(w, err)
			assert.Nil(w, now.Holder)
			assert.False(w, photo.Show(nil))
		})
		w.match(id, counter.Matches)
		w.in(id, counter.RefusedByHolder)
		entries := w.book.entries()
		assert.Equal(w, ledger.Refusal, entries[len(entries)-1].Kind)
	})
}

// Nobody finds a record, or an address, by asking one card question after question.
func TestEachQuestionOnce(t *testing.T) {
	desk(t, func(w *world) {
		guess := func(date string) answer.Question {
			return answer.Question{ID: answer.SamePerson, Arg: "file-" + date, Record: &answer.Record{BirthDate: date}}
		}
		for name, asked := range map[string][]answer.Question{
			"two records": {guess("1990-01-01"), guess("1990-01-02")},
			"twice":       {{ID: answer.Over18}, {ID: answer.Over18}},
		} {
			purpose := map[string]string{"two records": "same-person", "twice": "age"}[name]
			_, err := w.Start(t.Context(), counter.Request{Purpose: purpose, Operator: "clerk-1", Ticket: "1", Questions: asked})
			assert.ErrorIs(w, err, counter.ErrQuestion, name)
		}
	})
}

// A number that comes while the end is being recorded is not kept for anybody.
func TestPasswordAfterTheEnd(t *testing.T) {
	card := person(t, "specimen")
	desk(t, func(w *world) {
		id := w.residence()
		w.insert(left, card)
		w.can(id, card.CAN)
		w.in(id, counter.Asking)
		require.NoError(w, w.system.Remove(left))
		time.Sleep(5 * time.Second)
		w.in(id, counter.WaitingCard)
		late, err := access.CAN(card.CAN)
		require.NoError(w, err)
		w.book.meanwhile(func(ledger.Record) { assert.ErrorIs(w, w.Password(id, late), counter.ErrState) })
		time.Sleep(counter.DefaultPatience + time.Second)
		synctest.Wait()
		w.in(id, counter.Failed)
		assert.Len(w, w.book.entries(), 1)
	})
}

// Where the site lists no operators there is none to name: what goes into the
// ledger under that head is an id, and never a text that somebody typed.
func TestOperatorIsNoText(t *testing.T) {
	desk(t, func(w *world) {
		_, err := w.Start(t.Context(), counter.Request{Purpose: "residence", Operator: "AMINA SPECIMEN", Ticket: "1"})
		assert.ErrorIs(w, err, counter.ErrOperator)
		id, err := w.Start(t.Context(), counter.Request{Purpose: "residence", Ticket: "1"})
		require.NoError(w, err)
		require.NoError(w, w.Cancel(id))
	}, func(o *counter.Options) { o.Site.Operators = nil })
}
