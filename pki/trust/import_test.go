package trust_test

import (
	"bytes"
	"encoding/pem"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"cnie/internal/ec"
	"cnie/pki/cert"
	"cnie/pki/cms"
	"cnie/pki/specimen"
	"cnie/pki/trust"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// world is a publisher of lists and a few countries, all of them invented.
type world struct {
	publisher *specimen.Country
	signer    *specimen.ListSigner
	a, b, c   *specimen.Country
}

func newCountry(t testing.TB, seed, code string, from time.Time, years int) *specimen.Country {
	t.Helper()
	country, err := specimen.New(seed, specimen.Options{
		Name: code, Country: code, Code: code + "X", Key: specimen.Algorithm{Curve: ec.P256()}, // the quickest
		NotBefore: from, NotAfter: from.AddDate(years, 0, 0), KeyUseEnd: from.AddDate(3, 0, 0),
	})
	require.NoError(t, err)
	return country
}

func newWorld(t testing.TB) world {
	t.Helper()
	w := world{
		publisher: newCountry(t, "publisher", "XA", now.AddDate(-1, 0, 0), 20),
		a:         newCountry(t, "a", "XB", now.AddDate(-1, 0, 0), 20),
		b:         newCountry(t, "b", "XC", now.AddDate(-9, 0, 0), 10), // expires in a year
		c:         newCountry(t, "c", "XD", now.AddDate(-1, 0, 0), 20),
	}
	w.signer = listSigner(t, w.publisher, specimen.ListSignerOptions{})
	return w
}

func listSigner(t testing.TB, c *specimen.Country, o specimen.ListSignerOptions) *specimen.ListSigner {
	t.Helper()
	s, err := c.IssueListSigner(o)
	require.NoError(t, err)
	return s
}

func masterListOf(t testing.TB, s *specimen.ListSigner, at time.Time, countries ...*specimen.Country) trust.Item {
	t.Helper()
	var members [][]byte
	for _, c := range countries {
		members = append(members, c.Certificate)
	}
	raw, err := s.SignMasterList(at, members...)
	require.NoError(t, err)
	return trust.Item{Origin: "list of " + at.Format(time.DateOnly), Content: raw}
}

func newDir(t testing.TB) *trust.Dir {
	t.Helper()
	dir, err := trust.Create(filepath.Join(t.TempDir(), "trust"))
	require.NoError(t, err)
	return dir
}

// take imports and expects no error; refusals are in the results.
func take(t testing.TB, dir *trust.Dir, in trust.Import) []trust.Result {
	t.Helper()
	if in.Now.IsZero() {
		in.Now = now.AddDate(10, 0, 0)
	}
	results, err := dir.Import(in)
	require.NoError(t, err)
	return results
}

func parsed(t testing.TB, der []byte) *cert.Certificate {
	t.Helper()
	c, err := cert.Parse(der)
	require.NoError(t, err)
	return c
}

// standing finds the standing of a country's certificate in the newest version.
func standing(t testing.TB, dir *trust.Dir, country *specimen.Country) trust.Standing {
	t.Helper()
	store, err := trust.LoadDir(dir.Path())
	require.NoError(t, err)
	for _, c := range store.Members() {
		if bytes.Equal(c.Raw, country.Certificate) {
			return store.Standing(c)
		}
	}
	t.Fatal("the certificate is not in the store")
	return trust.Standing{}
}

// TestHistory follows two certificates off a list: one vanished while in force,
// one went when it had expired.
func TestHistory(t *testing.T) {
	w, dir := newWorld(t), newDir(t)
	pin := [][]byte{w.signer.Certificate}
	first := masterListOf(t, w.signer, now, w.publisher, w.a, w.b)
	r := take(t, dir, trust.Import{Items: []trust.Item{first}, Signers: pin})
	require.NoError(t, r[0].Refused)
	assert.Equal(t, []int{3, 3, 0}, []int{r[0].Entries, r[0].Arrived, r[0].Left})
	assert.Equal(t, "XA/"+specimen.Organisation, r[0].Name)

	r = take(t, dir, trust.Import{Items: []trust.Item{first}})
	assert.False(t, r[0].New, "the same list again is nothing new")
	assert.Equal(t, 2, dir.Version())

	later := now.AddDate(0, 6, 0)
	r = take(t, dir, trust.Import{Items: []trust.Item{masterListOf(t, w.signer, later, w.publisher, w.b, w.c)}})
	require.NoError(t, r[0].Refused, "the pin is remembered")
	assert.Equal(t, []int{3, 1, 1}, []int{r[0].Entries, r[0].Arrived, r[0].Left})
	got := standing(t, dir, w.a)
	assert.True(t, got.Vanished)
	assert.True(t, got.Since.Equal(later))
	require.Len(t, got.Sources, 1)
	assert.True(t, got.Sources[0].LastSeen.Equal(now))
	assert.True(t, got.Sources[0].Newest.Equal(later))

	after := now.AddDate(2, 0, 0)
	take(t, dir, trust.Import{Items: []trust.Item{masterListOf(t, w.signer, after, w.publisher, w.c)}})
	assert.False(t, standing(t, dir, w.b).Vanished, "it had expired")
	assert.True(t, standing(t, dir, w.b).Since.Equal(after))
	assert.True(t, standing(t, dir, w.a).Vanished)

	key := strings.ToUpper(strings.Join(strings.Split(pairs(parsed(t, w.a.Certificate).KeyIdentifier()), " "), ":"))
	require.NoError(t, dir.Note(key, "replaced; confirmed by telephone", after))
	assert.Equal(t, "replaced; confirmed by telephone", standing(t, dir, w.a).Reason)
	assert.ErrorIs(t, dir.Note(key[:8], "x", after), trust.ErrUnknown)
	assert.ErrorIs(t, dir.Note(pairs(parsed(t, w.b.Certificate).KeyIdentifier()), "x", after), trust.ErrUnknown)

	take(t, dir, trust.Import{Items: []trust.Item{masterListOf(t, w.signer, after.AddDate(0, 1, 0), w.publisher, w.a)}})
	got = standing(t, dir, w.a)
	assert.Equal(t, []any{false, ""}, []any{got.Vanished, got.Reason}, "it came back, and the reason is spent")
	assert.True(t, got.Since.IsZero())
}

// pairs writes bytes as hex, two digits and a space each.
func pairs(raw []byte) string {
	const digits = "0123456789abcdef"
	var parts []string
	for _, b := range raw {
		parts = append(parts, string([]byte{digits[b>>4], digits[b&15]}))
	}
	return strings.Join(parts, " ")
}

// TestPinnedByOperator: what the operator brings in himself does not vanish with
// somebody's list.
func TestPinnedByOperator(t *testing.T) {
	w, dir := newWorld(t), newDir(t)
	take(t, dir, trust.Import{
		Items:   []trust.Item{{Origin: "a.der", Content: w.a.Certificate}, masterListOf(t, w.signer, now, w.publisher, w.a)},
		Signers: [][]byte{w.signer.Certificate},
	})
	take(t, dir, trust.Import{Items: []trust.Item{masterListOf(t, w.signer, now.AddDate(0, 1, 0), w.publisher)}})
	got := standing(t, dir, w.a)
	assert.False(t, got.Vanished)
	require.Len(t, got.Sources, 2)
	assert.Equal(t, []string{"operator", "a.der", ""}, []string{got.Sources[0].Name, got.Sources[0].Origin, got.Sources[0].Signer})
}

// TestNeverBack refuses an older list and one of the same moment, until told.
func TestNeverBack(t *testing.T) {
	w, dir := newWorld(t), newDir(t)
	take(t, dir, trust.Import{Items: []trust.Item{masterListOf(t, w.signer, now, w.publisher)}, Signers: [][]byte{w.signer.Certificate}})
	for _, at := range []time.Time{now, now.AddDate(0, 0, -1)} {
		r := take(t, dir, trust.Import{Items: []trust.Item{masterListOf(t, w.signer, at, w.publisher, w.a)}})
		assert.ErrorIs(t, r[0].Refused, trust.ErrOlder)
	}
	assert.Equal(t, 2, dir.Version())
	older := masterListOf(t, w.signer, now.AddDate(0, 0, -1), w.publisher, w.a)
	r := take(t, dir, trust.Import{Items: []trust.Item{older}, AllowOlder: true})
	assert.NoError(t, r[0].Refused)

	// Another signer of the same authority does not open a way round.
	other := listSigner(t, w.publisher, specimen.ListSignerOptions{Label: "2"})
	r = take(t, dir, trust.Import{Items: []trust.Item{masterListOf(t, other, now.AddDate(0, 0, -2), w.publisher)}})
	assert.ErrorIs(t, r[0].Refused, trust.ErrOlder)
}

// TestWhoMaySign goes through the ways in which a signer may be vouched for.
func TestWhoMaySign(t *testing.T) {
	w := newWorld(t)
	next := newCountry(t, "publisher, next key", "XA", now, 20)
	link, err := w.publisher.Link(next)
	require.NoError(t, err)
	renewed := listSigner(t, next, specimen.ListSignerOptions{Label: "renewed"})
	stranger := newCountry(t, "a stranger of the same name", "XA", now.AddDate(-1, 0, 0), 20)
	wrongPurpose := listSigner(t, w.publisher, specimen.ListSignerOptions{Label: "w", Purpose: specimen.DeviationList})
	noPurpose := listSigner(t, w.publisher, specimen.ListSignerOptions{Label: "n", OmitPurpose: true})
	expired := listSigner(t, w.publisher, specimen.ListSignerOptions{Label: "e", NotAfter: now.AddDate(0, 0, 1)})
	rolled, err := renewed.SignMasterList(now.AddDate(0, 1, 0), link, next.Certificate)
	require.NoError(t, err)
	undated, err := w.signer.SignMasterList(time.Time{}, w.a.Certificate)
	require.NoError(t, err)

	for _, c := range []struct {
		name string
		item trust.Item
		want error
	}{
		{"the same signer", masterListOf(t, w.signer, now.AddDate(0, 1, 0), w.publisher), nil},
		{"another signer of the publisher", masterListOf(t, listSigner(t, w.publisher, specimen.ListSignerOptions{Label: "2"}), now.AddDate(0, 1, 0), w.publisher), nil},
		{"the publisher's next key, by a link inside the list", trust.Item{Content: rolled}, nil},
		{"a stranger", masterListOf(t, listSigner(t, stranger, specimen.ListSignerOptions{}), now.AddDate(0, 1, 0), stranger, w.publisher), trust.ErrSigner},
		{"a country that is on the list", masterListOf(t, listSigner(t, w.a, specimen.ListSignerOptions{}), now.AddDate(0, 1, 0), w.a), trust.ErrSigner},
		{"another purpose", masterListOf(t, wrongPurpose, now.AddDate(0, 1, 0), w.publisher), trust.ErrSigner},
		{"no purpose", masterListOf(t, noPurpose, now.AddDate(0, 1, 0), w.publisher), trust.ErrSigner},
		{"signed when the signer had expired", masterListOf(t, expired, now.AddDate(0, 1, 0), w.publisher), trust.ErrSigner},
		{"signed in the future", masterListOf(t, w.signer, now.AddDate(3, 0, 0), w.publisher), trust.ErrSigner},
		{"undated", trust.Item{Content: undated}, cms.ErrMalformed},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := newDir(t)
			take(t, dir, trust.Import{
				Now: now, Items: []trust.Item{masterListOf(t, w.signer, now, w.publisher, w.a)}, Signers: [][]byte{w.publisher.Certificate},
			})
			results, err := dir.Import(trust.Import{Now: now.AddDate(0, 2, 0), Items: []trust.Item{c.item}})
			if err == nil {
				err = results[0].Refused
			}
			assert.ErrorIs(t, err, c.want)
			assert.Equal(t, c.want == nil, dir.Version() == 3)
		})
	}
}

