package pades

import (
	"encoding/asn1"
	"errors"
	"fmt"

	"cnie/pki/adsig/pdf"
)

// ErrProfile reports settings that the baseline profile forbids.
var ErrProfile = errors.New("not allowed in a PAdES baseline signature")

// dictionary is the signature dictionary but for the signature (EN 319 142-1
// §6.3).
func (s *Signer) dictionary() pdf.Dict {
	d := pdf.Dict{
		"Type": pdf.Name("Sig"), "Filter": pdf.Name("Adobe.PPKLite"), "SubFilter": pdf.Name("ETSI.CAdES.detached"), "M": formatDate(s.Time),
	}
	for key, text := range map[pdf.Name]string{"Name": s.Name, "Reason": s.Reason, "Location": s.Location, "ContactInfo": s.Contact} {
		if text != "" {
			d[key] = pdf.TextString(text)
		}
	}
	return d
}

var (
	oidContentHints = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 4}
	oidCommitment   = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 16}
	oidPolicy       = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 15}
	oidLocation     = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 17}
	oidMIMEType     = asn1.ObjectIdentifier{0, 4, 0, 1733, 2, 1}
)

// checkProfile refuses what EN 319 142-1 §6.3 does: a time, a place or a kind of
// content among the signed attributes, where the file says it; a reason beside a
// commitment or a policy, which say it otherwise.
func (s *Signer) checkProfile() error {
	has := func(oid asn1.ObjectIdentifier) bool {
		for _, a := range s.Attributes {
			if a.Type.Equal(oid) {
				return true
			}
		}
		return false
	}
	switch {
	case !s.At.IsZero() || s.Type != nil:
		return fmt.Errorf("%w: a signing time or content type among the signed attributes", ErrProfile)
	case s.Time.IsZero():
		return fmt.Errorf("%w: no time of signing", ErrProfile)
	case has(oidMIMEType) || has(oidContentHints):
		return fmt.Errorf("%w: attributes about the kind of content", ErrProfile)
	case s.Reason != "" && (has(oidCommitment) || has(oidPolicy)):
		return fmt.Errorf("%w: a reason beside a commitment or a policy", ErrProfile)
	case s.Location != "" && has(oidLocation):
		return fmt.Errorf("%w: two locations", ErrProfile)
	case s.Certify < 0 || s.Certify > 3:
		return fmt.Errorf("%w: permission %d", ErrProfile, s.Certify)
	}
	return nil
}
