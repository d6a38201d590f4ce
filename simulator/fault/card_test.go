package fault

import (
	"reflect"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/lds"
	"cnie/simulator/persona"
)

func parse(t testing.TB, specs ...string) (faults []Fault) {
	for _, spec := range specs {
		f, err := Parse(spec)
		require.NoError(t, err)
		faults = append(faults, f)
	}
	return faults
}

func load(t testing.TB, name string) *persona.Persona {
	p, err := persona.Load(name)
	require.NoError(t, err)
	return p
}

// TestEveryCard makes the card of every fault twice: the two are alike, the
// persona stays as it was, and a fault that is made with the card makes another
// card of it.
func TestEveryCard(t *testing.T) {
	for _, k := range All() {
		t.Run(k.Name, func(t *testing.T) {
			p, untouched := load(t, k.Persona), load(t, k.Persona)
			honest, err := p.Card()
			require.NoError(t, err)
			card, err := Card(p, parse(t, k.Name)...)
			require.NoError(t, err)
			again, err := Card(p, parse(t, k.Name)...)
			require.NoError(t, err)
			assert.True(t, reflect.DeepEqual(card, again), "two runs differ")
			assert.Equal(t, untouched, p, "the persona has changed")
			made := k.Layer != CardMotion && !parse(t, k.Name)[0].Live()
			assert.Equal(t, made, !reflect.DeepEqual(card, honest), "it is another card")
		})
	}
}

// A fault on the persona leaves the rest of the persona alone.
func TestPatchKeepsTheRest(t *testing.T) {
	p := load(t, "passport") // which has an issuer of its own
	require.NotZero(t, p.Issuer.RSA)
	w := &work{persona: *p, patched: map[string]bool{}}
	require.NoError(t, w.stage(beforehand, parse(t, "revoked-signer", "expired-document")))
	want := *load(t, "passport")
	want.Issuer.Revoked, want.Document.Expires = true, "2025-12-31"
	assert.Equal(t, want, w.persona)
}

// Faults that undo each other, or that a persona cannot have, are refused.
func TestImpossibleCards(t *testing.T) {
	for want, c := range map[string]struct {
		persona string
		faults  []string
	}{
		"fault two-signers: another fault signs the card already":                    {"specimen", []string{"self-signed-signer", "two-signers"}},
		"fault signed-after-expiry: another fault has changed issuer":                {"specimen", []string{"expired-signer-undated", "signed-after-expiry"}},
		"fault card-access-more: bac-only offers no PACE":                            {"bac-only", []string{"card-access-more"}},
		"fault hide: specimen has no EF.DG15":                                        {"specimen", []string{"hide=dg15"}},
		"personalise specimen: issuer.revoked: only the specimen country":            {"specimen", []string{"revoked-signer", "unknown-authority"}},
		"fault address-edited: dg1-dg2 has no EF.DG11":                               {"dg1-dg2", []string{"address-edited"}},
		"fault card-access-weaker: passport-bac offers no PACE that could be weaker": {"passport-bac", []string{"card-access-weaker"}},
		"fault bad-text: dg1-dg2 has no name in DG11 that could hold it":             {"dg1-dg2", []string{"bad-text"}},
	} {
		_, err := Card(load(t, c.persona), parse(t, c.faults...)...)
		require.Error(t, err, want)
		assert.Contains(t, err.Error(), want)
		assert.NotContains(t, err.Error(), "\n")
	}
}

// Arguments reach what they are about.
func TestArguments(t *testing.T) {
	honest, err := load(t, "specimen").Card()
	require.NoError(t, err)
	for _, f := range []lds.File{lds.DG1, lds.DG2, lds.DG11, lds.DG12, lds.DG14, lds.SOD, lds.COM, lds.CardAccess} {
		card, err := Card(load(t, "specimen"), parse(t, "flip="+f.Short())...)
		require.NoError(t, err)
		hidden, err := Card(load(t, "specimen"), parse(t, "hide="+f.Short())...)
		require.NoError(t, err)
		for other := range honest.Files {
			assert.Equal(t, other != f, reflect.DeepEqual(honest.Files[other], card.Files[other]), "%v when %v is flipped", other, f)
			assert.Equal(t, other != f, hidden.Files[other] != nil)
		}
	}
	card, err := Card(load(t, "specimen"), parse(t, "fussy-short-answers=8")...)
	require.NoError(t, err)
	assert.Equal(t, []persona.Quirk{{INS: 0xB0, Data: []byte{}, Most: 8}}, card.Quirks)
}

// What the issuer does itself is covered by its signature; what is done to the
// card afterwards is not.
func TestSignedOrNot(t *testing.T) {
	honest, err := load(t, "specimen").Card()
	require.NoError(t, err)
	signed, err := Card(load(t, "specimen"), parse(t, "check-digit")...)
	require.NoError(t, err)
	assert.NotEqual(t, honest.Files[lds.SOD], signed.Files[lds.SOD])
	later, err := Card(load(t, "specimen"), parse(t, "name-edited")...)
	require.NoError(t, err)
	assert.Equal(t, honest.Files[lds.SOD], later.Files[lds.SOD])
}
