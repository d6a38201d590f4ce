package trust_test

import (
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"testing"
	"time"

	"cnie/pki/cert"
	"cnie/pki/specimen"
	"cnie/pki/trust"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func crlOf(t testing.TB, c *specimen.Country, from time.Time, revoked ...specimen.Revocation) *cert.CRL {
	t.Helper()
	raw, err := c.CRL(from, from.AddDate(0, 3, 0), revoked...)
	require.NoError(t, err)
	list, err := cert.ParseCRL(raw)
	require.NoError(t, err)
	return list
}

func linkOf(t testing.TB, from, to *specimen.Country) *cert.Certificate {
	t.Helper()
	raw, err := from.Link(to)
	require.NoError(t, err)
	return parsed(t, raw)
}

// TestGenerationsShareLists: one list, by the newest key, speaks for documents
// of all generations, even across a change of the authority's name.
func TestGenerationsShareLists(t *testing.T) {
	first := newCountry(t, "1", "XB", now.AddDate(-6, 0, 0), 20)
	second := newCountry(t, "2", "XB", now.AddDate(-3, 0, 0), 20)
	renamed, err := specimen.New("3", specimen.Options{Name: "renamed", Country: "XB", Code: "XBX", NotBefore: now.AddDate(-1, 0, 0)})
	require.NoError(t, err)
	dsc, err := first.IssueDSC(specimen.DSCOptions{})
	require.NoError(t, err)
	list := crlOf(t, renamed, now, specimen.Revocation{Serial: dsc.Serial, At: now})
	root := parsed(t, first.Certificate)
	member := parsed(t, dsc.Certificate)

	linked := trust.NewStore([]*cert.Certificate{root, linkOf(t, first, second), linkOf(t, second, renamed)}, []*cert.CRL{list})
	assert.Equal(t, []*cert.CRL{list}, linked.CRLsFor(root))
	assert.Empty(t, linked.Unusable(list))
	since, revoked := linked.Revoked(member)
	assert.True(t, revoked)
	assert.True(t, since.Equal(now))

	apart := trust.NewStore([]*cert.Certificate{root, parsed(t, renamed.Certificate)}, []*cert.CRL{list})
	assert.Empty(t, apart.CRLsFor(root), "no link joins the two names")
	_, revoked = apart.Revoked(member)
	assert.False(t, revoked)

	forged := newCountry(t, "a stranger", "XB", now.AddDate(-6, 0, 0), 20)
	misled := trust.NewStore([]*cert.Certificate{root, linkOf(t, forged, renamed)}, []*cert.CRL{list})
	assert.Empty(t, misled.CRLsFor(root), "a link that nobody's key signed joins nothing")
}

// TestEmergencyList: a key that is lost revokes itself.
func TestEmergencyList(t *testing.T) {
	country := newCountry(t, "1", "XB", now.AddDate(-1, 0, 0), 20)
	root := parsed(t, country.Certificate)
	list := crlOf(t, country, now, specimen.Revocation{Serial: root.Serial, At: now})
	store := trust.NewStore([]*cert.Certificate{root}, []*cert.CRL{list})
	assert.Empty(t, store.Unusable(list))
	_, revoked := store.Revoked(root)
	assert.True(t, revoked)
}

// TestUnusableLists says what is wrong with a list.
func TestUnusableLists(t *testing.T) {
	g := newGeneration(t, 1)
	root := g.issue(t, g, country, g.id, true)
	make := func(key generation, issuer pkix.Name, extra ...pkix.Extension) *cert.CRL {
		raw, err := x509.CreateRevocationList(rand.Reader, &x509.RevocationList{
			Number: big.NewInt(1), ThisUpdate: now, NextUpdate: now.AddDate(0, 3, 0), ExtraExtensions: extra,
		}, &x509.Certificate{Subject: issuer, SubjectKeyId: key.id, KeyUsage: x509.KeyUsageCRLSign}, key.key)
		require.NoError(t, err)
		list, err := cert.ParseCRL(raw)
		require.NoError(t, err)
		return list
	}
	other := signerName
	unknown := pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 99}, Critical: true, Value: []byte{5, 0}}
	point := pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 28}, Critical: true, Value: []byte{0x30, 3, 0x81, 1, 0xff}}
	signer := g.issue(t, newGeneration(t, 7), country, g.id, false)
	for _, c := range []struct {
		name string
		list *cert.CRL
		want string
	}{
		{"good", make(g, country), ""},
		{"another key", make(newGeneration(t, 1), country), "no authority here signed it"},
		{"another issuer", make(g, other), "no authority here signed it"},
		{"unknown critical extension", make(g, country, unknown), "it has a critical extension that is not understood (2.5.29.99)"},
		{"a part of the documents", make(g, country, point), "it covers a part of what its issuer issued (issuingDistributionPoint)"},
	} {
		store := trust.NewStore([]*cert.Certificate{root, signer}, []*cert.CRL{c.list})
		assert.Equal(t, c.want, store.Unusable(c.list), c.name)
	}
}