// TestPinByFingerprint takes the operator's word for a SHA-256 that he compared.
func TestPinByFingerprint(t *testing.T) {
	w := newWorld(t)
	item := masterListOf(t, w.signer, now, w.publisher)
	dir := newDir(t)
	_, err := dir.Import(trust.Import{Now: now, Items: []trust.Item{item}, Fingerprints: []string{"1234"}})
	assert.Error(t, err)
	sum := sha256Of(w.signer.Certificate)
	r := take(t, dir, trust.Import{Items: []trust.Item{item}, Fingerprints: []string{sum}})
	assert.NoError(t, r[0].Refused)
	r = take(t, dir, trust.Import{Items: []trust.Item{masterListOf(t, w.signer, now.AddDate(0, 1, 0), w.a)}})
	assert.NoError(t, r[0].Refused, "it is remembered")
}

// TestRevokedListSigner: a signer on its country's revocation list signs no more.
func TestRevokedListSigner(t *testing.T) {
	w, dir := newWorld(t), newDir(t)
	take(t, dir, trust.Import{Items: []trust.Item{masterListOf(t, w.signer, now, w.publisher)}, Signers: [][]byte{w.signer.Certificate}})
	crl, err := w.publisher.CRL(now, now.AddDate(0, 3, 0), specimen.Revocation{Serial: w.signer.Serial, At: now})
	require.NoError(t, err)
	r := take(t, dir, trust.Import{Items: []trust.Item{{Origin: "crl", Content: crl}}})
	require.NoError(t, r[0].Refused)
	r = take(t, dir, trust.Import{Items: []trust.Item{masterListOf(t, w.signer, now.AddDate(0, 1, 0), w.a)}})
	assert.ErrorIs(t, r[0].Refused, trust.ErrSigner)
	assert.ErrorContains(t, r[0].Refused, "revoked")
}

