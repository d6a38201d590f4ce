package trust

import (
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"cnie/pki/cert"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

const (
	maxDeviations = 4096
	maxNumbers    = 1 << 16 // document numbers in one entry
)

// Deviation is one entry of a deviation list (Doc 9303-12 §10): documents that
// an issuer knows to depart from the standard, and how. Empty fields narrow
// nothing.
type Deviation struct {
	DocumentType    string    `json:"document_type,omitempty"`
	Signer          string    `json:"signer,omitempty"` // document signer, in words
	FirstIssued     time.Time `json:"first_issued,omitzero"`
	LastIssued      time.Time `json:"last_issued,omitzero"`
	DocumentNumbers int       `json:"document_numbers,omitempty"` // how many; the numbers stay in the list
	Descriptions    []string  `json:"descriptions"`               // type, an OID below 2.23.136.1.1.7, and text
}

const (
	tagDocumentType    = cbasn1.Tag(0x80)
	tagIssuerAndSerial = cbasn1.Tag(0xa1)
	tagSubjectKey      = cbasn1.Tag(0x82)
	tagDigest          = cbasn1.Tag(0x83)
	tagIssued          = cbasn1.Tag(0xa4)
	tagNumbers         = cbasn1.Tag(0xa5)
)

// parseDeviations reads the content of a signed deviation list. Verify the
// message around it first. Errors wrap cert.ErrMalformed.
func parseDeviations(content []byte) ([]Deviation, error) {
	in := cryptobyte.String(content)
	var body, set cryptobyte.String
	var version int
	if !in.ReadASN1(&body, cbasn1.SEQUENCE) || !in.Empty() || !body.ReadASN1Integer(&version) || version != 0 ||
		!body.SkipOptionalASN1(cbasn1.SEQUENCE) || !body.ReadASN1(&set, cbasn1.SET) || !body.Empty() {
		return nil, fmt.Errorf("%w: deviation list", cert.ErrMalformed)
	}
	var all []Deviation
	for !set.Empty() {
		var entry cryptobyte.String
		d, ok := Deviation{}, len(all) < maxDeviations && set.ReadASN1(&entry, cbasn1.SEQUENCE)
		if !ok || !d.readDocuments(&entry) || !d.readDescriptions(&entry) || !entry.Empty() {
			return nil, fmt.Errorf("%w: entry %d of a deviation list", cert.ErrMalformed, len(all)+1)
		}
		all = append(all, d)
	}
	return all, nil
}

// readDocuments reads DeviationDocuments: which documents are meant.
func (d *Deviation) readDocuments(entry *cryptobyte.String) bool {
	var body, period, numbers, code cryptobyte.String
	var hasCode, hasPeriod, hasNumbers bool
	if !entry.ReadASN1(&body, cbasn1.SEQUENCE) || !body.ReadOptionalASN1(&code, &hasCode, tagDocumentType) ||
		len(code) > 2 || !d.readSigner(&body) || !body.ReadOptionalASN1(&period, &hasPeriod, tagIssued) ||
		!body.ReadOptionalASN1(&numbers, &hasNumbers, tagNumbers) || !body.Empty() {
		return false
	}
	d.DocumentType = printable(code)
	for ; !numbers.Empty(); d.DocumentNumbers++ {
		if d.DocumentNumbers == maxNumbers || !numbers.SkipASN1(cbasn1.PrintableString) {
			return false
		}
	}
	return !hasPeriod || period.ReadASN1GeneralizedTime(&d.FirstIssued) &&
		period.ReadASN1GeneralizedTime(&d.LastIssued) && period.Empty()
}

// readSigner reads the choice of three ways to name a document signer.
func (d *Deviation) readSigner(body *cryptobyte.String) bool {
	var value cryptobyte.String
	switch {
	case body.PeekASN1Tag(tagIssuerAndSerial):
		var issuer, serial cryptobyte.String
		if !body.ReadASN1(&value, tagIssuerAndSerial) || !value.ReadASN1Element(&issuer, cbasn1.SEQUENCE) ||
			!value.ReadASN1(&serial, cbasn1.INTEGER) || !value.Empty() {
			return false
		}
		var name pkix.RDNSequence
		rest, err := asn1.Unmarshal(issuer, &name)
		d.Signer = printable(fmt.Appendf(nil, "number %X of %v", []byte(serial), name))
		return err == nil && len(rest) == 0
	case body.PeekASN1Tag(tagSubjectKey):
		ok := body.ReadASN1(&value, tagSubjectKey)
		d.Signer = "key " + hex.EncodeToString(value)
		return ok
	case body.PeekASN1Tag(tagDigest):
		ok := body.ReadASN1(&value, tagDigest)
		d.Signer = "certificate " + hex.EncodeToString(value)
		return ok
	}
	return true
}

func (d *Deviation) readDescriptions(entry *cryptobyte.String) bool {
	var set cryptobyte.String
	if !entry.ReadASN1(&set, cbasn1.SET) || set.Empty() {
		return false
	}
	for !set.Empty() {
		var body, text cryptobyte.String
		var hasText bool
		var kind asn1.ObjectIdentifier
		if len(d.Descriptions) == maxDeviations || !set.ReadASN1(&body, cbasn1.SEQUENCE) ||
			!body.ReadOptionalASN1(&text, &hasText, cbasn1.PrintableString) || !body.ReadASN1ObjectIdentifier(&kind) {
			return false
		}
		d.Descriptions = append(d.Descriptions, strings.TrimSpace(kind.String()+" "+printable(text)))
	}
	return true
}

// printable keeps a hostile text from steering a terminal.
func printable(text []byte) string {
	out := make([]byte, 0, len(text))
	for _, b := range text {
		if b < ' ' || b > '~' {
			b = '?'
		}
		out = append(out, b)
	}
	return string(out)
}
