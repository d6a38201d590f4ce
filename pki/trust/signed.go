package trust

import (
	"encoding/asn1"
	"errors"
	"fmt"
	"slices"
	"time"

	"cnie/pki/cert"
	"cnie/pki/cms"
)

var (
	oidMasterList       = asn1.ObjectIdentifier{2, 23, 136, 1, 1, 2} // Doc 9303-12 §9
	oidMasterListKey    = asn1.ObjectIdentifier{2, 23, 136, 1, 1, 3}
	oidDeviationList    = asn1.ObjectIdentifier{2, 23, 136, 1, 1, 7} // Doc 9303-12 §10
	oidDeviationListKey = asn1.ObjectIdentifier{2, 23, 136, 1, 1, 8}
)

var (
	// ErrSigner reports a list whose signer nobody here vouches for, or that
	// may not sign such a list.
	ErrSigner = errors.New("signer of the list is not trusted")
	// ErrOlder reports a list, or a bundle, that is not newer than the one held.
	ErrOlder = errors.New("not newer than what is held")
)

// clockSkew is how far a list may be ahead of this machine's clock.
const clockSkew = 24 * time.Hour

// signedList is a master or deviation list whose signatures verified.
type signedList struct {
	kind    Kind
	content []byte
	signer  *cert.Certificate
	date    time.Time // of signing
	remarks []string
	// specimen says that somebody vouched for it whose key everybody has.
	specimen bool
}

// voucher decides whether the holder of a certificate may sign a list, and names
// the one on whose word; hints are certificates that came with the list and prove
// nothing by themselves.
type voucher func(signer *cert.Certificate, hints []*cert.Certificate) (by *cert.Certificate, err error)

// openList reads a signed list and verifies every signature on it. The order is
// that of cost for a stranger: nothing of the content is read before a signer
// is vouched for.
func openList(raw []byte, now time.Time, vouch voucher) (*signedList, error) {
	sd, err := cms.Parse(raw)
	if err != nil {
		return nil, err
	}
	list := &signedList{content: sd.Content, remarks: sd.Deviations}
	usage := oidMasterListKey
	switch {
	case sd.ContentType.Equal(oidMasterList):
		list.kind = MasterList
	case sd.ContentType.Equal(oidDeviationList):
		list.kind, usage = DeviationList, oidDeviationListKey
	default:
		return nil, fmt.Errorf("%w: a signed message that is neither a master list nor a deviation list (%v)", cms.ErrMalformed, sd.ContentType)
	}
	if len(sd.Signers) == 0 {
		return nil, fmt.Errorf("%w: nobody signed it", cms.ErrNoSigner)
	}
	for i := range sd.Signers {
		if err := list.verify(sd, i, usage, vouch); err != nil {
			return nil, err
		}
	}
	if list.date.After(now.Add(clockSkew)) {
		// Kept, it would bar every honest list until that day.
		return nil, fmt.Errorf("%w: signed on %s, which is in the future", ErrSigner, list.date.Format(time.DateOnly))
	}
	return list, nil
}

// verify verifies signer i; the first one names the list and the latest date
// counts.
func (l *signedList) verify(sd *cms.SignedData, i int, usage asn1.ObjectIdentifier, vouch voucher) error {
	signer, _ := sd.SignerCertificate(i)
	result, err := sd.Verify(i, signer)
	if err != nil {
		return fmt.Errorf("signature %d: %w", i+1, err)
	}
	// Doc 9303-12 §7.1.1.3: the only purpose of the key, in a critical extension.
	if !slices.ContainsFunc(signer.ExtKeyUsage, usage.Equal) {
		return fmt.Errorf("%w: the certificate of %s is not for signing such lists", ErrSigner, signer.Subject)
	}
	l.remarks = append(l.remarks, result.Deviations...)
	if result.SigningTime == nil {
		// Doc 9303-12 §9.1 demands it, and lists are put in order by it.
		return fmt.Errorf("%w: the list does not say when it was signed", cms.ErrMalformed)
	}
	signed := result.SigningTime.UTC()
	if signed.Before(signer.NotBefore) || signed.After(signer.NotAfter) {
		return fmt.Errorf("%w: the certificate of %s was not in force on %s", ErrSigner, signer.Subject, signed.Format(time.DateOnly))
	}
	if signed.After(l.date) {
		l.date = signed
	}
	if l.signer == nil {
		l.signer = signer
	}
	hints := sd.Certificates
	if l.kind == MasterList {
		hints = append(slices.Clip(hints), issuersWithin(sd.Content, signer)...)
	}
	by, err := vouch(signer, hints)
	l.specimen = l.specimen || err == nil && isSpecimen(by)
	return err
}

// issuersWithin finds in a master list the certificates of the signer's own
// country: the links by which its authority changed keys since the last list.
func issuersWithin(content []byte, signer *cert.Certificate) []*cert.Certificate {
	var found []*cert.Certificate
	for c, err := range MasterListCertificates(content) {
		if err == nil && c.IsCA && c.Subject.Country == signer.Subject.Country && len(found) < maxCandidates {
			found = append(found, c)
		}
	}
	return found
}

// series names the publisher of a list, the same from one list to the next: the
// State and the organisation of the authority behind the signer, who changes.
func (l *signedList) series() string {
	issuer := l.signer.Issuer
	if issuer.Country == "" && issuer.Organisation == "" {
		return issuer.String()
	}
	return issuer.Country + "/" + issuer.Organisation
}

// onlySpecimens holds the word of a specimen authority to authorities of its kind:
// whatever it signs, anybody may have signed.
func (l *signedList) onlySpecimens() error {
	if !l.specimen {
		return nil
	}
	for c, err := range MasterListCertificates(l.content) {
		if err == nil && !isSpecimen(c) {
			return fmt.Errorf("%w: everybody has the key of a specimen authority, and the list has %s", ErrSigner, c.Subject)
		}
	}
	return nil
}
