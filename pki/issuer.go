package pki

import (
	"crypto/x509"
	"encoding/asn1"
	"slices"
	"time"

	"cnie/pki/cert"
	"cnie/pki/trust"
)

// checkPath looks for the country signing certificate whose key certified the
// document signer, of whichever generation. The store proposes candidates by
// key identifier, never by name alone: a country keeps its name through every
// change of keys.
func (e *examination) checkPath() {
	if e.signer == nil {
		e.note(CheckIssuerPath, NotChecked, "the document signer's certificate is not known")
		return
	}
	candidates := e.anchors.Issuers(e.signer)
	if e.issuer = e.chooseIssuer(candidates); e.issuer != nil {
		e.path = e.anchors.PathFrom(e.issuer)
		e.report.Specimen = slices.ContainsFunc(e.path, e.anchors.IsSpecimen)
		e.report.Disguised = e.report.Specimen && e.signer.Issuer.Organisation != trust.SpecimenOrganisation
		e.note(CheckIssuerPath, Passed, "certified by %s", e.issuer.Subject)
		return
	}
	switch {
	case len(candidates) > 0:
		e.note(CheckIssuerPath, Failed, "the document signer claims %s as its issuer, whose key did not sign it", e.signer.Issuer)
	case e.signer.CheckSignatureFrom(e.signer) == nil:
		e.note(CheckIssuerPath, Failed, "the document signer certified itself")
	default:
		e.note(CheckIssuerPath, NotChecked, "the issuer of the document signer is not among the trust anchors")
	}
}

// chooseIssuer finds the candidate whose key made the signature. Several
// certificates may hold that key, its own and links to it; one that is in force
// is better than one that is not.
func (e *examination) chooseIssuer(candidates []*cert.Certificate) (chosen *cert.Certificate) {
	for _, candidate := range candidates {
		switch {
		case chosen == nil && e.signer.CheckSignatureFrom(candidate) == nil:
			chosen = candidate
		case chosen != nil && !inForce(chosen, e.policy.At) && inForce(candidate, e.policy.At) && candidate.PublicKey.Equal(chosen.PublicKey):
			chosen = candidate
		}
	}
	return chosen
}

func inForce(c *cert.Certificate, at time.Time) bool {
	return !at.Before(c.NotBefore) && !at.After(c.NotAfter)
}

// checkPathLength counts, for each authority, those below it that are not
// self-issued: a CSCA's limit of zero leaves room for document signers and for
// links to its later keys, but not for authorities under it. RFC 5280
// §4.2.1.9, ICAO 9303-12 §7.1.
func (e *examination) checkPathLength() {
	if e.issuer == nil {
		e.note(CheckIssuerPathLength, NotChecked, "the issuer is not known")
		return
	}
	between := 0
	for _, c := range e.path {
		if c.MaxPathLen >= 0 && between > c.MaxPathLen {
			e.note(CheckIssuerPathLength, Failed, "%s does not allow the authorities that are between it and the document signer", c.Subject)
			return
		}
		if !c.SelfIssued() && !c.NameChange {
			between++
		}
	}
	e.note(CheckIssuerPathLength, Passed, "the way to the trust anchor is as short as the authorities ask")
}

func (e *examination) checkKeyUsage() {
	switch {
	case e.signer == nil:
		e.note(CheckIssuerKeyUsage, NotChecked, "the document signer's certificate is not known")
	case e.signer.KeyUsage != 0 && e.signer.KeyUsage&x509.KeyUsageDigitalSignature == 0:
		e.note(CheckIssuerKeyUsage, Failed, "the document signer's key may not sign")
	case hasOtherPurpose(e.signer):
		e.note(CheckIssuerKeyUsage, Failed, "the document signer's key is certified for other purposes, such as lists or visible seals")
	case e.issuer == nil:
		e.note(CheckIssuerKeyUsage, NotChecked, "the issuer is not known")
	case !mayCertify(e.path):
		e.note(CheckIssuerKeyUsage, Failed, "the issuer's key may not sign certificates")
	default:
		e.note(CheckIssuerKeyUsage, Passed, "the keys may be used for what they were used for")
	}
}

// anyPurpose is the extended key usage that limits nothing.
var anyPurpose = asn1.ObjectIdentifier{2, 5, 29, 37, 0}

// hasOtherPurpose reports whether the certificate limits its key to purposes, of
// which none is to sign documents: ICAO 9303-12 §7.1 gives the signers of lists
// and of seals one, and document signers none. RFC 5280 §4.2.1.12.
func hasOtherPurpose(c *cert.Certificate) bool {
	return len(c.ExtKeyUsage) > 0 && !slices.ContainsFunc(c.ExtKeyUsage, anyPurpose.Equal)
}

func mayCertify(path []*cert.Certificate) bool {
	for _, c := range path {
		if !c.IsCA || c.KeyUsage != 0 && c.KeyUsage&x509.KeyUsageCertSign == 0 {
			return false
		}
	}
	return true
}
