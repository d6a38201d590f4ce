package counter_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/internal/answer"
	"cnie/internal/counter"
	"cnie/internal/photo"
	"cnie/internal/site"
	"cnie/pki"
)

// minors begins a transaction about a minor and takes the guardian's card through.
func (w *world) minors(has bool) string {
	id := w.start(counter.Request{Purpose: "minor", Reader: left, MinorHasCard: has})
	assert.Equal(w, counter.Guardian, w.in(id, counter.WaitingCard).Person)
	card := person(w.T, "specimen")
	w.insert(left, card)
	w.can(id, card.CAN)
	w.consent(id, true)
	assert.NotEmpty(w, w.in(id, counter.Deciding).Holder.Surname)
	assert.Empty(w, w.in(id, counter.Deciding).Holder.BirthDate, "the notice does not say so of the guardian")
	w.match(id, counter.Matches)
	return id
}

// Two cards, one after the other, each with its own notice, yes and entries.
func TestGuardian(t *testing.T) {
	child := person(t, "child")
	desk(t, func(w *world) {
		id := w.minors(true)
		waiting := w.in(id, counter.WaitingCard)
		assert.Equal(w, "next.put-minors-card", waiting.Next)
		assert.False(w, waiting.Agreed)
		assert.Nil(w, waiting.Holder)
		assert.NotEmpty(w, waiting.Guardian.Holder.Surname)
		time.Sleep(time.Minute) // the guardian's card lies there
		w.in(id, counter.WaitingCard)
		w.insert(left, child)
		w.can(id, child.CAN)
		w.consent(id, true)
		shown := w.in(id, counter.Deciding)
		assert.Equal(w, counter.Holder, shown.Person)
		assert.Equal(w, "2018-03-21", shown.Holder.BirthDate)
		w.match(id, counter.Matches)
		done := w.in(id, counter.Done)
		assert.Equal(w, pki.Accepted, done.Verdict)
		assert.True(w, done.Guardian.Photo.Show(func(photo.Picture) {}))
		entries := w.book.entries()
		require.Len(w, entries, 4)
		assert.Equal(w, "guardian", entries[0].Detail["card"])
		assert.NotContains(w, entries[0].Fields, "birth_date")
		assert.Equal(w, "holder", entries[2].Detail["card"])
	})
}

func TestMinorWithoutCard(t *testing.T) {
	desk(t, func(w *world) {
		id := w.minors(false)
		assert.Equal(w, pki.Accepted, w.in(id, counter.Done).Verdict)
		assert.Equal(w, w.book.entries()[0].Fields, w.in(id, counter.Done).Looked, "the guardian's, and no others")
		assert.Len(w, w.book.entries(), 2)
	})
}

// The guardian's card cannot be the minor's too, and a minor is no guardian.
func TestGuardiansCardTwice(t *testing.T) {
	card := person(t, "specimen")
	desk(t, func(w *world) {
		id := w.minors(true)
		tap := w.insert(left, card)
		w.can(id, card.CAN)
		end := w.in(id, counter.Failed)
		assert.Equal(w, "failure.guardians-card-twice", end.Failure)
		assert.Nil(w, end.Guardian)
		assert.Empty(w, tap.holders())
	})
}

func TestMinorAsGuardian(t *testing.T) {
	card := person(t, "teenager")
	desk(t, func(w *world) {
		id := w.start(counter.Request{Purpose: "minor", Reader: left})
		w.insert(left, card)
		w.can(id, card.CAN)
		w.consent(id, true)
		assert.Equal(w, "failure.guardian-is-a-minor", w.in(id, counter.Failed).Failure)
		w.noPhotoEver()
	})
}

// Of a minor whose card is refused, the guardian's data go too.
func TestMinorsCardRefused(t *testing.T) {
	clone := person(t, "child", "clone")
	desk(t, func(w *world) {
		id := w.minors(true)
		w.insert(left, clone)
		w.can(id, clone.CAN)
		done := w.in(id, counter.Done)
		assert.Equal(w, pki.Refused, done.Verdict)
		assert.Nil(w, done.Guardian.Holder)
		assert.NotNil(w, done.Guardian.Report)
	})
}

