package agent

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/internal/remote/order"
)

var errCrash = errors.New("crash")

// at crashes at the first line of a stage for an order.
func at(s stage, id order.ID) func(*entry) error {
	return func(e *entry) error {
		if e.Stage == s && e.Order == id {
			return errCrash
		}
		return nil
	}
}

// An agent is killed at each state of the journal, before and after a line is
// written, and comes back: there is one answer, and never two signatures.
func TestKilled(t *testing.T) {
	for name, c := range map[string]struct {
		stage   stage
		before  bool
		signed  int           // by the card, in all
		outcome order.Outcome // that the service gets in the end
		reason  order.Reason
	}{
		"before it began":         {begun, true, 0, order.Failed, order.Lost},
		"when it had begun":       {begun, false, 0, order.Failed, order.Lost},
		"with the signature made": {answered, true, 1, order.Failed, order.Lost},
		"with it on disk":         {answered, false, 1, order.Signed, ""},
		"when it was sent":        {sent, true, 1, order.Signed, ""},
		"when that was noted":     {sent, false, 1, order.Signed, ""},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			stop := w.run()
			o := w.wants(w.agreed(w.asks(order.Doc, order.CAdES, lease)), nil, lease)
			require.NoError(t, stop())

			w.service.give(o)
			if c.before {
				w.before = at(c.stage, o.ID)
			} else {
				w.after = at(c.stage, o.ID)
			}
			require.ErrorIs(t, w.crash(), errCrash)
			w.before, w.after = nil, nil
			w.service.mu.Lock()
			if w.service.answers[o.ID] == nil {
				w.service.open = []order.ID{o.ID}
			}
			w.service.mu.Unlock()

			stop = w.run()
			a := w.answer(o)
			assert.Equal(t, []any{c.outcome, c.reason}, []any{a.Outcome, a.Reason})
			if a.Outcome == order.Signed {
				w.judge(a.Values[0], lease)
			}
			w.service.give(o) // a service that forgot, or is not the one that it was
			again := w.wants(w.consentOf(o), nil, lease)
			w.service.give(again)
			b := w.answer(again)
			require.NoError(t, stop())
			signed, _ := w.counter.counts()
			if c.signed == 0 && c.stage == begun && c.before {
				assert.Equal(t, order.Signed, b.Outcome, "nothing had begun: the consent is still good")
				assert.Equal(t, 1, signed)
				return
			}
			assert.Equal(t, order.TokenUsed, b.Reason)
			assert.Equal(t, c.signed, signed)
		})
	}
}

// consentOf is the order that was agreed to before this one.
func (w *world) consentOf(o *order.Order) *order.Order {
	agreed := *o
	agreed.ID, agreed.Stage, agreed.Consent, agreed.Token = o.Consent, order.Consent, "", ""
	return &agreed
}

// The word of the holder outlives the agent, and is not asked for twice.
func TestKilledAfterConsent(t *testing.T) {
	w := newWorld(t)
	o := w.asks(order.Doc, order.CAdES, lease)
	w.service.give(o)
	w.after = at(answered, o.ID)
	require.ErrorIs(t, w.crash(), errCrash)
	w.after = nil
	stop := w.run()
	assert.Equal(t, order.Consented, w.answer(o).Outcome)
	require.NoError(t, stop())
	assert.Len(t, w.holder.asked, 1)
}

// Answers that do not arrive are kept until they do.
func TestServiceThatDoesNotListen(t *testing.T) {
	w := newWorld(t)
	stop := w.run()
	o := w.wants(w.agreed(w.asks(order.Doc, order.CAdES, lease)), nil, lease)
	w.service.mu.Lock()
	w.service.deaf = true
	w.service.mu.Unlock()
	w.service.give(o)
	require.Eventually(t, func() bool { return w.holder.told(Answered) == 2 }, 10*time.Second, 10*time.Millisecond)
	w.service.mu.Lock()
	w.service.deaf = false
	w.service.mu.Unlock()
	assert.Equal(t, order.Signed, w.answer(o).Outcome)
	require.NoError(t, stop())
	signed, _ := w.counter.counts()
	assert.Equal(t, 1, signed)
}

// A line that was cut off by a power cut is as if it had never been begun; one in
// the middle is not to be explained, and nothing is signed over it.
func TestTornJournal(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, journalFile)
	whole := `{"stage":"begun","order":"` + string(order.NewID()) + `","until":"2099-01-01T00:00:00Z"}` + "\n"
	require.NoError(t, os.WriteFile(path, []byte(whole+`{"stage":"answ`), 0o600))
	j, err := openJournal(folder, time.Now())
	require.NoError(t, err)
	assert.Len(t, j.in(begun), 1)
	require.NoError(t, j.close())
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.NotContains(t, string(text), "answ")

	require.NoError(t, os.WriteFile(path, []byte(`{"stage":"answ`+"\n"+whole), 0o600))
	_, err = openJournal(folder, time.Now())
	assert.Error(t, err)
}

// What is long over is forgotten, and a spent consent not before.
func TestJournalForgets(t *testing.T) {
	folder := t.TempDir()
	j, err := openJournal(folder, time.Now())
	require.NoError(t, err)
	until := time.Now().UTC()
	id, consent := order.NewID(), order.NewID()
	require.NoError(t, j.write(entry{Stage: begun, Order: id, Until: until, Spent: consent}))
	require.NoError(t, j.write(entry{Stage: sent, Order: id}))
	require.NoError(t, j.close())
	for _, c := range []struct {
		later time.Duration
		used  bool
	}{{keep - time.Hour, true}, {keep + time.Hour, false}} {
		j, err = openJournal(folder, until.Add(c.later))
		require.NoError(t, err)
		assert.Equal(t, c.used, j.used(consent))
		require.NoError(t, j.close())
	}
}

// A disk that takes nothing any more ends the agent before the card is touched.
func TestFullDisk(t *testing.T) {
	w := newWorld(t)
	stop := w.run()
	o := w.wants(w.agreed(w.asks(order.Doc, order.CAdES, lease)), nil, lease)
	require.NoError(t, stop())
	w.service.give(o)
	w.before = func(e *entry) error {
		if e.Order == o.ID {
			return &os.PathError{Op: "write", Path: journalFile, Err: os.ErrClosed}
		}
		return nil
	}
	require.ErrorIs(t, w.crash(), os.ErrClosed)
	signed, pins := w.counter.counts()
	assert.Zero(t, signed+pins)
}
