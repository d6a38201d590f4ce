package counter_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/cardreader/emrtd/access"
	"cnie/internal/counter"
	"cnie/lds"
	"cnie/pki"
	"cnie/simulator"
	"cnie/simulator/fault"
	"cnie/simulator/persona"
)

// hand holds the card in the left reader.
type hand struct {
	w    *world
	chip *simulator.Chip
}

func (h *hand) Remove() { _ = h.w.system.Remove(left) }

func (h *hand) Insert(card *persona.Card) {
	chip := h.chip
	if card != nil {
		chip = simulator.New(card)
	}
	_ = h.w.system.Insert(left, chip)
}

// needsHolder reports whether what is wrong shows in data groups of the holder
// only, so that it cannot stop a card before the question.
func needsHolder(checks []string) bool {
	for _, id := range checks {
		dg := strings.HasPrefix(id, "integrity.dg") && id != "integrity.dg14" && id != "integrity.dg15"
		if !dg && id != "issuer.country" && id != "issuer.document-type" && id != "validity.document" {
			return false
		}
	}
	return true
}

// Every way in which a card can be dishonest, broken or odd comes to the desk,
// with a holder who agrees to everything at once. A card that is not accepted
// never shows a photo or a field, and one that can be told from the files that
// are nobody's is never asked for those that are somebody's.
func TestEveryFault(t *testing.T) {
	for _, kind := range fault.All() {
		if kind.Layer == fault.PIN {
			continue
		}
		t.Run(kind.Name, func(t *testing.T) {
			f, err := fault.Parse(kind.Name)
			require.NoError(t, err)
			name := kind.Persona
			if name == "" {
				name = "specimen"
			}
			p, err := persona.Load(name)
			require.NoError(t, err)
			card, err := fault.Card(p, f)
			require.NoError(t, err)
			at := now
			if kind.Expect.At != "" {
				at, err = time.Parse(time.RFC3339, kind.Expect.At)
				require.NoError(t, err)
			}
			printed, err := p.Card() // what eyes see
			require.NoError(t, err)
			password, err := access.CAN(printed.CAN)
			if p.Expect.AllowBAC {
				password, err = access.MRZ(printed.MRZ)
			}
			require.NoError(t, err)
			deskAt(t, at, func(w *world) {
				w.policy.AllowBAC = p.Expect.AllowBAC
				face(w, kind, f, card, password)
			}, func(o *counter.Options) { o.Reading.AllowBAC = p.Expect.AllowBAC })
		})
	}
}

func face(w *world, kind fault.Kind, f fault.Fault, card *persona.Card, password access.Password) {
	id := w.start(counter.Request{Purpose: "household", Reader: left})
	holder, tap := &hand{w: w}, &wiretap{at: map[lds.File]func(){}}
	options := []simulator.Option{}
	for _, wire := range fault.Wires(holder, f) {
		options = append(options, simulator.WithWire(wire))
	}
	holder.chip = simulator.New(card, append(options, simulator.WithWire(tap.wire))...)
	require.NoError(w, w.system.Insert(left, holder.chip))
	synctest.Wait()
	w.consent(id, true)
	require.NoError(w, w.Password(id, password))
	time.Sleep(100 * time.Second)
	synctest.Wait()
	end, err := w.Get(id)
	require.NoError(w, err)
	switch kind.Expect.Verdict {
	case fault.Accepted:
		require.Equal(w, counter.Deciding, end.State, "next %s, failure %s, report %+v", end.Next, end.Failure, end.Report)
		return
	case fault.Error:
		assert.NotEqual(w, counter.Deciding, end.State)
	default:
		require.Equal(w, counter.Done, end.State, "next %s, failure %s", end.Next, end.Failure)
		if !end.Report.NotPermitted { // such a card is not looked at further
			assert.Equal(w, pki.Verdict(kind.Expect.Verdict), end.Verdict)
		}
		assert.Len(w, w.book.entries(), 1)
		if !needsHolder(kind.Expect.Checks) || kind.Layer == fault.Issuer && kind.Expect.Verdict == fault.Inconclusive {
			w.noneTouched(kind, tap)
		}
	}
	w.noPhotoEver()
}

// noneTouched allows for what is found on the way: a channel that breaks does so
// when it is used, and a file is denied when it is asked for.
func (w *world) noneTouched(kind fault.Kind, tap *wiretap) {
	if kind.Layer == fault.Channel || kind.Layer == fault.Transport || kind.Layer == fault.CardMotion || kind.Name == "denied-inside" {
		return
	}
	assert.Empty(w, tap.holders(), "nothing of the holder of such a card is read")
}