// The answer leaves and the fields stay: nothing but the photo is in the snapshot.
func TestAnswers(t *testing.T) {
	for name, want := range map[string]answer.Value{"specimen": answer.Yes, "teenager": answer.No} {
		card := person(t, name)
		desk(t, func(w *world) {
			id := w.start(counter.Request{Purpose: "age", Reader: left, Questions: []answer.Question{{ID: answer.Over18}}})
			w.insert(left, card)
			w.can(id, card.CAN)
			w.consent(id, true)
			shown := w.in(id, counter.Deciding)
			require.Len(w, shown.Answers, 1)
			assert.Equal(w, want, shown.Answers[0].Value)
			assert.Equal(w, pki.Holder{Watermark: pki.MarkSpecimen, Reserved: true}, *shown.Holder)
			assert.Equal(w, "age-residence", shown.Pseudonym+"-residence")
			assert.Equal(w, []string{"over-18=" + string(want)}, w.book.entries()[0].Answers)
			w.match(id, counter.Matches)
			_, err := w.Start(t.Context(), counter.Request{Purpose: "age", Operator: "clerk-1", Questions: []answer.Question{{ID: answer.LivesIn, Arg: "RABAT"}}})
			assert.ErrorIs(w, err, counter.ErrQuestion)
		}, func(o *counter.Options) {
			o.Pseudonym = func(purpose string, h *pki.Holder) (string, error) {
				assert.NotEmpty(t, h.CIN)
				return purpose, nil
			}
		})
	}
}

// Specimens prove nothing where real people are served, and are not even read.
func TestProductionRefusesSpecimens(t *testing.T) {
	card := person(t, "specimen")
	desk(t, func(w *world) {
		id := w.residence()
		tap := w.insert(left, card)
		w.can(id, card.CAN)
		done := w.in(id, counter.Done)
		assert.Equal(w, pki.Inconclusive, done.Verdict)
		assert.True(w, done.Report.NotPermitted)
		assert.Equal(w, "next.card-not-for-this-desk", done.Next)
		assert.Empty(w, tap.holders())
		w.noPhotoEver()
	}, func(o *counter.Options) {
		o.Site = site.Specimen()
		o.Site.Production = true
	})
}

// What the policy leaves open and the purpose needs is not green.
func TestPurposeNeedsMoreThanThePolicy(t *testing.T) {
	card := person(t, "no-chip-auth")
	desk(t, func(w *world) {
		w.policy.AllowOpen = []pki.Axis{pki.AxisChip}
		id := w.residence()
		tap := w.insert(left, card)
		w.can(id, card.CAN)
		done := w.in(id, counter.Done)
		assert.Equal(w, pki.Inconclusive, done.Verdict)
		assert.Equal(w, pki.Inconclusive, done.Report.Verdict)
		assert.Contains(w, done.Report.Unmet, pki.AxisChip)
		assert.Empty(w, tap.holders())
	})
}

func TestSignals(t *testing.T) {
	card := person(t, "specimen")
	desk(t, func(w *world) {
		visit := func(m counter.Match, look time.Duration) {
			id := w.start(counter.Request{Purpose: "account", Reader: left})
			w.insert(left, card)
			w.can(id, card.CAN)
			w.consent(id, true)
			time.Sleep(look)
			w.match(id, m)
		}
		visit(counter.Matches, 3*time.Second)
		visit(counter.NoMatch, 0)
		visit(counter.Matches, 3*time.Second)
		assert.Equal(w, counter.Signals{
			Day: "2026-11-20", Transactions: 3, MostSameCard: 3, Repeated: 1, Decided: 3, Overridden: 1, Hasty: 1,
		}, w.Signals())
		time.Sleep(24 * time.Hour)
		assert.Equal(w, counter.Signals{Day: "2026-11-21"}, w.Signals())
		time.Sleep(12 * time.Hour) // half past nine in the evening
		visit(counter.Matches, time.Minute)
		assert.Equal(w, 1, w.Signals().OutOfHours)
		assert.Equal(w, 1, w.Signals().MostSameCard, "yesterday is forgotten")
	})
}

func TestPhotoThatCannotBeShown(t *testing.T) {
	card := person(t, "specimen", "photo-bomb")
	desk(t, func(w *world) {
		id := w.residence()
		w.insert(left, card)
		w.can(id, card.CAN)
		w.consent(id, true)
		end := w.in(id, counter.Deciding)
		assert.Nil(w, end.Photo)
		assert.Equal(w, "photo.unreadable", end.NoPhoto)
	})
}

// Nor is what only the holder's data groups show to be open: here, until when the
// document is valid.
func TestPurposeNeedsADate(t *testing.T) {
	card := person(t, "specimen", "check-digit")
	for purpose, state := range map[string]counter.State{"account": counter.Done, "household": counter.Deciding} {
		desk(t, func(w *world) {
			w.policy.AllowOpen = []pki.Axis{pki.AxisValidity}
			id := w.start(counter.Request{Purpose: purpose, Reader: left})
			w.insert(left, card)
			w.can(id, card.CAN)
			w.consent(id, true)
			end := w.in(id, state)
			if state == counter.Done {
				assert.Equal(w, pki.Inconclusive, end.Verdict)
				assert.Equal(w, []pki.Axis{pki.AxisValidity}, end.Report.Unmet)
				w.noPhotoEver()
			}
		})
	}
}
