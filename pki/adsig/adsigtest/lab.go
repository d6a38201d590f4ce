// Package adsigtest is a small world for tests of document signatures: a root,
// an authority under it, signers, a time-stamp authority, an OCSP responder and
// revocation lists, all living at a clock that the test sets. Signatures can so
// be made years ago and validated years ahead.
//
// Certificates, lists and responses are made by crypto/x509 and
// golang.org/x/crypto/ocsp, which share no code with what is tested.
package adsigtest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha1"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"testing"
	"time"

	"cnie/pki/cert"

	"github.com/stretchr/testify/require"
)

// Start is when the root was made, unless a test says otherwise.
var Start = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// Lab is the world. Now is what its clocks show.
type Lab struct {
	Now       time.Time
	Root, CA  *Identity
	TSA       *Identity
	Responder *Identity // appointed by CA, exempt from being asked about

	t       testing.TB
	serial  int64
	issuers []*Identity
	revoked map[string]x509.RevocationListEntry // by serial number
	// ListValidity is how long a list or response says to hold.
	ListValidity time.Duration
}

// Identity is a key and its certificate.
type Identity struct {
	Key  crypto.Signer
	X509 *x509.Certificate
	Cert *cert.Certificate

	responder *Identity // who answers for what this one issued; nil: itself
}

// New makes a world whose root lives for twenty years from Start, whose
// authority for ten and whose end entities for two.
func New(t testing.TB) *Lab {
	l := &Lab{Now: Start.AddDate(0, 6, 0), t: t, revoked: map[string]x509.RevocationListEntry{}, ListValidity: 24 * time.Hour}
	l.Root = l.Issue(nil, Request{Name: "ROOT SPECIMEN", Until: Start.AddDate(20, 0, 0), CA: true})
	l.NewCA(Start)
	return l
}

// NewCA makes an authority for ten years, with a responder and a time-stamp
// authority of its own; those before stay reachable.
func (l *Lab) NewCA(from time.Time) {
	until := from.AddDate(10, 0, 0)
	l.CA = l.Issue(l.Root, Request{Name: "CA SPECIMEN", From: from, Until: until, CA: true})
	l.Responder = l.Issue(l.CA, Request{Name: "OCSP SPECIMEN", Purpose: []x509.ExtKeyUsage{x509.ExtKeyUsageOCSPSigning}, NoCheck: true, From: from, Until: until})
	l.CA.responder = l.Responder
	l.NewTSA(from)
}

// NewTSA gives the time-stamp authority a new key and a certificate for five
// years.
func (l *Lab) NewTSA(from time.Time) {
	l.TSA = l.Issue(l.CA, Request{Name: "TSA SPECIMEN", Critical: []asn1.ObjectIdentifier{{1, 3, 6, 1, 5, 5, 7, 3, 8}}, From: from, Until: from.AddDate(5, 0, 0)})
}

// Request says what certificate to issue. Zero fields take those of a signer.
type Request struct {
	Name        string
	Key         crypto.Signer // nil: a new one on P-256
	From, Until time.Time
	CA, NoCheck bool
	Usage       x509.KeyUsage
	Purpose     []x509.ExtKeyUsage
	Critical    []asn1.ObjectIdentifier // extended key usage, marked critical
	Serial      int64
}

// Issue makes a certificate under an issuer; nil makes it sign itself.
func (l *Lab) Issue(issuer *Identity, r Request) *Identity {
	l.t.Helper()
	if r.Key == nil {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		require.NoError(l.t, err)
		r.Key = key
	}
	template := l.template(r)
	parent, key := template, r.Key
	if issuer != nil {
		parent, key = issuer.X509, issuer.Key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, r.Key.Public(), key)
	require.NoError(l.t, err)
	id := l.identity(r.Key, der)
	if r.CA {
		l.issuers = append(l.issuers, id)
	}
	return id
}

func (l *Lab) identity(key crypto.Signer, der []byte) *Identity {
	l.t.Helper()
	parsed, err := x509.ParseCertificate(der)
	require.NoError(l.t, err)
	own, err := cert.Parse(der)
	require.NoError(l.t, err)
	return &Identity{Key: key, X509: parsed, Cert: own}
}

func (l *Lab) template(r Request) *x509.Certificate {
	l.serial++
	c := &x509.Certificate{
		SerialNumber: big.NewInt(1000 + l.serial), Subject: pkix.Name{CommonName: r.Name, Country: []string{"ZZ"}},
		NotBefore: r.From, NotAfter: r.Until, KeyUsage: r.Usage, ExtKeyUsage: r.Purpose, BasicConstraintsValid: true, IsCA: r.CA,
	}
	if c.NotBefore.IsZero() {
		c.NotBefore = Start
	}
	if c.NotAfter.IsZero() {
		c.NotAfter = Start.AddDate(2, 0, 0)
	}
	switch {
	case r.CA:
		c.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageCRLSign
	case r.Usage == 0:
		c.KeyUsage = x509.KeyUsageContentCommitment
	}
	if len(r.Critical) > 0 {
		value, err := asn1.Marshal(r.Critical)
		require.NoError(l.t, err)
		c.ExtraExtensions = append(c.ExtraExtensions, pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 37}, Critical: true, Value: value})
	}
	if r.NoCheck {
		c.ExtraExtensions = append(c.ExtraExtensions, pkix.Extension{Id: asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 5}, Value: []byte{5, 0}})
	}
	if key, ok := r.Key.(*ecdsa.PrivateKey); ok {
		bytes, err := key.PublicKey.Bytes()
		require.NoError(l.t, err)
		sum := sha1.Sum(bytes)
		c.SubjectKeyId = sum[:]
	}
	c.OCSPServer, c.CRLDistributionPoints = []string{"http://ocsp.specimen.example/"}, []string{"http://crl.specimen.example/" + issuerPart(r.CA) + ".crl"}
	c.IssuingCertificateURL = []string{"http://crt.specimen.example/" + issuerPart(r.CA) + ".crt"}
	return c
}

// issuerPart names who issues such a certificate.
func issuerPart(authority bool) string {
	if authority {
		return "root"
	}
	return "ca"
}

// Signer makes an end entity under the authority.
func (l *Lab) Signer(key crypto.Signer) *Identity {
	return l.Issue(l.CA, Request{Name: "SIGNER SPECIMEN", Key: key})
}

// Chain is an end entity's certificate and the authority's.
func (l *Lab) Chain(id *Identity) []*cert.Certificate { return []*cert.Certificate{id.Cert, l.CA.Cert} }

// Anchors is the root.
func (l *Lab) Anchors() []*cert.Certificate { return []*cert.Certificate{l.Root.Cert} }

// Revoke revokes a certificate from now on.
func (l *Lab) Revoke(id *Identity) {
	serial := id.Cert.Serial
	l.revoked[serial.String()] = x509.RevocationListEntry{SerialNumber: serial, RevocationTime: l.Now, ReasonCode: 1}
}

// TimeStamping is the extended key usage of time-stamp authorities; in a
// Request's Purpose it is not critical, as it should be.
var TimeStamping = []x509.ExtKeyUsage{x509.ExtKeyUsageTimeStamping}

// SetResponder has another one answer for what the authority issued.
func (l *Lab) SetResponder(id *Identity) { l.Responder, l.CA.responder = id, id }
