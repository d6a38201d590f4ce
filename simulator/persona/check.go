package persona

import (
	"cmp"
	"crypto"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"cnie/internal/kdf"
	"cnie/lds"
)

// fieldError says which field of a persona cannot be; Load turns the path into
// a line and a column.
type fieldError struct {
	path string // as YAMLPath: $.chip.pace[0].curve
	err  error
}

func (e *fieldError) Error() string { return strings.TrimPrefix(e.path, "$.") + ": " + e.err.Error() }

func (e *fieldError) Unwrap() error { return e.err }

func wrong(path, format string, args ...any) error {
	return &fieldError{path, fmt.Errorf(format, args...)}
}

// usualCode is the document code of the Moroccan identity card.
const usualCode = "ID"

// withDefaults fills in what a Moroccan identity card has.
func (p Persona) withDefaults() Persona {
	p = p.asSpecified()
	p.Document.Format = cmp.Or(p.Document.Format, "TD1")
	code := usualCode
	if p.Document.Format == "TD3" {
		code = "P"
	}
	p.Document.Code = cmp.Or(p.Document.Code, code)
	p.Document.State = cmp.Or(p.Document.State, "MAR")
	p.Person.Nationality = cmp.Or(p.Person.Nationality, p.Document.State)
	atr := defaultATR
	if !p.Chip.extendedLength() {
		atr = shortATR
	}
	p.Chip.ATR = cmp.Or(p.Chip.ATR, atr)
	p.Chip.CAN = cmp.Or(p.Chip.CAN, defaultCAN)
	if p.Chip.PIN != "" {
		p.Chip.Retries.PIN = cmp.Or(p.Chip.Retries.PIN, 3)
	}
	p.Issuer.GroupHash = cmp.Or(p.Issuer.GroupHash, p.Issuer.Hash)
	p.Portrait = p.Portrait.filled()
	p.PIV = p.PIV.filled(p.Person)
	return p
}

