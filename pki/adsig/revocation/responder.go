package revocation

import (
	"crypto"
	"encoding/asn1"
	"fmt"

	"cnie/pki/adsig/checked"
	"cnie/pki/cert"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

var (
	oidOCSPSigning     = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 3, 9}
	oidNoCheck         = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 5}
	oidAuthorityAccess = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 1, 1}
)

// About gives the answer for one certificate. Errors wrap ErrUnrelated, also
// where the responder does not know the certificate, or ErrUnusable.
func (r *Response) About(c, issuer *cert.Certificate) (Answer, error) { return r.about(c, issuer, nil) }

func (r *Response) about(c, issuer *cert.Certificate, known *checked.Signatures) (Answer, error) {
	for i := range r.singles {
		s := &r.singles[i]
		if !s.about(c, issuer) || s.status == Unknown {
			continue
		}
		if s.unknownCriticalSeen {
			return Answer{}, fmt.Errorf("%w: a critical extension is not understood", ErrUnusable)
		}
		signer, err := r.verify(issuer, known)
		if err != nil {
			return Answer{}, err
		}
		return Answer{
			Raw: r.Raw, OCSP: true, Status: s.status, RevokedAt: s.revokedAt, Reason: s.reason,
			ThisUpdate: s.thisUpdate, NextUpdate: s.nextUpdate, KeepsExpired: s.cutOff,
			Signer: signer, Algorithm: r.algorithm,
		}, nil
	}
	return Answer{}, ErrUnrelated
}

// verify finds who signed: the issuer itself, or a responder with a certificate
// of the issuer's that is for this purpose (RFC 6960 §4.2.2.2).
func (r *Response) verify(issuer *cert.Certificate, known *checked.Signatures) (*cert.Certificate, error) {
	if r.named(issuer) && r.signedBy(issuer, known) {
		return issuer, nil
	}
	for _, c := range r.Certificates {
		if !r.named(c) || !appointed(c) || !c.Issuer.Equal(issuer.Subject) {
			continue
		}
		issued := known.By(c.Raw, issuer, func() error { return c.CheckSignatureFrom(issuer) })
		if issued == nil && r.signedBy(c, known) {
			return c, nil
		}
	}
	return nil, fmt.Errorf("%w: not signed by the issuer or a responder of its", ErrUnusable)
}

func (r *Response) named(c *cert.Certificate) bool {
	if r.byKey != nil {
		return string(r.byKey) == string(sum(crypto.SHA1, keyBits(c)))
	}
	return c.IssuedTo(r.byName)
}

func (r *Response) signedBy(c *cert.Certificate, known *checked.Signatures) bool {
	return known.By(r.Raw, c, func() error {
		return c.PublicKey.Verify(r.algorithm, r.algorithm.Digest(r.tbs), r.signature)
	}) == nil
}

func appointed(c *cert.Certificate) bool {
	for _, usage := range c.ExtKeyUsage {
		if usage.Equal(oidOCSPSigning) {
			return len(c.UnknownCritical) == 0
		}
	}
	return false
}

// NeedsNoCheck reports whether a responder's certificate is to be relied on
// without asking about its own standing (RFC 6960 §4.2.2.2.1).
func NeedsNoCheck(responder *cert.Certificate) bool {
	_, _, found := responder.Extension(oidNoCheck)
	return found
}

// EncodeRequest is the DER of an OCSPRequest about one certificate (RFC 6960
// §4.1.1). The certificate is named by SHA-1, the one hash that every responder
// knows; it protects nothing here.
func EncodeRequest(c, issuer *cert.Certificate) ([]byte, error) {
	hash, err := sha1Identifier()
	if err != nil {
		return nil, err
	}
	var b cryptobyte.Builder
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) { // OCSPRequest
		b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) { // TBSRequest
			b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) { // requestList
				b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) { // Request
					b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) { // CertID
						b.AddBytes(hash)
						b.AddASN1OctetString(sum(crypto.SHA1, c.RawIssuer))
						b.AddASN1OctetString(sum(crypto.SHA1, keyBits(issuer)))
						b.AddASN1BigInt(c.Serial)
					})
				})
			})
		})
	})
	return b.Bytes()
}

func sha1Identifier() ([]byte, error) {
	var b cryptobyte.Builder
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1ObjectIdentifier(asn1.ObjectIdentifier{1, 3, 14, 3, 2, 26})
		b.AddASN1NULL()
	})
	return b.Bytes()
}

// Responders lists the addresses at which a certificate's issuer answers for it
// (RFC 5280 §4.2.2.1).
func Responders(c *cert.Certificate) []string { return access(c, "\x2b\x06\x01\x05\x05\x07\x30\x01") }

// access lists the addresses under one method of authorityInfoAccess.
func access(c *cert.Certificate, method string) (all []string) {
	value, _, _ := c.Extension(oidAuthorityAccess)
	in := cryptobyte.String(value)
	var list cryptobyte.String
	if !in.ReadASN1(&list, cbasn1.SEQUENCE) {
		return nil
	}
	for !list.Empty() && len(all) < maxAddresses {
		var entry, oid cryptobyte.String
		if !list.ReadASN1(&entry, cbasn1.SEQUENCE) || !cert.ReadOID(&entry, &oid) {
			return all
		}
		if string(oid) == method {
			all = append(all, uris(entry)...)
		}
	}
	return all
}
