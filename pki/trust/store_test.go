package trust_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"testing"
	"time"

	"cnie/pki/cert"
	"cnie/pki/specimen"
	"cnie/pki/trust"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var (
	now     = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	country = pkix.Name{Country: []string{"MA"}, Organization: []string{"SPECIMEN"}, CommonName: "CSCA SPECIMEN"}
)

// generation is one key of a country that always has the same name.
type generation struct {
	key *ecdsa.PrivateKey
	id  []byte
}

func newGeneration(t *testing.T, id byte) generation {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	return generation{key, []byte{id, 1, 2, 3}}
}

// issue certifies subject's key; a zero keyID leaves an identifier out.
func (g generation) issue(t *testing.T, subject generation, name pkix.Name, authorityID []byte, isCA bool) *cert.Certificate {
	t.Helper()
	template := x509.Certificate{
		SerialNumber: big.NewInt(int64(subject.id[0])), Subject: name, NotBefore: now, NotAfter: now.AddDate(1, 0, 0),
		SubjectKeyId: subject.id, AuthorityKeyId: authorityID, BasicConstraintsValid: isCA, IsCA: isCA, KeyUsage: x509.KeyUsageDigitalSignature,
	}
	if isCA {
		template.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageCRLSign
	}
	parent := x509.Certificate{Subject: country, SubjectKeyId: authorityID}
	der, err := x509.CreateCertificate(rand.Reader, &template, &parent, &subject.key.PublicKey, g.key)
	require.NoError(t, err)
	c, err := cert.Parse(der)
	require.NoError(t, err)
	return c
}

var signerName = pkix.Name{Country: []string{"MA"}, CommonName: "DSC SPECIMEN"}

// TestGenerations finds the issuer of document signers across changes of the
// country's key, all generations under one name.
func TestGenerations(t *testing.T) {
	g1, g2, g3, ds := newGeneration(t, 1), newGeneration(t, 2), newGeneration(t, 3), newGeneration(t, 9)
	root1, root2 := g1.issue(t, g1, country, g1.id, true), g2.issue(t, g2, country, g2.id, true)
	link2, link3 := g1.issue(t, g2, country, g1.id, true), g2.issue(t, g3, country, g2.id, true)
	circle := g3.issue(t, g1, country, g3.id, true)
	dsc1, dsc3 := g1.issue(t, ds, signerName, g1.id, false), g3.issue(t, ds, signerName, g3.id, false)
	nameless := g3.issue(t, ds, signerName, nil, false)
	forged := newGeneration(t, 3).issue(t, ds, signerName, nil, false)

	for _, c := range []struct {
		name    string
		members []*cert.Certificate
		of      *cert.Certificate
		want    []*cert.Certificate
		path    int
	}{
		{"root", []*cert.Certificate{root1, root2}, dsc1, []*cert.Certificate{root1}, 1},
		{"unknown", []*cert.Certificate{root2}, dsc1, nil, 0},
		{"link to link to root", []*cert.Certificate{link3, link2, root1}, dsc3, []*cert.Certificate{link3}, 3},
		{"the nearest of two ways", []*cert.Certificate{link3, link2, root2, root1}, dsc3, []*cert.Certificate{link3}, 2},
		{"link without its root", []*cert.Certificate{link3, link2}, dsc3, nil, 0},
		{"links in a circle", []*cert.Certificate{link3, link2, circle}, dsc3, nil, 0},
		{"circle with a root", []*cert.Certificate{circle, link3, link2, root1}, dsc1, []*cert.Certificate{root1, circle}, 1},
		{"no key identifier", []*cert.Certificate{root1, root2, link3}, nameless, []*cert.Certificate{link3}, 2},
		{"no key identifier, only the name fits", []*cert.Certificate{root1, root2, link3}, forged, nil, 0},
		{"a signer among the anchors", []*cert.Certificate{dsc1, root1}, ds.issue(t, g3, signerName, ds.id, false), nil, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			store := trust.NewStore(c.members, nil)
			assert.Equal(t, c.want, store.Issuers(c.of))
			if c.name != "a signer among the anchors" {
				assert.Len(t, store.Path(c.of), c.path)
			}
		})
	}
}

// TestForgedIssuer returns the member that a signature claims, and leaves the
// signature to the caller; Path verifies it.
func TestForgedIssuer(t *testing.T) {
	g1, thief := newGeneration(t, 1), newGeneration(t, 1)
	root := g1.issue(t, g1, country, g1.id, true)
	forged := thief.issue(t, newGeneration(t, 9), signerName, g1.id, false)
	store := trust.NewStore([]*cert.Certificate{root}, nil)
	assert.Equal(t, []*cert.Certificate{root}, store.Issuers(forged))
	assert.ErrorIs(t, forged.CheckSignatureFrom(root), cert.ErrSignature)
	assert.Nil(t, store.Path(forged))
}

