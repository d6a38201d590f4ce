package answer

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"cnie/internal/names"
	"cnie/pki"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.FixedZone("", 3600))

func TestOver(t *testing.T) {
	for _, v := range []struct {
		birth string
		at    time.Time
		want  Value
		why   string
	}{
		{"2008-11-22", noon, Yes, "answer.age-reached"}, // the birthday
		{"2008-11-23", noon, No, "answer.age-not-reached"},
		{"2008-11-21", noon, Yes, "answer.age-reached"},
		{"1950-01-01", noon, Yes, "answer.age-reached"},
		{"2026-11-22", noon, No, "answer.age-not-reached"},
		// The day is that of the desk, not of Greenwich.
		{"2008-11-22", time.Date(2026, 11, 22, 0, 30, 0, 0, noon.Location()), Yes, "answer.age-reached"},
		{"2008-11-22", time.Date(2026, 11, 21, 23, 59, 0, 0, noon.Location()), No, "answer.age-not-reached"},
		// Born on 29 February.
		{"2008-02-29", time.Date(2026, 2, 28, 23, 0, 0, 0, time.UTC), No, "answer.age-not-reached"},
		{"2008-02-29", time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), Yes, "answer.age-reached"},
		{"2004-02-29", time.Date(2022, 2, 28, 0, 0, 0, 0, time.UTC), No, "answer.age-not-reached"},
		// Born in an unknown day or month: certain or unknown.
		{"2008-11", noon, Unknown, "answer.birth-date-partial"},
		{"2008-10", noon, Yes, "answer.age-reached"},
		{"2008-12", noon, No, "answer.age-not-reached"},
		{"2008-11", time.Date(2026, 11, 30, 0, 0, 0, 0, time.UTC), Yes, "answer.age-reached"},
		{"2008", noon, Unknown, "answer.birth-date-partial"},
		{"2007", noon, Yes, "answer.age-reached"},
		{"2009", noon, No, "answer.age-not-reached"},
		{"2008", time.Date(2026, 12, 31, 0, 0, 0, 0, time.UTC), Yes, "answer.age-reached"},
		{"", noon, Unknown, "answer.no-birth-date"},
		{"2008-13-01", noon, Unknown, "answer.birth-date-malformed"},
		{"2009-02-29", noon, Unknown, "answer.birth-date-malformed"},
		{"2027-01-01", noon, Unknown, "answer.birth-date-ahead"},
	} {
		got := Answer(Question{ID: Over18}, &pki.Holder{BirthDate: v.birth}, v.at)
		assert.Equal(t, v.want, got.Value, "%s on %s", v.birth, v.at)
		assert.Equal(t, []string{v.why}, got.Reasons, "%s on %s", v.birth, v.at)
	}
	assert.Equal(t, Yes, Answer(Question{ID: Over16}, &pki.Holder{BirthDate: "2010-11-22"}, noon).Value)
	assert.Equal(t, No, Answer(Question{ID: Over16}, &pki.Holder{BirthDate: "2010-11-23"}, noon).Value)
}

// On every day of eight years, the answer changes once in a life, at the right day.
func TestOverEveryDay(t *testing.T) {
	for d := day(2004, 1, 1); d.Before(day(2012, 1, 1)); d = d.AddDate(0, 0, 1) {
		birthday := day(d.Year()+18, d.Month(), d.Day())
		before, _ := over(18, d.Format("2006-01-02"), birthday.AddDate(0, 0, -1))
		on, _ := over(18, d.Format("2006-01-02"), birthday)
		assert.Equal(t, []Value{No, Yes}, []Value{before, on}, d)
	}
}

func TestLivesIn(t *testing.T) {
	for _, v := range []struct {
		commune string
		address []string
		want    Value
		why     string
	}{
		{"Specimenville", []string{"12 RUE DU MODELE", "SPECIMENVILLE"}, Yes, "answer.commune-named"},
		{"Specimenville", []string{"12 RUE DU MODELE", "99999 SPECIMENVILLE"}, Yes, "answer.commune-named"},
		{"Aït Specimen", []string{"AIT<SPECIMEN"}, Yes, "answer.commune-named"},
		{"سبيسيمن", []string{"RUE", "سبيسيمن"}, Yes, "answer.commune-named"},
		{"Specimenville", []string{"12 RUE DE SPECIMENVILLE", "MODELE"}, Unknown, "answer.commune-perhaps"},
		{"Specimenville", []string{"SPECIMENVILLA"}, Unknown, "answer.commune-perhaps"},
		{"Specimenville", []string{"12 RUE DU MODELE", "MUSTERSTADT"}, No, "answer.commune-not-named"},
		{"Specimenville", []string{"سبيسيمن"}, Unknown, "answer.commune-other-script"},
		{"Specimenville", []string{"SPЕCIMENVILLE"}, Unknown, "answer.commune-other-script"}, // a Cyrillic Е
		{"Specimenville", nil, Unknown, "answer.no-address"},
		{"Specimenville", []string{"", "12345", "<<"}, Unknown, "answer.no-address"},
		{"SpecimenvilIe\u202e", []string{"X"}, Unknown, "answer.not-a-question"},
		{"Speсimenville", []string{"X"}, Unknown, "answer.not-a-question"}, // a Cyrillic с
		{"", []string{"X"}, Unknown, "answer.not-a-question"},
	} {
		got := Answer(Question{ID: LivesIn, Arg: v.commune}, &pki.Holder{Address: v.address}, noon)
		assert.Equal(t, v.want, got.Value, "%s in %q", v.commune, v.address)
		assert.Equal(t, v.why, got.Reasons[0], "%s in %q", v.commune, v.address)
	}
}

