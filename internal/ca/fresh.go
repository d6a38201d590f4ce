package ca

import (
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"sync"
	"time"
)

// fresh is a certificate of short life whose key never leaves the process. It is
// made when it is first asked for, and anew when half of its life is over.
type fresh struct {
	renew   func() (*tls.Certificate, error)
	mu      sync.Mutex
	current *tls.Certificate
}

func (f *fresh) get() (*tls.Certificate, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.current != nil {
		leaf := f.current.Leaf
		if time.Now().Before(leaf.NotBefore.Add(leaf.NotAfter.Sub(leaf.NotBefore) / 2)) {
			return f.current, nil
		}
	}
	made, err := f.renew()
	if err != nil {
		return nil, err
	}
	f.current = made
	return made, nil
}

// answererLife bounds what a stolen OCSP key is worth: with nocheck nobody asks
// whether its certificate was revoked.
const answererLife = 7 * 24 * time.Hour

// newAnswerer makes the certificate that OCSP answers are signed with. RFC 6960
// §4.2.2.2: issued by the authority itself, for this purpose only; §4.2.2.2.1: its
// own revocation is not asked for.
func (ca *CA) newAnswerer() (*tls.Certificate, error) {
	now := time.Now()
	made, err := newPair(&x509.Certificate{
		Subject: ca.config.subject("OCSP responder"), NotBefore: now.Add(-time.Minute), NotAfter: now.Add(answererLife),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageOCSPSigning},
		ExtraExtensions: []pkix.Extension{{Id: asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 5}, Value: asn1.NullBytes}},
	}, ca.issuing)
	if err != nil {
		return nil, err
	}
	return &tls.Certificate{Certificate: [][]byte{made.certificate.Raw}, PrivateKey: made.key, Leaf: made.certificate}, nil
}
