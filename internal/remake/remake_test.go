package remake_test

import (
	"bytes"
	"crypto/rand"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/apdu"
	"cnie/apdu/trace"
	"cnie/cardreader"
	"cnie/cardreader/emrtd"
	"cnie/cardreader/emrtd/access"
	"cnie/cardreader/recording"
	"cnie/internal/photo"
	"cnie/internal/remake"
	"cnie/lds"
	"cnie/pki"
	"cnie/pki/cert"
	"cnie/pki/specimen"
	"cnie/pki/trust"
	"cnie/simulator"
	"cnie/simulator/persona"
)

var asked = []string{"dg1", "dg2", "dg11", "dg12"}

func load(t testing.TB, name string) *persona.Card {
	t.Helper()
	p, err := persona.Load(name)
	require.NoError(t, err)
	card, err := p.Card()
	require.NoError(t, err)
	return card
}

func passwordOf(t testing.TB, card *persona.Card) access.Password {
	password, err := access.CAN(card.CAN)
	if len(card.PACE) == 0 {
		password, err = access.MRZ(card.MRZ)
	}
	require.NoError(t, err)
	return password
}

// record reads a card at a desk and gives the whole trace; how the reading ends
// is part of it.
func record(t testing.TB, system cardreader.System, password access.Password) *trace.Trace {
	t.Helper()
	recorder := recording.Record(system, rand.Reader, "cnie test")
	readers, err := system.Readers(t.Context())
	require.NoError(t, err)
	card, err := recorder.System().Connect(t.Context(), readers[0].Name)
	require.NoError(t, err)
	var files []lds.File
	for _, name := range asked {
		f, err := lds.ParseFile(name)
		require.NoError(t, err)
		files = append(files, f)
	}
	var options []apdu.Option
	if card.ATR().ExtendedLength() {
		options = append(options, apdu.WithExtendedLength())
	}
	_, _ = emrtd.Read(t.Context(), apdu.NewChannel(card, options...), emrtd.Options{
		Password: password, Files: files, AllowBAC: true, Rand: recorder.Rand(), Reset: card.Reset, ATR: card.ATR(),
	})
	require.NoError(t, card.Close())
	recorded, err := recorder.Trace()
	require.NoError(t, err)
	recorded.Header.Session = trace.Session{Files: asked, AllowBAC: true, Password: password.Kind()}
	return recorded
}

// play gives the evidence of a remade trace.
func play(t testing.TB, made *trace.Trace, secret remake.Secret) (*pki.Evidence, error) {
	t.Helper()
	password, err := secret.Password()
	require.NoError(t, err)
	evidence, player, err := remake.Read(t.Context(), made, password)
	require.NoError(t, player.Err(), "a remade trace plays as it was recorded")
	return evidence, err
}

func judge(t testing.TB, at time.Time, e *pki.Evidence) (failed []pki.CheckID) {
	csca, err := cert.Parse(specimen.Default().Certificate)
	require.NoError(t, err)
	der, err := specimen.Default().CRL(at.AddDate(0, 0, -1), at.AddDate(0, 0, 30))
	require.NoError(t, err)
	crl, err := cert.ParseCRL(der)
	require.NoError(t, err)
	v, err := pki.NewVerifier(trust.NewStore([]*cert.Certificate{csca}, []*cert.CRL{crl}), pki.Policy{At: at, AllowBAC: true})
	require.NoError(t, err)
	for _, c := range v.Verify(t.Context(), e).Checks {
		if c.Outcome == pki.Failed {
			failed = append(failed, c.ID)
		}
	}
	return failed
}

// parts are what two traces can have in common.
func parts(t *trace.Trace) []trace.Entry { return t.Redact().Entries }

// strangers are people whom the remade card must not be: every name, number and
// text of the original that is not the specimen's own.
func strangers(t testing.TB, card *persona.Card) (texts []string) {
	zone, err := lds.ParseDG1(card.Files[lds.DG1])
	require.NoError(t, err)
	texts = append(texts, zone.DocumentNumber, zone.GivenNames, zone.Optional1, card.MRZLines[0], card.MRZLines[1])
	if details, err := lds.ParseDG11(card.Files[lds.DG11]); err == nil {
		surname, given := details.Names()
		texts = append(append(append(texts, surname, given, details.PersonalNumber, details.Profession, details.Custody), details.BirthPlace...), details.Address...)
	}
	return texts
}