// TestTamperedList refuses a list with a byte changed, in each of its parts.
func TestTamperedList(t *testing.T) {
	w := newWorld(t)
	item := masterListOf(t, w.signer, now, w.publisher, w.a, w.b)
	for _, at := range []int{200, len(item.Content) / 2, len(item.Content) - 300, len(item.Content) - 5} {
		raw := bytes.Clone(item.Content)
		raw[at] ^= 1
		dir := newDir(t)
		results, err := dir.Import(trust.Import{Now: now, Items: []trust.Item{{Content: raw}}, Signers: [][]byte{w.signer.Certificate}})
		if err == nil {
			err = results[0].Refused
		}
		assert.Error(t, err, "byte %d", at)
		assert.Equal(t, 1, dir.Version())
	}
}

// TestBundleOfPEM takes authorities, links and revocation lists from one text.
func TestBundleOfPEM(t *testing.T) {
	w, dir := newWorld(t), newDir(t)
	next := newCountry(t, "a, next key", "XB", now, 20)
	link, err := w.a.Link(next)
	require.NoError(t, err)
	crl, err := next.CRL(now, now.AddDate(0, 3, 0))
	require.NoError(t, err)
	var text []byte
	for _, block := range []pem.Block{{Type: "X509 CRL", Bytes: crl}, {Type: "CERTIFICATE", Bytes: link}, {Type: "CERTIFICATE", Bytes: w.a.Certificate}} {
		text = append(text, pem.EncodeToMemory(&block)...)
	}
	r := take(t, dir, trust.Import{Items: []trust.Item{{Origin: "all.pem", Content: text}}})
	require.Len(t, r, 3)
	for _, one := range r {
		assert.NoError(t, one.Refused)
	}
	store, err := dir.Store()
	require.NoError(t, err)
	certificates, lists := store.Count()
	assert.Equal(t, []int{2, 1}, []int{certificates, lists})
	assert.Len(t, store.CRLsFor(parsed(t, w.a.Certificate)), 1, "the next key speaks for the first one's documents")
	assert.Empty(t, store.Unusable(store.Lists()[0]))
}