// list signs a revocation list in the country's name.
func (g generation) list(t *testing.T, thisUpdate time.Time, serials ...int64) *cert.CRL {
	t.Helper()
	template := x509.RevocationList{Number: big.NewInt(7), ThisUpdate: thisUpdate, NextUpdate: thisUpdate.AddDate(0, 3, 0)}
	for _, serial := range serials {
		template.RevokedCertificateEntries = append(template.RevokedCertificateEntries,
			x509.RevocationListEntry{SerialNumber: big.NewInt(serial), RevocationTime: thisUpdate, ReasonCode: 1})
	}
	issuer := x509.Certificate{Subject: country, SubjectKeyId: g.id, KeyUsage: x509.KeyUsageCRLSign}
	der, err := x509.CreateRevocationList(rand.Reader, &template, &issuer, g.key)
	require.NoError(t, err)
	parsed, err := cert.ParseCRL(der)
	require.NoError(t, err)
	return parsed
}

// TestLists finds lists by their issuer's name and tells which key signed.
func TestLists(t *testing.T) {
	g1, g2 := newGeneration(t, 1), newGeneration(t, 2)
	root1, link2 := g1.issue(t, g1, country, g1.id, true), g1.issue(t, g2, country, g1.id, true)
	older, newer := g1.list(t, now), g2.list(t, now.AddDate(0, 1, 0), 9)
	forged := newGeneration(t, 2).list(t, now.AddDate(0, 2, 0))
	store := trust.NewStore([]*cert.Certificate{root1, link2, root1}, []*cert.CRL{older, newer, forged})

	assert.Equal(t, []*cert.CRL{forged, newer, older}, store.CRLsFor(root1))
	signer, ok := store.CRLSigner(newer)
	assert.True(t, ok)
	assert.Same(t, link2, signer)
	signer, ok = store.CRLSigner(older)
	assert.True(t, ok)
	assert.Same(t, root1, signer)
	_, ok = store.CRLSigner(forged)
	assert.False(t, ok)

	since, revoked := newer.Revoked(big.NewInt(9))
	assert.True(t, revoked)
	assert.True(t, since.Equal(now.AddDate(0, 1, 0)))
	certificates, lists := store.Count()
	assert.Equal(t, []int{2, 3}, []int{certificates, lists})
	assert.True(t, store.Oldest().Equal(now))
}

// TestLoadDir reads what pki/specimen writes, PEM as well, and ignores the rest.
func TestLoadDir(t *testing.T) {
	dir := t.TempDir()
	authority := specimen.Default()
	require.NoError(t, authority.WriteTrust(dir, now))
	block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: authority.Certificate})
	require.NoError(t, os.WriteFile(filepath.Join(dir, "CSCA again.pem"), block, 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "csca-upper.CER"), authority.Certificate, 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "README.md"), []byte("not a certificate"), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "other.der"), []byte("not an anchor"), 0o600))
	require.NoError(t, os.Mkdir(filepath.Join(dir, "CSCA.der"), 0o700))

	store, err := trust.LoadDir(dir)
	require.NoError(t, err)
	certificates, lists := store.Count()
	assert.Equal(t, []int{1, 1}, []int{certificates, lists})

	signer, err := authority.IssueDSC(specimen.DSCOptions{})
	require.NoError(t, err)
	dsc, err := cert.Parse(signer.Certificate)
	require.NoError(t, err)
	assert.ElementsMatch(t, []string{"ID", "I"}, dsc.DocumentTypes)
	assert.Empty(t, dsc.DocumentProfile())
	path := store.Path(dsc)
	require.Len(t, path, 1)
	assert.True(t, store.IsSpecimen(path[0]))
	assert.False(t, store.IsSpecimen(dsc))
	list := store.CRLsFor(path[0])
	require.Len(t, list, 1)
	assert.NoError(t, list[0].CheckSignatureFrom(path[0]))
}

// TestLoadDirErrors names the file that cannot be read.
func TestLoadDirErrors(t *testing.T) {
	whole := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: specimen.Default().Certificate})
	for name, content := range map[string][]byte{
		"CSCA-broken.der": specimen.Default().Certificate[:100],
		"csca-cut.pem":    whole[:len(whole)-40],
		"CSCA-empty.crt":  nil,
		"list.crl":        []byte("no list"),
	} {
		dir := t.TempDir()
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), content, 0o600))
		_, err := trust.LoadDir(dir)
		assert.ErrorContains(t, err, name)
	}
	_, err := trust.LoadDir(filepath.Join(t.TempDir(), "missing"))
	assert.ErrorIs(t, err, os.ErrNotExist)
}

// TestSpecimenFingerprints keeps the constants equal to what the seed gives.
func TestSpecimenFingerprints(t *testing.T) {
	sum := sha256.Sum256(specimen.Default().Certificate)
	assert.Equal(t, []string{hex.EncodeToString(sum[:])}, trust.SpecimenFingerprints)
}

func sha256Of(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

// A country made of any seed is a specimen, though only the default's
// fingerprint is known.
func TestMadeCountriesAreSpecimens(t *testing.T) {
	assert.Equal(t, specimen.Organisation, trust.SpecimenOrganisation)
	made, err := specimen.New("another", specimen.Options{Name: "UTOPIA", Country: "UT", Code: "UTO"})
	require.NoError(t, err)
	c, err := cert.Parse(made.Certificate)
	require.NoError(t, err)
	assert.True(t, new(trust.Store).IsSpecimen(c))
	c.Subject.Organisation = "Government of Utopia"
	assert.False(t, new(trust.Store).IsSpecimen(c))
}
