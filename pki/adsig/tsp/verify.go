package tsp

import (
	"encoding/asn1"
	"fmt"

	"cnie/pki/adsig/ess"
	"cnie/pki/cert"
	"cnie/pki/cms"
)

var (
	oidExtKeyUsage = asn1.ObjectIdentifier{2, 5, 29, 37}
	oidTimestamp   = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 3, 8}
)

// Verified is what verifying a token yields.
type Verified struct {
	Signer *cert.Certificate
	Result cms.Result
}

// Signer is the certificate that the token names as its signer's, looked for in
// the token and then among others.
func (t *Token) Signer(others []*cert.Certificate) (*cert.Certificate, bool) {
	with := *t.Message
	with.Certificates = append(t.Message.Certificates[:len(t.Message.Certificates):len(t.Message.Certificates)], others...)
	return with.SignerCertificate(0)
}

// Verify verifies the token's signature under the certificate that it names,
// looked for in the token and then among others. Errors are those of pki/cms
// and ess, or wrap ErrSigner.
func (t *Token) Verify(others []*cert.Certificate) (Verified, error) {
	var v Verified
	signer, found := t.Signer(others)
	if !found {
		return v, cms.ErrNoSigner
	}
	v.Signer = signer
	var err error
	if v.Result, err = t.Message.Verify(0, signer); err != nil {
		return v, err
	}
	attributes, err := cms.ParseAttributes(t.Message.Signers[0].SignedAttributes)
	if err != nil {
		return v, err
	}
	if _, err := ess.Check(attributes, signer); err != nil { // RFC 3161 §2.4.2, RFC 5816 §2.2.1
		return v, err
	}
	return v, CheckSigner(signer)
}

// CheckSigner reports, as ErrSigner, what keeps a certificate from making
// timestamps: RFC 3161 §2.3 wants one extended key usage, critical, for nothing
// but timestamps.
func CheckSigner(c *cert.Certificate) error {
	_, critical, found := c.Extension(oidExtKeyUsage)
	switch {
	case !found:
		return fmt.Errorf("%w: no extended key usage", ErrSigner)
	case len(c.ExtKeyUsage) != 1 || !c.ExtKeyUsage[0].Equal(oidTimestamp):
		return fmt.Errorf("%w: its key is for other things", ErrSigner)
	case !critical:
		return fmt.Errorf("%w: its extended key usage is not critical", ErrSigner)
	}
	return nil
}
