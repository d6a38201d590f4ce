package persona

import (
	"fmt"
	"regexp"
	"slices"
)

// form is what one text of a persona must look like. The published schema has
// the same expressions; a test compares them.
type form struct {
	path     string
	value    func(*Persona) string
	expr     *regexp.Regexp
	want     string
	required bool
}

// The letters of printed names, and of the scripts of DG11.
const (
	latinWord = `[A-ZÀÁÂÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÖØÙÚÛÜÝŒŸ]+`
	latinName = latinWord + `([ '’-]` + latinWord + `)*`
	arabic    = "^[\u0600-\u06ff]+( [\u0600-\u06ff]+)*$"
	tifinagh  = "^[\u2d30-\u2d7f]+( [\u2d30-\u2d7f]+)*$"
	lineText  = `^[^<]{1,200}$`
	partDate  = `^([0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?|unknown)$`
	wholeDate = `^[0-9]{4}-[0-9]{2}-[0-9]{2}$`
	wantLine  = "want a text of at most 200 characters, without <"
	wantName  = "want capital letters, with single spaces, hyphens or apostrophes between them"
)

var forms = []form{
	{"expect.at", func(p *Persona) string { return p.Expect.At }, regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$`), "want a time such as 2026-01-31T12:00:00Z", false},
	{"person.surname", func(p *Persona) string { return p.Person.Surname }, regexp.MustCompile(`^SPECIMEN([ '’-]` + latinWord + `)*$`), "every simulated person is named SPECIMEN, to begin with", true},
	{"person.givenNames", func(p *Persona) string { return p.Person.GivenNames }, plainName, wantName, false},
	{"person.surnameArabic", func(p *Persona) string { return p.Person.SurnameArabic }, regexp.MustCompile(arabic), "want Arabic letters", false},
	{"person.givenNamesArabic", func(p *Persona) string { return p.Person.GivenNamesArabic }, regexp.MustCompile(arabic), "want Arabic letters", false},
	{"person.surnameTifinagh", func(p *Persona) string { return p.Person.SurnameTifinagh }, regexp.MustCompile(tifinagh), "want Tifinagh letters", false},
	{"person.givenNamesTifinagh", func(p *Persona) string { return p.Person.GivenNamesTifinagh }, regexp.MustCompile(tifinagh), "want Tifinagh letters", false},
	{"person.birth", func(p *Persona) string { return string(p.Person.Birth) }, regexp.MustCompile(partDate), errPart.Error(), true},
	{"person.sex", func(p *Persona) string { return p.Person.Sex }, regexp.MustCompile(`^[MF]$`), "want M or F, or leave it out", false},
	{"person.nationality", func(p *Persona) string { return p.Person.Nationality }, regexp.MustCompile(`^[A-Z]{1,3}$`), "want one to three capital letters", false},
	{"person.cin", func(p *Persona) string { return p.Person.CIN }, regexp.MustCompile(`^ZZ?0[A-Z0-9]{0,11}$`), "simulated national numbers begin with Z0 or ZZ0", false},
	{"person.title", func(p *Persona) string { return p.Person.Title }, regexp.MustCompile(lineText), wantLine, false},
	{"person.profession", func(p *Persona) string { return p.Person.Profession }, regexp.MustCompile(lineText), wantLine, false},
	{"person.custody", func(p *Persona) string { return p.Person.Custody }, regexp.MustCompile(lineText), wantLine, false},
	{"document.code", func(p *Persona) string { return p.Document.Code }, regexp.MustCompile(`^[IACP][A-Z]?$`), "want I, A, C or P and perhaps a second letter", false},
	{"document.state", func(p *Persona) string { return p.Document.State }, regexp.MustCompile(`^[A-Z]{1,3}$`), "want one to three capital letters", false},
	{"document.number", func(p *Persona) string { return p.Document.Number }, regexp.MustCompile(`^ZZZ[A-Z0-9]{1,19}$`), "simulated document numbers begin with ZZZ", true},
	{"document.issued", func(p *Persona) string { return string(p.Document.Issued) }, regexp.MustCompile(wholeDate), errWhole.Error(), true},
	{"document.expires", func(p *Persona) string { return string(p.Document.Expires) }, regexp.MustCompile(wholeDate), errWhole.Error(), true},
	{"document.authority", func(p *Persona) string { return p.Document.Authority }, regexp.MustCompile(`^[^<]*SPECIMEN[^<]{0,100}$`), "want a name with SPECIMEN in it", false},
	{"document.national", func(p *Persona) string { return p.Document.National }, regexp.MustCompile(lineText), wantLine, false},
	{"chip.atr", func(p *Persona) string { return p.Chip.ATR }, regexp.MustCompile(`^([0-9A-Fa-f]{2} ?){2,33}$`), "want hexadecimal digits, two for each of 2 to 33 bytes", false},
	{"chip.can", func(p *Persona) string { return p.Chip.CAN }, regexp.MustCompile(`^[0-9]{6}$`), "want six digits, in quotes", false},
	{"chip.pin", func(p *Persona) string { return p.Chip.PIN }, regexp.MustCompile(`^[0-9]{4,12}$`), "want four to twelve digits, in quotes", false},
	{"chip.puk", func(p *Persona) string { return p.Chip.PUK }, regexp.MustCompile(`^[0-9]{8,12}$`), "want eight to twelve digits, in quotes", false},
	{"issuer.from", func(p *Persona) string { return string(p.Issuer.From) }, regexp.MustCompile(wholeDate), errWhole.Error(), false},
	{"issuer.keyUntil", func(p *Persona) string { return string(p.Issuer.KeyUntil) }, regexp.MustCompile(wholeDate), errWhole.Error(), false},
	{"issuer.until", func(p *Persona) string { return string(p.Issuer.Until) }, regexp.MustCompile(wholeDate), errWhole.Error(), false},
	{"issuer.signed", func(p *Persona) string { return string(p.Issuer.Signed) }, regexp.MustCompile(wholeDate), errWhole.Error(), false},
	{"issuer.country", func(p *Persona) string { return p.Issuer.Country }, regexp.MustCompile(`^[A-Z]{2}$`), "want two capital letters", false},
	{"issuer.csca.name", func(p *Persona) string { return p.Issuer.csca().Name }, regexp.MustCompile(`^[A-Z0-9 -]{1,40}$`), "want capital letters and digits", false},
	{"issuer.csca.country", func(p *Persona) string { return p.Issuer.csca().Country }, regexp.MustCompile(`^[A-Z]{2}$`), "want two capital letters", false},
	{"issuer.csca.code", func(p *Persona) string { return p.Issuer.csca().Code }, regexp.MustCompile(`^[A-Z]{1,3}$`), "want one to three capital letters", false},
	{"issuer.csca.seed", func(p *Persona) string { return p.Issuer.csca().Seed }, regexp.MustCompile(`^[A-Za-z0-9 -]{1,40}$`), "want letters and digits", false},
	{"issuer.csca.from", func(p *Persona) string { return string(p.Issuer.csca().From) }, regexp.MustCompile(wholeDate), errWhole.Error(), false},
	{"piv.pin", func(p *Persona) string { return p.piv().PIN }, regexp.MustCompile(`^[0-9]{6,8}$`), "want six to eight digits, in quotes", false},
	{"piv.puk", func(p *Persona) string { return p.piv().PUK }, regexp.MustCompile(`^[0-9]{6,8}$`), "want six to eight digits, in quotes", false},
	{"portrait.skin", func(p *Persona) string { return p.Portrait.Skin }, colour, wantColour, false},
	{"portrait.hair", func(p *Persona) string { return p.Portrait.Hair }, colour, wantColour, false},
	{"portrait.eyes", func(p *Persona) string { return p.Portrait.Eyes }, colour, wantColour, false},
	{"portrait.clothes", func(p *Persona) string { return p.Portrait.Clothes }, colour, wantColour, false},
	{"portrait.background", func(p *Persona) string { return p.Portrait.Background }, colour, wantColour, false},
}

var plainName = regexp.MustCompile(`^` + latinName + `$`)

var colour = regexp.MustCompile(`^#[0-9a-fA-F]{6}$`)

const wantColour = "want a colour of the form #rrggbb, in quotes"

// listForms are the same for every entry of a list.
var listForms = []struct {
	path  string
	value func(*Persona) []string
	expr  *regexp.Regexp
	want  string
}{
	{"expect.failed", func(p *Persona) []string { return p.Expect.Failed }, regexp.MustCompile(`^[a-z]+\.[a-z0-9-]+$`), "want the id of a check, such as validity.document"},
	{"person.otherNames", func(p *Persona) []string { return p.Person.OtherNames }, regexp.MustCompile(lineText), wantLine},
	{"person.birthPlace", func(p *Persona) []string { return p.Person.BirthPlace }, regexp.MustCompile(lineText), wantLine},
	{"person.address", func(p *Persona) []string { return p.Person.Address }, regexp.MustCompile(lineText), wantLine},
	{"issuer.documentTypes", func(p *Persona) []string { return p.Issuer.DocumentTypes }, regexp.MustCompile(`^[IACP][A-Z]?$`), "want document codes, such as ID or P"},
}

// choices are the texts with few values; no value is the default's.
var choices = []struct {
	path   string
	value  func(*Persona) string
	values []string
}{
	{"expect.verdict", func(p *Persona) string { return p.Expect.Verdict }, []string{"accepted", "refused", "inconclusive"}},
	{"cardspec", func(p *Persona) string { return p.CardSpec }, specNames},
	{"document.format", func(p *Persona) string { return p.Document.Format }, []string{"TD1", "TD2", "TD3"}},
	{"chip.active.hash", func(p *Persona) string { return p.Chip.active().Hash }, hashNames},
	{"chip.inspection.hash", func(p *Persona) string { return p.Chip.inspection().Hash }, hashNames[1:]},
	{"issuer.hash", func(p *Persona) string { return p.Issuer.Hash }, hashNames},
	{"issuer.groupHash", func(p *Persona) string { return p.Issuer.GroupHash }, hashNames},
	{"piv.token", func(p *Persona) string { return p.piv().Token }, []string{"plain", "yubikey"}},
	{"piv.keys.9A", func(p *Persona) string { return p.piv().Keys.Authentication }, pivKeys},
	{"piv.keys.9C", func(p *Persona) string { return p.piv().Keys.Signature }, pivKeys},
	{"piv.keys.9D", func(p *Persona) string { return p.piv().Keys.KeyManagement }, pivKeys},
	{"piv.keys.9E", func(p *Persona) string { return p.piv().Keys.CardAuthentication }, pivKeys},
	{"portrait.style", func(p *Persona) string { return p.Portrait.Style }, styleNames},
	{"portrait.age", func(p *Persona) string { return p.Portrait.Age }, []string{"child", "adult", "elder"}},
	{"portrait.collar", func(p *Persona) string { return p.Portrait.Collar }, []string{"round", "shirt", "hood"}},
	{"portrait.format", func(p *Persona) string { return p.Portrait.Format }, []string{"jpeg", "jpeg2000"}},
}

// maxList is how many entries any list may have.
const maxList = 8

func (p Persona) checkForms() error {
	for _, c := range choices {
		if v := c.value(&p); v != "" && !slices.Contains(c.values, v) {
			return wrong("$."+c.path, "want %s", either(c.values))
		}
	}
	for _, f := range forms {
		if v := f.value(&p); (v != "" || f.required) && !f.expr.MatchString(v) {
			return wrong("$."+f.path, "%s", f.want)
		}
	}
	for _, f := range listForms {
		for i, v := range f.value(&p) {
			if i >= maxList || !f.expr.MatchString(v) {
				return wrong(fmt.Sprintf("$.%s[%d]", f.path, i), "%s, and at most %d of them", f.want, maxList)
			}
		}
	}
	return nil
}

func (c Chip) inspection() Inspector {
	if c.Inspection == nil {
		return Inspector{}
	}
	return *c.Inspection
}

func (c Chip) active() Active {
	if c.Active == nil {
		return Active{}
	}
	return *c.Active
}
