package persona

import (
	"cmp"
	"crypto"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"cnie/internal/ec"
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

// withDefaults fills in what a Moroccan identity card has.
func (p Persona) withDefaults() Persona {
	p.Document.Format = cmp.Or(p.Document.Format, "TD1")
	code := "ID"
	if p.Document.Format == "TD3" {
		code = "P"
	}
	p.Document.Code = cmp.Or(p.Document.Code, code)
	p.Document.State = cmp.Or(p.Document.State, "MAR")
	p.Person.Nationality = cmp.Or(p.Person.Nationality, p.Document.State)
	p.Chip.ATR = cmp.Or(p.Chip.ATR, defaultATR)
	p.Chip.CAN = cmp.Or(p.Chip.CAN, defaultCAN)
	p.Portrait = p.Portrait.filled()
	return p
}

// check finds the first field that no card can be made from. What depends on
// several fields together shows when the card is encoded.
func (p Persona) check() error {
	switch d := p.Document; {
	case !slices.Contains([]string{"accepted", "refused", "inconclusive"}, p.Expect.Verdict):
		return wrong("$.expect.verdict", "want accepted, refused or inconclusive")
	case p.Person.Surname != "SPECIMEN":
		return wrong("$.person.surname", "every simulated person is named SPECIMEN")
	case !strings.HasPrefix(p.Person.CIN, "Z0") && !strings.HasPrefix(p.Person.CIN, "ZZ0"):
		return wrong("$.person.cin", "simulated national numbers begin with Z0 or ZZ0")
	case !strings.HasPrefix(d.Number, "ZZZ"):
		return wrong("$.document.number", "simulated document numbers begin with ZZZ")
	case formats[d.Format] == 0:
		return wrong("$.document.format", "want TD1, TD2 or TD3")
	}
	for _, check := range []func() error{p.checkDates, p.checkChip, p.checkIssuer, p.checkPortrait} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

func (p Persona) checkDates() error {
	if _, err := p.Person.Birth.parse(); err != nil {
		return &fieldError{"$.person.birth", err}
	}
	if _, err := p.Document.Issued.whole(); err != nil {
		return &fieldError{"$.document.issued", err}
	}
	if _, err := p.Document.Expires.whole(); err != nil {
		return &fieldError{"$.document.expires", err}
	}
	return nil
}

var formats = map[string]lds.Format{"TD1": lds.TD1, "TD2": lds.TD2, "TD3": lds.TD3}

func (p Persona) checkChip() error {
	c := p.Chip
	if len(c.CAN) != 6 || strings.Trim(c.CAN, "0123456789") != "" {
		return wrong("$.chip.can", "want six digits")
	}
	if _, err := c.atr(); err != nil {
		return wrong("$.chip.atr", "want hexadecimal digits")
	}
	if len(c.PACE) == 0 && !c.BAC {
		return wrong("$.chip", "neither pace nor bac: nothing could open the chip")
	}
	for i, protocol := range c.PACE {
		if err := protocol.check(fmt.Sprintf("$.chip.pace[%d]", i), true); err != nil {
			return err
		}
	}
	for i, protocol := range c.Authentication {
		if err := protocol.check(fmt.Sprintf("$.chip.authentication[%d]", i), false); err != nil {
			return err
		}
	}
	return nil
}

func (p Protocol) check(path string, pace bool) error {
	curve, known := ec.ByName(p.Curve)
	_, mapped := mappings[p.Mapping]
	switch {
	case !known:
		return wrong(path+".curve", "no curve is called %q", p.Curve)
	case pace && curve.ParameterID() <= 0:
		return wrong(path+".curve", "%s has no standardised parameter id", p.Curve)
	case !mapped || !pace && p.Mapping != "":
		return wrong(path+".mapping", "want GM or IM, for PACE only")
	case p.cipher() == 0:
		return wrong(path+".cipher", "want 3DES, AES-128, AES-192 or AES-256")
	case pace && (p.Explicit || p.ID != nil):
		return wrong(path, "explicit and id belong to chip authentication")
	}
	return nil
}

var mappings = map[string]lds.Mapping{"": lds.GM, "GM": lds.GM, "IM": lds.IM}

func (p Protocol) cipher() kdf.Cipher {
	for _, c := range []kdf.Cipher{kdf.TDES, kdf.AES128, kdf.AES192, kdf.AES256} {
		if c.String() == cmp.Or(p.Cipher, kdf.AES128.String()) {
			return c
		}
	}
	return 0
}

var hashes = map[string]crypto.Hash{
	"": crypto.SHA256, "SHA-1": crypto.SHA1, "SHA-224": crypto.SHA224, "SHA-256": crypto.SHA256,
	"SHA-384": crypto.SHA384, "SHA-512": crypto.SHA512,
}

func (p Persona) checkIssuer() error {
	i := p.Issuer
	if _, known := ec.ByName(i.Curve); !known && i.Curve != "" {
		return wrong("$.issuer.curve", "no curve is called %q", i.Curve)
	}
	if hashes[i.Hash] == 0 {
		return wrong("$.issuer.hash", "want SHA-1, SHA-224, SHA-256, SHA-384 or SHA-512")
	}
	if i.RSA != 0 && i.Curve != "" {
		return wrong("$.issuer.rsa", "a signer has either an RSA key or a curve")
	}
	return nil
}

func (p Persona) checkPortrait() error {
	look := p.Portrait.filled()
	if hairStyles[look.Style] == nil {
		return wrong("$.portrait.style", "want short, long, bun, scarf or bald")
	}
	if look.Format != "jpeg" && look.Format != "jpeg2000" {
		return wrong("$.portrait.format", "want jpeg or jpeg2000")
	}
	for key, colour := range map[string]string{
		"skin": look.Skin, "hair": look.Hair, "clothes": look.Clothes, "background": look.Background,
	} {
		if _, err := parseColour(colour); err != nil {
			return wrong("$.portrait."+key, "want a colour of the form #rrggbb")
		}
	}
	return nil
}

func (c Chip) atr() ([]byte, error) {
	return hex.DecodeString(strings.ReplaceAll(c.ATR, " ", ""))
}