func TestSamePerson(t *testing.T) {
	card := &pki.Holder{
		CIN: "ZZ012345", Surname: "SPECIMEN", GivenNames: "MOHAMMED", BirthDate: "1990-01-31",
		NationalSurname: "سبيسيمن", NationalGivenNames: "محمد",
	}
	latin, arabic := names.Name{Surname: "Specimen", Given: "Mohamed"}, names.Name{Surname: "سبيسيمن", Given: "محمّد"}
	for name, v := range map[string]struct {
		record Record
		want   Value
		why    string
	}{
		"all":                        {Record{Latin: latin, National: arabic, BirthDate: "1990-01-31", CIN: "ZZ 012345"}, Yes, "answer.number-same"},
		"names and birth":            {Record{Latin: latin, BirthDate: "1990-01-31"}, Yes, "answer.names-same"},
		"Arabic names":               {Record{National: arabic, BirthDate: "1990-01-31"}, Yes, "names.vowel-signs"},
		"number and birth":           {Record{Latin: names.Name{Surname: "SPECIMEN", Given: "MUHAMMAD"}, BirthDate: "1990-01-31", CIN: "ZZ012345"}, Yes, "names.transliteration"},
		"transliterated, no number":  {Record{Latin: names.Name{Surname: "SPECIMEN", Given: "MUHAMMAD"}, BirthDate: "1990-01-31"}, Unknown, "answer.names-unsure"},
		"one script unsure":          {Record{Latin: names.Name{Surname: "SPECIMEN", Given: "MUHAMMAD"}, National: arabic, BirthDate: "1990-01-31"}, Yes, "answer.names-same"},
		"names only":                 {Record{Latin: latin}, Unknown, "answer.birth-date-not-compared"},
		"number only":                {Record{CIN: "ZZ012345"}, Unknown, "answer.names-not-compared"},
		"year of birth only":         {Record{Latin: latin, BirthDate: "1990"}, Unknown, "answer.birth-date-partial"},
		"another year":               {Record{Latin: latin, BirthDate: "1991"}, No, "answer.birth-date-differs"},
		"another day":                {Record{Latin: latin, BirthDate: "1990-01-30"}, No, "answer.birth-date-differs"},
		"another number":             {Record{Latin: latin, BirthDate: "1990-01-31", CIN: "ZZ012346"}, No, "answer.number-differs"},
		"another name":               {Record{Latin: names.Name{Surname: "SPECIMEN", Given: "KARIM"}, BirthDate: "1990-01-31"}, No, "answer.names-differ"},
		"another name, same number":  {Record{Latin: names.Name{Surname: "MUSTER", Given: "KARIM"}, BirthDate: "1990-01-31", CIN: "ZZ012345"}, Unknown, "names.distinct"},
		"another birth, same number": {Record{Latin: latin, BirthDate: "1990-01-30", CIN: "ZZ012345"}, Unknown, "answer.birth-date-differs"},
		"nothing":                    {Record{}, Unknown, "answer.number-not-compared"},
	} {
		got := Answer(Question{ID: SamePerson, Arg: "file/17", Record: &v.record}, card, noon)
		assert.Equal(t, v.want, got.Value, "%s: %v", name, got)
		assert.Contains(t, got.Reasons, v.why, name)
	}
	// Scripts alone never say yes.
	card.Surname, card.GivenNames = "", ""
	got := Answer(Question{ID: SamePerson, Arg: "f", Record: &Record{Latin: latin, BirthDate: "1990-01-31"}}, card, noon)
	assert.Equal(t, Unknown, got.Value)
	assert.Contains(t, got.Reasons, "names.skeleton-agrees")
	assert.Equal(t, Unknown, Answer(Question{ID: SamePerson, Arg: "f"}, card, noon).Value)
}

func TestNoQuestion(t *testing.T) {
	for _, q := range []Question{{}, {ID: "over-17"}, {ID: Over18, Arg: "x"}, {ID: LivesIn}, {ID: SamePerson}, {ID: SamePerson, Arg: "a b"}} {
		got := Answer(q, &pki.Holder{BirthDate: "1990-01-01"}, noon)
		assert.Equal(t, Result{Question: q, Value: Unknown, Reasons: []string{"answer.not-a-question"}}, got)
	}
	assert.Equal(t, Unknown, Answer(Question{ID: Over18}, nil, noon).Value)
}
