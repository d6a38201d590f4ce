package trust_test

import (
	"bytes"
	"fmt"
	"testing"

	"cnie/pki/cert"
	"cnie/pki/specimen"
	"cnie/pki/trust"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// inDir is a directory that took in what is given, signers and all.
func inDir(t testing.TB, in trust.Import) *trust.Dir {
	t.Helper()
	dir := newDir(t)
	for _, r := range take(t, dir, in) {
		require.NoError(t, r.Refused)
	}
	return dir
}

// refused takes one list in and expects that nobody vouches for it.
func refused(t testing.TB, dir *trust.Dir, item trust.Item) error {
	t.Helper()
	version := dir.Version()
	r := take(t, dir, trust.Import{Items: []trust.Item{item}})
	require.Len(t, r, 1)
	assert.ErrorIs(t, r[0].Refused, trust.ErrSigner)
	assert.Equal(t, version, dir.Version())
	return r[0].Refused
}

// A State that publishes a list of its own does not replace that of another by
// certifying a signer in the other's name.
func TestSignerInTheNameOfAnotherState(t *testing.T) {
	w := newWorld(t)
	thief := newCountry(t, "thief", "XE", now.AddDate(-1, 0, 0), 20)
	own := listSigner(t, thief, specimen.ListSignerOptions{})
	dir := inDir(t, trust.Import{
		Items:   []trust.Item{masterListOf(t, w.signer, now, w.publisher, w.a), masterListOf(t, own, now, thief)},
		Signers: [][]byte{w.publisher.Certificate, thief.Certificate},
	})
	var err error
	own.Certificate, err = thief.Reissue(own.Certificate, func(tbs []byte) {
		copy(tbs, bytes.ReplaceAll(tbs, []byte("XE"), []byte("XA")))
	})
	require.NoError(t, err)
	require.Equal(t, "XA", parsed(t, own.Certificate).Issuer.Country)
	_ = refused(t, dir, masterListOf(t, own, now.AddDate(0, 1, 0), thief))
	assert.False(t, standing(t, dir, w.a).Vanished)
}

// An authority that left its list while it was in force does not bring itself
// back by a list of its own, until the operator knows why it went.
func TestVanishedAuthorityReturns(t *testing.T) {
	w := newWorld(t)
	next := newCountry(t, "publisher, next key", "XA", now.AddDate(0, -1, 0), 20)
	honest := listSigner(t, next, specimen.ListSignerOptions{Label: "next"})
	dir := inDir(t, trust.Import{
		Items: []trust.Item{masterListOf(t, honest, now, w.publisher, next, w.a)}, Signers: [][]byte{honest.Certificate},
	})
	r := take(t, dir, trust.Import{Items: []trust.Item{masterListOf(t, honest, now.AddDate(0, 1, 0), next, w.a)}})
	require.NoError(t, r[0].Refused)
	require.True(t, standing(t, dir, w.publisher).Vanished)
	forged := masterListOf(t, w.signer, now.AddDate(0, 2, 0), w.publisher)
	_ = refused(t, dir, forged)
	assert.True(t, standing(t, dir, w.publisher).Vanished)
	key := fmt.Sprintf("%x", parsed(t, w.publisher.Certificate).KeyIdentifier())
	require.NoError(t, dir.Note(key, "left out by mistake", now))
	r = take(t, dir, trust.Import{Items: []trust.Item{forged}})
	assert.NoError(t, r[0].Refused)
}

// An authority whose key was lost, as a list by its next key says, certifies no
// more signers.
func TestRevokedAuthorityVouches(t *testing.T) {
	w := newWorld(t)
	next := newCountry(t, "publisher, next key", "XA", now.AddDate(0, -1, 0), 20)
	root := parsed(t, w.publisher.Certificate)
	require.NotEqual(t, root.Serial, parsed(t, next.Certificate).Serial)
	honest := listSigner(t, next, specimen.ListSignerOptions{Label: "next"})
	crl, err := next.CRL(now, now.AddDate(0, 3, 0), specimen.Revocation{Serial: root.Serial, At: now})
	require.NoError(t, err)
	for name, signers := range map[string][][]byte{
		"on the list":            {honest.Certificate},
		"pinned by the operator": {honest.Certificate, w.publisher.Certificate},
	} {
		t.Run(name, func(t *testing.T) {
			dir := inDir(t, trust.Import{
				Items:   []trust.Item{masterListOf(t, honest, now, w.publisher, next, w.a), {Origin: "crl", Content: crl}},
				Signers: signers,
			})
			_ = refused(t, dir, masterListOf(t, w.signer, now.AddDate(0, 1, 0), w.publisher))
		})
	}
}

// Certificates of one key that all vouch for each other are gone through once,
// not in every order.
func TestHintsInEveryOrder(t *testing.T) {
	w := newWorld(t)
	dir := inDir(t, trust.Import{Items: []trust.Item{masterListOf(t, w.signer, now, w.publisher)}, Signers: [][]byte{w.signer.Certificate}})
	stranger := newCountry(t, "stranger", "XB", now.AddDate(-1, 0, 0), 20)
	var all []*specimen.Country
	for n := range 60 {
		again := newCountry(t, "stranger", "XB", now.AddDate(-1, 0, -n), 20)
		require.NoError(t, parsed(t, again.Certificate).CheckSignatureFrom(parsed(t, stranger.Certificate)), "they share a key")
		all = append(all, again)
	}
	list := masterListOf(t, listSigner(t, stranger, specimen.ListSignerOptions{}), now, all...)
	quick(t, func() { _ = refused(t, dir, list) })
}

// Everybody has the keys of specimen authorities: what they sign brings no other
// authorities in.
func TestSpecimenVouchesForSpecimens(t *testing.T) {
	w := newWorld(t)
	g := newGeneration(t, 1)
	real := g.issue(t, g, country, g.id, true)
	raw, err := w.signer.SignMasterList(now, w.publisher.Certificate, real.Raw)
	require.NoError(t, err)
	for name, in := range map[string]trust.Import{
		"authority of the operator": {Items: []trust.Item{{Origin: "csca", Content: w.publisher.Certificate}, {Origin: "list", Content: raw}}},
		"pinned authority":          {Items: []trust.Item{{Origin: "list", Content: raw}}, Signers: [][]byte{w.publisher.Certificate}},
		"pinned signer":             {Items: []trust.Item{{Origin: "list", Content: raw}}, Signers: [][]byte{w.signer.Certificate}},
		"pinned fingerprint":        {Items: []trust.Item{{Origin: "list", Content: raw}}, Fingerprints: []string{sha256Of(w.signer.Certificate)}},
	} {
		t.Run(name, func(t *testing.T) {
			dir := newDir(t)
			r := take(t, dir, in)
			assert.ErrorIs(t, r[len(r)-1].Refused, trust.ErrSigner)
			store, err := dir.Store()
			require.NoError(t, err)
			for _, member := range store.Members() {
				assert.True(t, store.IsSpecimen(member), member.Subject)
			}
		})
	}
}

// A revocation list of the future, kept, would bar every honest one until then.
func TestRevocationListOfTheFuture(t *testing.T) {
	w := newWorld(t)
	dir := inDir(t, trust.Import{Items: []trust.Item{{Origin: "a", Content: w.a.Certificate}}})
	for days, want := range map[int]bool{0: true, 3: false, 10_000: false} {
		from := now.AddDate(0, 0, days)
		raw, err := w.a.CRL(from, from.AddDate(0, 3, 0))
		require.NoError(t, err)
		r := take(t, dir, trust.Import{Now: now, Items: []trust.Item{{Origin: "crl", Content: raw}}})
		assert.Equal(t, want, r[0].Refused == nil, "in %d days: %v", days, r[0].Refused)
	}
}

// A server that is asked for a list and answers with an authority of its own is
// not believed: nothing vouches for a certificate but the operator, who knows what
// he gave by hand and names by fingerprint what he did not.
func TestAuthorityFromAServer(t *testing.T) {
	w := newWorld(t)
	sum := sha256Of(w.a.Certificate)
	own := trust.Item{Origin: "https://lists.example/XA.ml", Content: w.a.Certificate, Fetched: true}
	dir := newDir(t)
	_ = refused(t, dir, own)
	link, err := w.a.Link(newCountry(t, "a, next key", "XB", now, 20))
	require.NoError(t, err)
	r := take(t, dir, trust.Import{Items: []trust.Item{own}, Fingerprints: []string{sum}})
	require.NoError(t, r[0].Refused)
	_ = refused(t, dir, trust.Item{Content: link, Fetched: true})
	r = take(t, dir, trust.Import{Items: []trust.Item{{Content: link, Fetched: true}}, Signers: [][]byte{link}})
	assert.NoError(t, r[0].Refused)
	list, err := w.a.CRL(now, now.AddDate(0, 3, 0))
	require.NoError(t, err)
	r = take(t, dir, trust.Import{Items: []trust.Item{{Content: list, Fetched: true}, own}})
	assert.NoError(t, r[0].Refused, "what was signed by an authority here")
	assert.NoError(t, r[1].Refused, "what is held already")
}

// A revocation list beyond the bound is called what it is.
func TestRevocationListTooLong(t *testing.T) {
	day := der(0x17, []byte("260101000000Z"))
	entries := bytes.Repeat(der(0x30, []byte{2, 1, 5}, day), cert.MaxRevoked+1)
	algorithm := der(0x30, []byte{0x06, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2})
	list := der(0x30, der(0x30, []byte{2, 1, 1}, algorithm, der(0x30), day, day, der(0x30, entries)), algorithm, der(0x03, []byte{0, 1}))
	_, err := newDir(t).Import(trust.Import{Now: now, Items: []trust.Item{{Origin: "long.crl", Content: list}}})
	assert.ErrorIs(t, err, cert.ErrTooLong)
	assert.ErrorContains(t, err, "a revocation list of more than 262144 entries or 16 MiB")
	assert.NotContains(t, err.Error(), "neither a certificate")
}