// check finds the first field that no card can be made from: each by itself,
// then those that depend on others.
func (p Persona) check() error {
	for _, check := range []func() error{p.checkForms, p.checkExpect, p.checkDocument, p.checkDates, p.checkChip, p.checkHabits, p.checkLimits, p.checkIssuer, p.checkPIV} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

func (p Persona) checkExpect() error {
	e := p.Expect
	switch {
	case e.Verdict == "":
		return wrong("$.expect.verdict", "want accepted, refused or inconclusive")
	case e.Verdict != "refused" && len(e.Failed) > 0:
		return wrong("$.expect.failed", "a card of which a check fails is refused")
	}
	return nil
}

func (p Persona) checkDocument() error {
	d := p.Document
	_, err := p.mrz().Lines()
	switch {
	case (d.Format == "TD3") != (d.Code[0] == 'P'):
		return wrong("$.document.code", "P belongs to TD3 and every other code to TD1 and TD2")
	case d.Format == "TD3" && len(d.Number) > 9:
		return wrong("$.document.number", "a passport number has nine characters at most")
	case err != nil:
		return wrong("$.document.number", "with the national number it does not fit into the machine-readable zone")
	}
	return nil
}

func (p Persona) checkDates() error {
	for _, d := range []struct {
		path  string
		value Date
	}{
		{"person.birth", p.Person.Birth}, {"document.issued", p.Document.Issued}, {"document.expires", p.Document.Expires},
		{"issuer.from", p.Issuer.From}, {"issuer.keyUntil", p.Issuer.KeyUntil}, {"issuer.until", p.Issuer.Until},
		{"issuer.signed", p.Issuer.Signed}, {"issuer.csca.from", p.Issuer.csca().From},
	} {
		if _, err := d.value.parse(); d.value != "" && err != nil {
			return &fieldError{"$." + d.path, err}
		}
	}
	if i := p.Issuer; i.Until != "" && i.Until.time().Before(p.signerFrom()) {
		return wrong("$.issuer.until", "the document signer's validity ends before it begins")
	}
	return nil
}

var formats = map[string]lds.Format{"TD1": lds.TD1, "TD2": lds.TD2, "TD3": lds.TD3}

func (p Persona) checkChip() error {
	c := p.Chip
	if len(c.PACE) == 0 && !c.BAC {
		return wrong("$.chip", "neither pace nor bac: nothing could open the chip")
	}
	for i, protocol := range c.PACE {
		if err := protocol.check(fmt.Sprintf("$.chip.pace[%d]", i), i, true); err != nil {
			return err
		}
	}
	for i, protocol := range c.Authentication {
		if err := protocol.check(fmt.Sprintf("$.chip.authentication[%d]", i), i, false); err != nil {
			return err
		}
	}
	if err := c.Inspection.check(); err != nil {
		return err
	}
	return c.Active.check()
}

func (a *Active) check() error {
	if a == nil {
		return nil
	}
	known := slices.Contains(curveNames, a.Curve)
	switch {
	case (a.RSA == 0) == (a.Curve == ""):
		return wrong("$.chip.active", "want either rsa or curve")
	case a.RSA != 0 && !slices.Contains(moduli, a.RSA):
		return wrong("$.chip.active.rsa", "want 1024, 2048, 3072 or 4096")
	case a.RSA == 0 && !known:
		return wrong("$.chip.active.curve", "no curve is called %q; there are %s", a.Curve, strings.Join(curveNames, ", "))
	case a.RSA == 0 && a.Hash == "SHA-1":
		return wrong("$.chip.active.hash", "SHA-1 goes with rsa only")
	case a.RSA != 0 && a.Unannounced:
		return wrong("$.chip.active.unannounced", "DG14 announces keys on a curve only")
	}
	return nil
}

func (p Protocol) check(path string, index int, pace bool) error {
	_, mapped := mappings[p.Mapping]
	switch {
	case index >= maxList:
		return wrong(path, "no chip has more than %d", maxList)
	case p.Group == "" && !slices.Contains(curveNames, p.Curve):
		return wrong(path+".curve", "no curve is called %q; there are %s", p.Curve, strings.Join(curveNames, ", "))
	case p.Group != "" && !slices.Contains(groupNames, p.Group):
		return wrong(path+".group", "want %s", either(groupNames))
	case p.Group != "" && p.Curve != "":
		return wrong(path+".group", "a key agreement takes place on a curve or in a group")
	case !mapped || !pace && p.Mapping != "":
		return wrong(path+".mapping", "want GM, IM or CAM, for PACE only")
	case p.cipher() == 0:
		return wrong(path+".cipher", "want %s", either(cipherNames))
	case p.ID != nil && (*p.ID < 0 || *p.ID > 0xFFFF):
		return wrong(path+".id", "want a number from 0 to 65535")
	case p.X942 && (pace || p.Group == ""):
		return wrong(path+".x942", "this belongs to chip authentication in a group")
	case p.Explicit && !pace && p.Group != "":
		return wrong(path+".explicit", "a key in a group always has its parameters written out")
	}
	if pace {
		return p.checkPACE(path)
	}
	return nil
}

// checkPACE knows which combinations ICAO 9303-11 §4.4.3 defines.
func (p Protocol) checkPACE(path string) error {
	mapping := mappings[p.Mapping]
	switch {
	case mapping == lds.CAM && (p.Group != "" || p.Cipher == "3DES" || p.Explicit):
		return wrong(path+".mapping", "CAM wants a curve, by its number, and AES")
	case mapping == lds.IM && p.Curve == "P-224":
		return wrong(path+".mapping", "IM has no encoding on P-224")
	case p.ID != nil && !p.Explicit:
		return wrong(path+".id", "the parameters of a curve or group have their number already, unless explicit")
	case p.ID != nil && *p.ID < 32:
		return wrong(path+".id", "numbers below 32 belong to the standard")
	}
	return nil
}

var mappings = map[string]lds.Mapping{"": lds.GM, "GM": lds.GM, "IM": lds.IM, "CAM": lds.CAM}

var groupNames = []string{"MODP-1024/160", "MODP-2048/224", "MODP-2048/256"}

func (p Protocol) cipher() kdf.Cipher {
	for _, c := range []kdf.Cipher{kdf.TDES, kdf.AES128, kdf.AES192, kdf.AES256} {
		if c.String() == cmp.Or(p.Cipher, kdf.AES128.String()) {
			return c
		}
	}
	return 0
}

var (
	hashNames   = []string{"SHA-1", "SHA-224", "SHA-256", "SHA-384", "SHA-512"}
	cipherNames = []string{"3DES", "AES-128", "AES-192", "AES-256"}
	curveNames  = []string{
		"P-192", "P-224", "P-256", "P-384", "P-521", "brainpoolP192r1", "brainpoolP224r1",
		"brainpoolP256r1", "brainpoolP320r1", "brainpoolP384r1", "brainpoolP512r1",
	}
	moduli = []int{1024, 2048, 3072, 4096}
)

var hashes = map[string]crypto.Hash{
	"": crypto.SHA256, "SHA-1": crypto.SHA1, "SHA-224": crypto.SHA224, "SHA-256": crypto.SHA256,
	"SHA-384": crypto.SHA384, "SHA-512": crypto.SHA512,
}

func (c Chip) extendedLength() bool { return c.ExtendedLength == nil || *c.ExtendedLength }

func (c Chip) atr() ([]byte, error) {
	return hex.DecodeString(strings.ReplaceAll(c.ATR, " ", ""))
}

// either lists values as a sentence does.
func either(values []string) string {
	last := len(values) - 1
	return strings.Join(values[:last], ", ") + " or " + values[last]
}
