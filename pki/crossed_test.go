package pki_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/lds"
	"cnie/pki"
	"cnie/pki/specimen"
)

// A State speaks for itself: that it certified the key of another's authority
// makes the other's documents no better, and its revocation lists not theirs.
func TestAuthorityBelowAnotherState(t *testing.T) {
	first := another(t, "first", specimen.Options{Name: "first", Country: "FR", Code: "FRA", NotBefore: date(2015, 1, 1), KeyUseEnd: date(2026, 1, 1)})
	second := another(t, "second", specimen.Options{NotBefore: date(2021, 1, 1)})
	link, err := first.Link(second)
	require.NoError(t, err)
	r := world{
		sign:    signedBy(second, specimen.DSCOptions{}, nil),
		anchors: func(testing.TB, *specimen.Country) [][]byte { return [][]byte{first.Certificate, link} },
		lists: func(t testing.TB, _ *specimen.Country, _ *specimen.Signer) [][]byte {
			return [][]byte{list(t, first, now.AddDate(0, 0, -1), now.AddDate(0, 1, 0))}
		},
	}.judge(t)
	assert.Equal(t, []pki.CheckID{pki.CheckIssuerPathLength, pki.CheckIssuerCountry}, failures(r))
	check, _ := r.Check(pki.CheckRevocation)
	assert.Equal(t, pki.NotChecked, check.Outcome, check.Reason)
}

// A certificate that gives its own key the identifier of the one above it hides
// that one from nobody.
func TestKeyIdentifierOfTheAuthorityAbove(t *testing.T) {
	first := another(t, "first", specimen.Options{NotBefore: date(2015, 1, 1), KeyUseEnd: date(2026, 1, 1)})
	second := another(t, "second", specimen.Options{NotBefore: date(2021, 1, 1)})
	above, own := parse(t, first.Certificate).KeyIdentifier(), parse(t, second.Certificate).KeyIdentifier()
	same := func(tbs []byte) { replaced(tbs, own, above) }
	link, err := first.Link(second)
	require.NoError(t, err)
	link, err = first.Reissue(link, same)
	require.NoError(t, err)
	require.True(t, bytes.Equal(parse(t, link).AuthorityKeyID, parse(t, link).SubjectKeyID))
	revoked := specimen.Revocation{Serial: parse(t, first.Certificate).Serial, At: signed}
	r := world{
		sign: func(t testing.TB, _ *specimen.Signer, files map[lds.File][]byte) []byte {
			signer, err := second.IssueDSC(specimen.DSCOptions{})
			require.NoError(t, err)
			signer.Certificate, err = second.Reissue(signer.Certificate, same)
			require.NoError(t, err)
			sod, err := signer.SignSOD(files, specimen.SODOptions{})
			require.NoError(t, err)
			return sod
		},
		anchors: func(testing.TB, *specimen.Country) [][]byte { return [][]byte{first.Certificate, link} },
		lists: func(t testing.TB, _ *specimen.Country, _ *specimen.Signer) [][]byte {
			return [][]byte{list(t, first, now.AddDate(0, 0, -1), now.AddDate(0, 1, 0), revoked)}
		},
	}.judge(t)
	assert.Equal(t, []pki.CheckID{pki.CheckRevocationCSCA}, failures(r), "%v", found(r))
}
