package persona

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestNamesOfTheZone(t *testing.T) {
	for name, c := range map[string]struct {
		surname, given         string
		size                   int
		wantSurname, wantGiven string
	}{
		"whole":               {"SPECIMEN", "EXEMPLE", 30, "SPECIMEN", "EXEMPLE"},
		"no given name":       {"SPECIMEN", "", 30, "SPECIMEN", ""},
		"marks":               {"SPECIMEN-N’EXEMPLE", "D'ESSAI", 30, "SPECIMEN NEXEMPLE", "DESSAI"},
		"accents":             {"SPECIMEN ÇŒÜR", "ÉLOÏSE ÅSØ ÑÆ", 39, "SPECIMEN COEUER", "ELOISE AASOE NAE"},
		"just fits":           {"SPECIMEN", "ABCDEFGHIJKLMNOPQRST", 30, "SPECIMEN", "ABCDEFGHIJKLMNOPQRST"},
		"cut":                 {"SPECIMEN", "ABCDEFGHIJKLMNOPQRSTUVW", 30, "SPECIMEN", "ABCDEFGHIJKLMNOPQRST"},
		"cut at a space":      {"SPECIMEN", "ABCDEFGHIJ KLMNOPQR STU", 30, "SPECIMEN", "ABCDEFGHIJ KLMNOPQ S"},
		"cut at a letter":     {"SPECIMEN", "ABCDEFGHIJ KLMNOPQR S T", 31, "SPECIMEN", "ABCDEFGHIJ KLMNOPQR S"},
		"cut among letters":   {"SPECIMEN", "ABCDEFGHIJ KLMNOP Q R S", 30, "SPECIMEN", "ABCDEFGHIJ KLMNOP Q"},
		"surname leaves room": {"SPECIMEN ABCDEFGHIJKLMNOPQRSTUVWXYZ", "EXEMPLE", 30, "SPECIMEN ABCDEFGHIJKLMNOPQR", "E"},
		"surname alone":       {"SPECIMEN ABCDEFGHIJKLMNOPQRSTUVWXYZ", "", 30, "SPECIMEN ABCDEFGHIJKLMNOPQRSTU", ""},
	} {
		t.Run(name, func(t *testing.T) {
			surname, given := Person{Surname: c.surname, GivenNames: c.given}.zoneNames(c.size)
			assert.Equal(t, []string{c.wantSurname, c.wantGiven}, []string{surname, given})
		})
	}
}

func TestNamesOfDG11(t *testing.T) {
	both := Person{SurnameArabic: "نموذج", GivenNamesArabic: "أزرق أرز", SurnameTifinagh: "ⴰⵎⴷⵢⴰ", OtherNames: []string{"VEUVE"}}
	first, others := both.fullNames()
	assert.Equal(t, "نموذج<<أزرق<أرز", first)
	assert.Equal(t, []string{"ⴰⵎⴷⵢⴰ", "VEUVE"}, others)
	first, others = Person{SurnameTifinagh: "ⴰⵎⴷⵢⴰ", GivenNamesTifinagh: "ⵉⵍⵡⵉⵣ"}.fullNames()
	assert.Equal(t, "ⴰⵎⴷⵢⴰ<<ⵉⵍⵡⵉⵣ", first)
	assert.Empty(t, others)
}
