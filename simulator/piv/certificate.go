package piv

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/hex"
	"fmt"
	"math/big"
	"net/url"
	"strings"
	"sync"
	"time"
)

// specimenLife is when specimen certificates are valid: fixed, so that they are
// the same whenever they are made.
var specimenLife = [2]time.Time{
	time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC),
	time.Date(2049, 12, 31, 23, 59, 59, 0, time.UTC),
}

// authority signs certificates.
type authority struct {
	certificate *x509.Certificate
	key         crypto.Signer
}

// issuer is the specimen issuer of holders' certificates; one for all cards.
var issuer = sync.OnceValues(func() (*authority, error) {
	key, err := specimenKey("issuer", Signature, P256)
	if err != nil {
		return nil, err
	}
	return newAuthority("SPECIMEN PIV CA", key, nil)
})

// newAuthority certifies a key that signs certificates, itself when above is nil.
func newAuthority(name string, key crypto.Signer, above *authority) (*authority, error) {
	template := template(pkix.Name{CommonName: name}, key.Public())
	template.IsCA, template.KeyUsage = true, x509.KeyUsageCertSign|x509.KeyUsageCRLSign
	self := &authority{template, key}
	if above == nil {
		above = self
	}
	der, err := above.sign(template, key.Public())
	if err != nil {
		return nil, err
	}
	self.certificate, err = x509.ParseCertificate(der)
	return self, err
}

// sign makes a certificate without random numbers: ECDSA as in RFC 6979.
func (a *authority) sign(template *x509.Certificate, key crypto.PublicKey) ([]byte, error) {
	return x509.CreateCertificate(nil, template, a.certificate, key, a.key)
}

// template is what all specimen certificates have in common.
func template(subject pkix.Name, key crypto.PublicKey) *x509.Certificate {
	spki, _ := x509.MarshalPKIXPublicKey(key) // the signature fails on a bad key
	digest := sha256.Sum256(append(spki, subject.String()...))
	subject.Country, subject.Organization = []string{"MA"}, []string{"SPECIMEN - not a real document"}
	return &x509.Certificate{
		Subject: subject, SerialNumber: new(big.Int).SetBytes(digest[:15]), SubjectKeyId: digest[:20],
		NotBefore: specimenLife[0], NotAfter: specimenLife[1], BasicConstraintsValid: true,
	}
}

// cardAuthentication is the extended key usage of 9E, FIPS 201.
var cardAuthentication = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 6, 8}

// certify makes a holder's certificate.
func certify(name string, id [16]byte, slot Slot, key crypto.PublicKey) ([]byte, error) {
	ca, err := issuer()
	if err != nil {
		return nil, err
	}
	if !strings.Contains(name, "SPECIMEN") {
		name = "SPECIMEN " + name
	}
	certificate := template(pkix.Name{CommonName: name, SerialNumber: fmt.Sprintf("%X", id[:8])}, key)
	certificate.URIs = []*url.URL{{Scheme: "urn", Opaque: "uuid:" + uuid(id)}}
	purpose(certificate, slot, key)
	return ca.sign(certificate, key)
}

func uuid(id [16]byte) string {
	h := hex.EncodeToString(id[:])
	return strings.Join([]string{h[:8], h[8:12], h[12:16], h[16:20], h[20:]}, "-")
}

// purpose sets what a key may be used for. The signature key alone commits its
// holder to content; it authenticates nobody.
func purpose(c *x509.Certificate, slot Slot, key crypto.PublicKey) {
	c.KeyUsage = x509.KeyUsageDigitalSignature
	switch {
	case slot == Authentication:
		c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	case slot == Signature:
		c.KeyUsage |= x509.KeyUsageContentCommitment
		c.UnknownExtKeyUsage = []asn1.ObjectIdentifier{{1, 3, 6, 1, 5, 5, 7, 3, 36}} // documents, RFC 9336
	case slot == CardAuthentication:
		c.UnknownExtKeyUsage = []asn1.ObjectIdentifier{cardAuthentication}
	default:
		c.KeyUsage = agreement(key)
	}
}

// agreement is how a key for confidentiality works.
func agreement(key crypto.PublicKey) x509.KeyUsage {
	switch key.(type) {
	case *rsa.PublicKey:
		return x509.KeyUsageKeyEncipherment
	case *ecdsa.PublicKey:
		return x509.KeyUsageKeyAgreement
	}
	return 0
}