// TestUnfit refuses what is no authority, alone and readable.
func TestUnfit(t *testing.T) {
	w, dir := newWorld(t), newDir(t)
	dsc, err := w.a.IssueDSC(specimen.DSCOptions{})
	require.NoError(t, err)
	forged := bytes.Clone(w.b.Certificate)
	forged[len(forged)-3] ^= 1
	crl, err := w.b.CRL(now, now.AddDate(0, 3, 0))
	require.NoError(t, err)
	good := trust.Item{Origin: "a", Content: w.a.Certificate}
	r := take(t, dir, trust.Import{Items: []trust.Item{{Content: dsc.Certificate}, good, {Content: forged}, {Content: crl}}})
	require.Len(t, r, 4)
	assert.ErrorContains(t, r[0].Refused, "signing authority")
	assert.NoError(t, r[1].Refused)
	assert.ErrorContains(t, r[2].Refused, "own signature")
	assert.ErrorContains(t, r[3].Refused, "no authority here signed it")

	_, err = dir.Import(trust.Import{Now: now, Items: []trust.Item{{Origin: "c", Content: w.c.Certificate}, {Origin: "noise", Content: []byte("noise")}}})
	assert.ErrorIs(t, err, cert.ErrMalformed)
	assert.ErrorContains(t, err, "noise")
	assert.Equal(t, 2, dir.Version(), "all or nothing of what can be read")
}

