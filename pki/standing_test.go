package pki_test

import (
	"encoding/hex"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cnie/pki"
	"cnie/pki/specimen"
	"cnie/pki/trust"
)

// listed is a managed directory that was fed one master list after another, each
// with those countries, and one revocation list.
type listed struct {
	*trust.Dir
	publisher *specimen.Country
	signer    *specimen.ListSigner
}

func newListed(t testing.TB, c *specimen.Country, crl []byte) listed {
	t.Helper()
	dir, err := trust.Create(filepath.Join(t.TempDir(), "trust"))
	require.NoError(t, err)
	l := listed{Dir: dir, publisher: another(t, "publisher", specimen.Options{Name: "PUBLISHER", Country: "XA", Code: "XAA"})}
	l.signer, err = l.publisher.IssueListSigner(specimen.ListSignerOptions{})
	require.NoError(t, err)
	l.take(t, now, [][]byte{l.signer.Certificate}, l.list(t, now.AddDate(0, -1, 0), c))
	l.take(t, now, nil, crl)
	return l
}

func (l listed) list(t testing.TB, at time.Time, countries ...*specimen.Country) []byte {
	t.Helper()
	members := [][]byte{l.publisher.Certificate}
	for _, c := range countries {
		members = append(members, c.Certificate)
	}
	content, err := l.signer.SignMasterList(at, members...)
	require.NoError(t, err)
	return content
}

func (l listed) take(t testing.TB, at time.Time, signers [][]byte, content []byte) {
	t.Helper()
	results, err := l.Import(trust.Import{Now: at, Signers: signers, Items: []trust.Item{{Origin: "test", Content: content}}})
	require.NoError(t, err)
	require.NoError(t, results[0].Refused)
}

// TestStanding judges a card while its authority is on a list, after it vanished
// from it, and after the operator recorded why; and under lists of any age.
func TestStanding(t *testing.T) {
	c := another(t, "matrix", specimen.Options{})
	l := newListed(t, c, list(t, c, now.AddDate(0, 0, -1), now.AddDate(1, 0, 0)))
	play := func(name string, policy pki.Policy, want findings) {
		t.Helper()
		t.Run(name, func(t *testing.T) {
			if policy.At.IsZero() {
				policy.At = now
			}
			w := world{policy: policy, stored: func(t testing.TB) *trust.Store {
				store, err := trust.LoadDir(l.Path())
				require.NoError(t, err)
				return store
			}}
			w.play(t, want)
		})
	}
	const day = 24 * time.Hour
	later := now.AddDate(0, 2, 1) // the master list is older than 90 days, the revocation list not
	play("on the list", pki.Policy{}, nil)
	play("list too old", pki.Policy{At: later}, findings{pki.CheckIssuerTrustAge: pki.NotChecked})
	play("list old, which is allowed", pki.Policy{At: later, AllowTrustAge: 100 * day}, findings{pki.CheckIssuerTrustAge: pki.Warned})
	play("list older than the policy asks", pki.Policy{AllowTrustAge: 7 * day}, findings{pki.CheckIssuerTrustAge: pki.NotChecked})

	l.take(t, now, nil, l.list(t, now.AddDate(0, 0, -1)))
	play("vanished", pki.Policy{}, findings{pki.CheckIssuerStanding: pki.NotChecked})
	require.NoError(t, l.Note(hex.EncodeToString(parse(t, c.Certificate).KeyIdentifier()), "replaced; confirmed by telephone", now))
	play("vanished, and it is known why", pki.Policy{}, findings{pki.CheckIssuerStanding: pki.Warned})
	l.take(t, now, nil, l.list(t, now, c))
	play("on the list again", pki.Policy{}, nil)
}
