package pki

import (
	"time"

	"cnie/pki/cert"
)

func (e *examination) checkDocumentDates() {
	if e.mrz == nil {
		e.note(CheckValidityDocument, NotChecked, "EF.DG1, which has the date of expiry, is not at hand")
		return
	}
	expiry, ok := e.mrz.Expiry(e.policy.At)
	switch {
	case !ok:
		e.note(CheckValidityDocument, NotChecked, "the date of expiry cannot be read")
	case expiry.Before(e.policy.At):
		e.refuse(CheckValidityDocument, !expiry.Before(e.policy.At.Add(-e.policy.AllowExpiredDocument)), "the document has expired")
	case expiry.Day == 0 && !expiry.After(e.policy.At):
		e.note(CheckValidityDocument, NotChecked, "the document does not say on which day it expires")
	default:
		e.note(CheckValidityDocument, Passed, "the document is in force")
	}
}

func (e *examination) checkSignerDates() {
	if e.signer == nil {
		e.note(CheckValiditySigner, NotChecked, "the document signer's certificate is not known")
		return
	}
	e.noteDates(CheckValiditySigner, "the document signer certificate", e.signer)
}

func (e *examination) checkCSCADates() {
	if e.issuer == nil {
		e.note(CheckValidityCSCA, NotChecked, "the issuer is not known")
		return
	}
	e.noteDates(CheckValidityCSCA, "the country signing certificate", e.issuer)
}

// noteDates compares a certificate's validity with the time of judgement and,
// where it is over, with the time at which the document was signed. Doc 9303-12
// §4.1 sizes the life of both certificates to outlast every document under
// them; an issuer who got that wrong has made no forgery, so that a certificate
// which was in force at the signing leaves a remark. What cannot be placed in
// time stays open.
func (e *examination) noteDates(id CheckID, what string, c *cert.Certificate) {
	from, until, known := e.signing()
	switch {
	case e.policy.At.Before(c.NotBefore):
		e.note(id, Failed, "%s is not in force before %s", what, day(c.NotBefore))
	case !e.policy.At.After(c.NotAfter):
		e.note(id, Passed, "%s is in force until %s", what, day(c.NotAfter))
	case !known:
		e.note(id, NotChecked, "%s expired on %s, and nothing says whether the document was signed before", what, day(c.NotAfter))
	case !until.After(c.NotAfter):
		e.note(id, Warned, "%s expired on %s, but was in force when the document was signed, on %s or before", what, day(c.NotAfter), day(until))
	case from.After(c.NotAfter):
		e.note(id, Failed, "%s expired on %s, before the document was signed", what, day(c.NotAfter))
	default:
		e.note(id, NotChecked, "%s expired on %s, and the document was signed until %s", what, day(c.NotAfter), day(until))
	}
}

// signing is the span in which the document was signed: the moment that the
// signer names, or else what its certificate says of its key's use. Both are an
// issuer's word, which a thief of the key need not keep; revocation is the
// answer to thieves.
func (e *examination) signing() (from, until time.Time, known bool) {
	switch {
	case !e.authentic:
		return from, until, false
	case e.result.SigningTime != nil:
		return *e.result.SigningTime, *e.result.SigningTime, true
	case e.signer.PrivateKeyUsage == nil || e.signer.PrivateKeyUsage.NotAfter.IsZero():
		return from, until, false
	}
	from, until = usePeriod(e.signer)
	return from, until, true
}

// checkSigningTime places the act of signing within the period in which the
// signer's key could be used. The time is the signer's own word; it cannot help
// a thief of the key, who would lie, but it shows a careless issuer.
func (e *examination) checkSigningTime() {
	switch signed := e.result.SigningTime; {
	case !e.authentic:
		e.note(CheckValiditySigning, NotChecked, "there is no verified signature")
	case signed == nil:
		e.note(CheckValiditySigning, NotApplicable, "EF.SOD does not say when it was signed")
	case signed.After(e.policy.At):
		e.note(CheckValiditySigning, Failed, "EF.SOD says that it was signed later, on %s", day(*signed))
	default:
		e.noteKeyUse(CheckValiditySigning, *signed, e.signer)
	}
}

// checkCertifying does the same for the certificate of the document signer,
// whose validity begins no earlier than it was signed. ICAO 9303-12 §7.1.
func (e *examination) checkCertifying() {
	if e.issuer == nil {
		e.note(CheckValidityCertifying, NotChecked, "the issuer is not known")
		return
	}
	e.noteKeyUse(CheckValidityCertifying, e.signer.NotBefore, e.issuer)
}

func (e *examination) noteKeyUse(id CheckID, signed time.Time, signer *cert.Certificate) {
	if from, to := usePeriod(signer); signed.Before(from) || signed.After(to) {
		e.refuse(id, e.policy.AllowSigningOutsideKeyUse, "signed on %s, outside the use of the signer's key from %s to %s", day(signed), day(from), day(to))
		return
	}
	e.note(id, Passed, "signed on %s, while the signer's key could be used", day(signed))
}

// usePeriod is when the private key may sign: the extension where there is one,
// else the certificate's validity. RFC 5280 §4.1.2.5, ICAO 9303-12 §7.1.
func usePeriod(c *cert.Certificate) (from, to time.Time) {
	from, to = c.NotBefore, c.NotAfter
	if p := c.PrivateKeyUsage; p != nil {
		if !p.NotBefore.IsZero() {
			from = p.NotBefore
		}
		if !p.NotAfter.IsZero() {
			to = p.NotAfter
		}
	}
	return from, to
}

func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }
