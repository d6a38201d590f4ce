package revocation

import (
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"
	"slices"
	"time"

	"cnie/pki/adsig/checked"
	"cnie/pki/cert"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

var (
	// ErrMalformed reports bytes that are no answer of a responder.
	ErrMalformed = errors.New("malformed answer about a certificate")
	// ErrUnrelated reports material that says nothing of the certificate.
	ErrUnrelated = errors.New("says nothing of this certificate")
	// ErrUnusable reports material that nobody entitled to has signed, or that
	// cannot be understood in full.
	ErrUnusable = errors.New("cannot be relied on")
)

// Status is what an answer says.
type Status uint8

// The statuses. A responder that does not know the certificate gives no answer.
const (
	Unknown Status = iota
	Good
	Revoked
)

// Answer is what one list or response says of one certificate.
type Answer struct {
	Raw        []byte // of the list or response, in which others may be answered for
	OCSP       bool   // a responder's; else a list
	Status     Status
	RevokedAt  time.Time
	Reason     int       // RFC 5280 §5.3.1
	ThisUpdate time.Time // when it was known to be so
	NextUpdate time.Time // zero: not said
	// KeepsExpired is the moment since which the source keeps answering for
	// certificates after they expire; zero: it does not say that it does.
	KeepsExpired time.Time
	Signer       *cert.Certificate // the issuer, or the responder that it appointed
	Algorithm    cert.Algorithm    // of the signature
}

// Name says which kind of source it is.
func (a Answer) Name() string {
	if a.OCSP {
		return "OCSP response"
	}
	return "revocation list"
}

// Covers reports whether a good answer means anything for the certificate: once
// it has expired, its issuer may forget it.
func (a Answer) Covers(c *cert.Certificate) bool {
	return a.Status == Revoked || !a.ThisUpdate.After(c.NotAfter) ||
		!a.KeepsExpired.IsZero() && !a.KeepsExpired.After(c.NotAfter)
}

var (
	oidExpiredOnList = asn1.ObjectIdentifier{2, 5, 29, 60}
	oidIssuingPoint  = asn1.ObjectIdentifier{2, 5, 29, 28}
)

// FromList asks a revocation list about a certificate. Errors wrap ErrUnrelated
// or ErrUnusable.
func FromList(l *cert.CRL, c, issuer *cert.Certificate) (Answer, error) {
	return fromList(l, c, issuer, nil)
}

func fromList(l *cert.CRL, c, issuer *cert.Certificate, known *checked.Signatures) (Answer, error) {
	if !l.Issuer.Equal(c.Issuer) || !inScope(l, c) {
		return Answer{}, ErrUnrelated
	}
	switch {
	case len(l.UnknownCritical) > 0:
		return Answer{}, fmt.Errorf("%w: a critical extension is not understood", ErrUnusable)
	case issuer.KeyUsage != 0 && issuer.KeyUsage&x509.KeyUsageCRLSign == 0:
		return Answer{}, fmt.Errorf("%w: its issuer may not sign lists", ErrUnusable)
	}
	if err := known.By(l.Raw, issuer, func() error { return l.CheckSignatureFrom(issuer) }); err != nil {
		return Answer{}, fmt.Errorf("%w: %w", ErrUnusable, err)
	}
	a := Answer{Raw: l.Raw, Status: Good, ThisUpdate: l.ThisUpdate, NextUpdate: l.NextUpdate, Signer: issuer, Algorithm: l.SignatureAlgorithm}
	if value, _, found := l.Extension(oidExpiredOnList); found {
		in := cryptobyte.String(value)
		in.ReadASN1GeneralizedTime(&a.KeepsExpired) // left zero when unreadable
	}
	for _, entry := range l.Entries {
		if entry.Serial.Cmp(c.Serial) == 0 && (a.Status == Good || entry.Date.Before(a.RevokedAt)) {
			a.Status, a.RevokedAt, a.Reason = Revoked, entry.Date, entry.Reason
		}
	}
	return a, nil
}

// inScope reports whether the list is for such a certificate at all
// (RFC 5280 §6.3.3 step b). Indirect lists, and those for some reasons only,
// would need others beside them to say that a certificate is good.
func inScope(l *cert.CRL, c *cert.Certificate) bool {
	s := l.Scope
	if s == nil {
		return true
	}
	if s.Indirect || s.OnlySomeReasons || s.OnlyAttributes || s.OnlyUsers && c.IsCA || s.OnlyAuthorities && !c.IsCA {
		return false
	}
	addresses, given := pointAddresses(l)
	if !given {
		return true
	}
	return slices.ContainsFunc(addresses, func(a string) bool { return slices.Contains(c.CRLDistributionPoints, a) })
}

const (
	tagFirst = cbasn1.Tag(0xa0)
	tagURI   = cbasn1.Tag(0x86)
)

// pointAddresses lists the addresses of the issuing distribution point. A list
// that is one of several has one, and the certificate names the same
// (RFC 5280 §6.3.3 step b.2.i).
func pointAddresses(l *cert.CRL) (addresses []string, given bool) {
	value, _, _ := l.Extension(oidIssuingPoint)
	in := cryptobyte.String(value)
	var body, name, full cryptobyte.String
	if !in.ReadASN1(&body, cbasn1.SEQUENCE) || !body.ReadOptionalASN1(&name, &given, tagFirst) || !given {
		return nil, given
	}
	if !name.ReadASN1(&full, tagFirst) {
		return nil, true
	}
	return uris(full), true
}

// uris lists the addresses among GeneralNames, up to an unreadable one.
func uris(names cryptobyte.String) (all []string) {
	for !names.Empty() && len(all) < maxAddresses {
		var content cryptobyte.String
		var tag cbasn1.Tag
		if !names.ReadAnyASN1(&content, &tag) {
			return all
		}
		if tag == tagURI {
			all = append(all, string(content))
		}
	}
	return all
}
