package pki_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/lds"
	"cnie/pki"
	"cnie/pki/cert"
	"cnie/pki/specimen"
	"cnie/pki/trust"
)

// world is one row of a matrix: a country, a document signer, a card, a moment,
// and what the verifier has. Zero fields are honest ones.
type world struct {
	csca   specimen.Options
	dsc    specimen.DSCOptions
	sod    specimen.SODOptions
	policy pki.Policy // At: now

	// reissue changes the document signer's certificate before it is used.
	reissue func(tbs []byte)
	// sign makes EF.SOD, otherwise than the signer would by itself.
	sign func(t testing.TB, s *specimen.Signer, files map[lds.File][]byte) []byte
	// anchors and lists replace the CSCA and its revocation list, dated from
	// since until due (a day before and a month after At).
	anchors    func(t testing.TB, c *specimen.Country) [][]byte
	lists      func(t testing.TB, c *specimen.Country, s *specimen.Signer) [][]byte
	since, due time.Time
	// stored replaces the whole store.
	stored func(t testing.TB) *trust.Store
}

func date(year int, month time.Month, day int) time.Time {
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
}

// signed is when the default persona's EF.SOD is signed here, within its
// signer's key usage period.
var signed = date(2025, 1, 15)

// judge plays the row.
func (w world) judge(t testing.TB) pki.Report {
	t.Helper()
	if w.policy.At.IsZero() {
		w.policy.At = now
	}
	c, err := specimen.New("matrix", w.csca)
	require.NoError(t, err)
	signer, err := c.IssueDSC(w.dsc)
	require.NoError(t, err)
	if w.reissue != nil {
		signer.Certificate, err = c.Reissue(signer.Certificate, w.reissue)
		require.NoError(t, err)
	}
	card := citizen(t, "specimen")
	files := map[lds.File][]byte{lds.DG1: card.Files[lds.DG1], lds.DG2: card.Files[lds.DG2], lds.DG11: card.Files[lds.DG11], lds.DG14: card.Files[lds.DG14]}
	if w.sign == nil {
		w.sign = func(t testing.TB, s *specimen.Signer, files map[lds.File][]byte) []byte {
			sod, err := s.SignSOD(files, w.sod)
			require.NoError(t, err)
			return sod
		}
	}
	card.Files[lds.SOD] = w.sign(t, signer, files)
	v, err := pki.NewVerifier(w.store(t, c, signer), w.policy)
	require.NoError(t, err)
	report := v.Verify(t.Context(), collect(t, card))
	explained(t, report)
	return report
}

func (w world) store(t testing.TB, c *specimen.Country, signer *specimen.Signer) *trust.Store {
	if w.stored != nil {
		return w.stored(t)
	}
	anchors := [][]byte{c.Certificate}
	if w.anchors != nil {
		anchors = w.anchors(t, c)
	}
	var lists [][]byte
	if w.lists != nil {
		lists = w.lists(t, c, signer)
	} else {
		if w.since.IsZero() {
			w.since = w.policy.At.AddDate(0, 0, -1)
		}
		if w.due.IsZero() {
			w.due = w.policy.At.AddDate(0, 1, 0)
		}
		lists = [][]byte{list(t, c, w.since, w.due)}
	}
	return newStore(t, anchors, lists)
}

func newStore(t testing.TB, anchors, lists [][]byte) *trust.Store {
	t.Helper()
	var certificates []*cert.Certificate
	for _, der := range anchors {
		c, err := cert.Parse(der)
		require.NoError(t, err)
		certificates = append(certificates, c)
	}
	var parsed []*cert.CRL
	for _, der := range lists {
		l, err := cert.ParseCRL(der)
		require.NoError(t, err)
		parsed = append(parsed, l)
	}
	return trust.NewStore(certificates, parsed)
}

func list(t testing.TB, c *specimen.Country, since, due time.Time, revoked ...specimen.Revocation) []byte {
	t.Helper()
	der, err := c.CRL(since, due, revoked...)
	require.NoError(t, err)
	return der
}

// findings are the checks that a person has to see, by what they found.
type findings map[pki.CheckID]pki.Outcome

func found(r pki.Report) findings {
	all := findings{}
	for _, c := range r.Checks {
		if c.Outcome != pki.Passed && c.Outcome != pki.NotApplicable {
			all[c.ID] = c.Outcome
		}
	}
	return all
}

// verdict is what findings come to, said a second time and more simply than
// the report does.
func (f findings) verdict() pki.Verdict {
	v := pki.Accepted
	for _, o := range f {
		switch o {
		case pki.Failed:
			return pki.Refused
		case pki.NotChecked:
			v = pki.Inconclusive
		}
	}
	return v
}

// play judges a row and compares every finding.
func (w world) play(t *testing.T, want findings) {
	t.Helper()
	r := w.judge(t)
	if want == nil {
		want = findings{}
	}
	assert.Equal(t, want, found(r))
	assert.Equal(t, want.verdict(), r.Verdict())
	if r.Verdict() == pki.Refused {
		assert.Nil(t, r.Holder())
	}
}