// TestRevocationLists keeps the newest of each key.
func TestRevocationLists(t *testing.T) {
	w, dir := newWorld(t), newDir(t)
	list := func(from time.Time) trust.Item {
		raw, err := w.a.CRL(from, from.AddDate(0, 3, 0))
		require.NoError(t, err)
		return trust.Item{Origin: "crl", Content: raw}
	}
	take(t, dir, trust.Import{Items: []trust.Item{{Content: w.a.Certificate}, list(now)}})
	r := take(t, dir, trust.Import{Items: []trust.Item{list(now.AddDate(0, 0, -9))}})
	assert.ErrorIs(t, r[0].Refused, trust.ErrOlder)
	r = take(t, dir, trust.Import{Items: []trust.Item{list(now.AddDate(0, 1, 0))}, Now: now.AddDate(1, 0, 0)})
	assert.NoError(t, r[0].Refused)
	assert.Equal(t, []string{"out of date when it came in"}, r[0].Remarks)
	store, err := dir.Store()
	require.NoError(t, err)
	_, lists := store.Count()
	assert.Equal(t, 1, lists)
}

// TestDeviationList takes a list of deviations and reads it again.
func TestDeviationList(t *testing.T) {
	w, dir := newWorld(t), newDir(t)
	signer := listSigner(t, w.a, specimen.ListSignerOptions{Purpose: specimen.DeviationList})
	dsc, err := w.a.IssueDSC(specimen.DSCOptions{})
	require.NoError(t, err)
	raw, err := signer.SignDeviationList(now, specimen.Deviation{Issuer: w.a, Serial: dsc.Serial, Text: "country in lower case", From: now, To: now.AddDate(0, 1, 0)})
	require.NoError(t, err)
	r := take(t, dir, trust.Import{Items: []trust.Item{{Origin: "a", Content: w.a.Certificate}, {Origin: "deviations", Content: raw}}})
	require.NoError(t, r[1].Refused, "the operator brought its authority in")
	assert.Equal(t, trust.DeviationList, r[1].Kind)
	entries, err := dir.Deviations(r[1].Held)
	require.NoError(t, err)
	require.Len(t, entries, 1)
	assert.Equal(t, []string{"2.23.136.1.1.7.1.2 country in lower case"}, entries[0].Descriptions)
	assert.Equal(t, "ID", entries[0].DocumentType)
	assert.Contains(t, entries[0].Signer, "CN=CSCA SPECIMEN XB")
	assert.True(t, entries[0].FirstIssued.Equal(now))

	wrong := listSigner(t, w.a, specimen.ListSignerOptions{Label: "m"})
	raw, err = wrong.SignDeviationList(now.AddDate(0, 1, 0))
	require.NoError(t, err)
	r = take(t, dir, trust.Import{Items: []trust.Item{{Content: raw}}})
	assert.ErrorIs(t, r[0].Refused, trust.ErrSigner, "a signer of master lists may not sign these")
}
