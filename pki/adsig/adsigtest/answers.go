package adsigtest

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/sha1"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"math/big"
	"strings"

	"golang.org/x/crypto/ocsp"

	"github.com/stretchr/testify/require"
)

// Query is the responder, as a revocation.Source reaches it.
func (l *Lab) Query(_ context.Context, _ string, request []byte) ([]byte, error) {
	parsed, err := ocsp.ParseRequest(request)
	if err != nil {
		return nil, err
	}
	for _, issuer := range l.issuers {
		if !bytes.Equal(parsed.IssuerKeyHash, keyHash(issuer.X509)) {
			continue
		}
		signer := issuer
		if issuer.responder != nil {
			signer = issuer.responder
		}
		return l.Respond(issuer, signer, parsed.SerialNumber), nil
	}
	return ocsp.UnauthorizedErrorResponse, nil
}

// Respond makes a response about a certificate of an issuer.
func (l *Lab) Respond(issuer, signer *Identity, serial *big.Int) []byte {
	l.t.Helper()
	template := ocsp.Response{
		Status: ocsp.Good, SerialNumber: serial, ThisUpdate: l.Now, NextUpdate: l.Now.Add(l.ListValidity), IssuerHash: crypto.SHA1,
	}
	if entry, revoked := l.revoked[serial.String()]; revoked && !entry.RevocationTime.After(l.Now) {
		template.Status, template.RevokedAt, template.RevocationReason = ocsp.Revoked, entry.RevocationTime, entry.ReasonCode
	}
	if signer != issuer {
		template.Certificate = signer.X509
	}
	response, err := ocsp.CreateResponse(issuer.X509, signer.X509, template, signer.Key)
	require.NoError(l.t, err)
	return response
}

func keyHash(c *x509.Certificate) []byte {
	var spki struct {
		Algorithm pkix.AlgorithmIdentifier
		Key       asn1.BitString
	}
	if _, err := asn1.Unmarshal(c.RawSubjectPublicKeyInfo, &spki); err != nil {
		return nil
	}
	sum := sha1.Sum(spki.Key.RightAlign())
	return sum[:]
}

// Fetch serves the two lists and the two certificates.
func (l *Lab) Fetch(_ context.Context, address string) ([]byte, error) {
	switch {
	case strings.HasSuffix(address, "root.crl"):
		return l.List(l.Root), nil
	case strings.HasSuffix(address, "ca.crl"):
		return l.List(l.CA), nil
	case strings.HasSuffix(address, "root.crt"):
		return l.Root.X509.Raw, nil
	case strings.HasSuffix(address, "ca.crt"):
		return l.CA.X509.Raw, nil
	}
	return nil, errors.New("no such list")
}

// List makes an issuer's list of everything revoked by now.
func (l *Lab) List(issuer *Identity) []byte {
	l.t.Helper()
	template := &x509.RevocationList{Number: big.NewInt(l.Now.Unix()), ThisUpdate: l.Now, NextUpdate: l.Now.Add(l.ListValidity)}
	for _, entry := range l.revoked {
		if !entry.RevocationTime.After(l.Now) {
			template.RevokedCertificateEntries = append(template.RevokedCertificateEntries, entry)
		}
	}
	list, err := x509.CreateRevocationList(rand.Reader, template, issuer.X509, issuer.Key)
	require.NoError(l.t, err)
	return list
}