// For every shipped persona the rebuilt session is equal to the original command
// by command, in lengths, status words and times, as far as its header does not
// say otherwise; it plays; and the person is gone.
func TestEveryPersona(t *testing.T) {
	unequal := 0
	for _, name := range persona.Names() {
		t.Run(name, func(t *testing.T) {
			card := load(t, name)
			was := record(t, simulator.NewSystem("Somewhere", simulator.New(card)), passwordOf(t, card))
			made, secret, err := remake.Trace(t.Context(), was, passwordOf(t, card))
			require.NoError(t, err)
			var file bytes.Buffer
			require.NoError(t, made.Encode(&file))
			if len(made.Header.Unequal) == 0 {
				assert.Equal(t, parts(was), parts(made))
			} else {
				if len(card.Quirks) == 0 { // a remade chip has no habits
					unequal++
				}
				t.Log(strings.Join(made.Header.Unequal, "; "))
			}
			evidence, err := play(t, made, secret)
			require.NoError(t, err)
			assert.Empty(t, evidence.Broken)
			for _, text := range strangers(t, card) {
				if len(text) < 4 || text == "SPECIMEN" {
					continue
				}
				assert.NotContains(t, file.String(), text)
				for f, content := range evidence.Files {
					assert.False(t, bytes.Contains(content, []byte(text)), "%v has %d bytes of the original", f, len(text))
				}
			}
			if picture := card.Files[lds.DG2]; len(picture) > 0 {
				faces, err := lds.ParseDG2(evidence.Files[lds.DG2])
				require.NoError(t, err)
				_, err = photo.Render(faces[0])
				assert.NoError(t, err, "a face that can be shown")
			}
		})
	}
	assert.LessOrEqual(t, unequal, 2, "nearly all can be made equal")
}

// The verdict survives: what was wrong with the card is wrong with the remade
// one, and nothing else.
func TestWhatWasWrongStaysWrong(t *testing.T) {
	flip := func(f lds.File) func(*persona.Card) {
		return func(c *persona.Card) { c.Files[f][len(c.Files[f])-1] ^= 1 }
	}
	cases := map[string]struct {
		card  string
		spoil func(*persona.Card)
		want  []pki.CheckID
	}{
		"nothing":              {"specimen", func(*persona.Card) {}, nil},
		"a changed DG1":        {"specimen", flip(lds.DG1), []pki.CheckID{"integrity.dg1"}},
		"a changed photo":      {"specimen", flip(lds.DG2), []pki.CheckID{"integrity.dg2"}},
		"a changed signature":  {"specimen", flip(lds.SOD), []pki.CheckID{"integrity.signature"}},
		"a hidden DG11":        {"specimen", func(c *persona.Card) { delete(c.Files, lds.DG11) }, []pki.CheckID{"integrity.presence"}},
		"a copy without key":   {"specimen", func(c *persona.Card) { c.ChipKeys = nil }, []pki.CheckID{"chip.authentication"}},
		"a copy with its own":  {"specimen", func(c *persona.Card) { c.ChipKeys[0].Private[9] ^= 1 }, []pki.CheckID{"chip.authentication"}},
		"expired":              {"expired", func(*persona.Card) {}, []pki.CheckID{"validity.document"}},
		"no active key":        {"active-rsa", func(c *persona.Card) { c.ActiveKey = nil }, []pki.CheckID{"chip.active"}},
		"another's active key": {"active-ec", func(c *persona.Card) { c.ActiveKey = c.ActiveKey.Other() }, []pki.CheckID{"chip.active"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			card := load(t, c.card)
			c.spoil(card)
			was := record(t, simulator.NewSystem("Somewhere", simulator.New(card)), passwordOf(t, card))
			made, secret, err := remake.Trace(t.Context(), was, passwordOf(t, card))
			require.NoError(t, err)
			assert.Empty(t, made.Header.Unequal)
			assert.Equal(t, parts(was), parts(made))
			evidence, err := play(t, made, secret)
			require.NoError(t, err)
			assert.ElementsMatch(t, append(c.want, pki.CheckAccessReplay), judge(t, made.Header.At, evidence))
		})
	}
}
