package site_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"cnie/internal/site"
)

func TestSpecimen(t *testing.T) {
	s := site.Specimen()
	assert.False(t, s.Production)
	assert.Empty(t, s.Signer)
	assert.Empty(t, s.Digest)
	assert.Equal(t, site.Languages, s.Languages)
	assert.Len(t, s.Purposes, 7)
	for _, language := range site.Languages {
		assert.NotEmpty(t, site.Banner[language])
	}
}

// promised is how long each notice says that the record is kept.
var promised = map[string]map[string]string{
	"1 day":    {"ar": "يوم واحد", "fr": "un jour", "en": "one day"},
	"30 days":  {"ar": "30 يوما", "fr": "30 jours", "en": "30 days"},
	"1 year":   {"ar": "سنة", "fr": "un an", "en": "one year"},
	"10 years": {"ar": "عشر سنوات", "fr": "dix ans", "en": "ten years"},
}

// said are the words by which a notice tells of a field.
var said = map[site.Field]map[string]string{
	site.Photo: {"ar": "صور", "fr": "photo", "en": "photo"}, site.Surname: {"ar": "اسم", "fr": "nom", "en": "name"},
	site.CIN: {"ar": "رقم بطاقتكم", "fr": "numéro de carte nationale", "en": "national number"}, site.Address: {"ar": "عنوان", "fr": "adresse", "en": "address"},
	site.BirthDate: {"ar": "تاريخ", "fr": "naissance", "en": "birth"}, site.BirthPlace: {"ar": "مكان", "fr": "lieu de naissance", "en": "place of birth"},
	site.Nationality: {"ar": "جنسيت", "fr": "nationalité", "en": "nationality"}, site.ExpiryDate: {"ar": "انتهاء", "fr": "expiration", "en": "expiry"},
}

// A notice that is read aloud tells what the purpose says, in each language:
// every field, how long, that one can refuse; in sentences short enough to hear.
func TestSpecimenNoticesAreTrue(t *testing.T) {
	refuse := map[string]string{"ar": "يمكنكم أن ترفضوا", "fr": "Vous pouvez refuser", "en": "You can refuse"}
	for _, p := range site.Specimen().Purposes {
		for language, promise := range promised[p.Keep] {
			notice := p.Notice[language]
			assert.Contains(t, notice, promise, "%s in %s", p.ID, language)
			assert.Contains(t, notice, refuse[language], "%s in %s", p.ID, language)
			for _, f := range p.Fields {
				assert.Contains(t, notice, said[f][language], "%s of %s in %s", f, p.ID, language)
			}
			for sentence := range strings.SplitSeq(notice, ".") {
				assert.LessOrEqual(t, len(strings.Fields(sentence)), 32, "%s in %s: %s", p.ID, language, sentence)
			}
		}
		assert.Contains(t, p.Notice["zgh"], "ⵜⵣⵎⵔⵎ ⴰⴷ ⵜⴰⴳⵢⵎ", p.ID)
	}
}

// No real person and no real number.
func TestSpecimenIsOne(t *testing.T) {
	for _, p := range site.Specimen().Purposes {
		for _, number := range []string{p.Authorisation, p.Declaration, p.Habilitation} {
			assert.Regexp(t, regexp.MustCompile(`^$|SPECIMEN`), number, p.ID)
		}
	}
}

func TestExplain(t *testing.T) {
	s := site.Specimen()
	for language, want := range map[string][]string{
		"en":  {"sees fields of specimen cards only", "This is no consent", "The desk sees: photo, surname, given names", "for 3650 days", "for 1 day.", "does the citizen live in RABAT?", "of the guardian's card", "not kept", "another way: You can bring papers"},
		"fr":  {"cartes spécimens", "Ce n’est pas un consentement", "Le guichet voit : photo, nom", "3650 jours", "1 jour.", "habite-t-il à RABAT ?", "du tuteur", "Autorisation de la CNDP : SPECIMEN"},
		"ar":  {"بطاقات النماذج", "وليس هذا رضا", "يطلع الشباك على: الصورة، الاسم العائلي", "3650 يوما", "يوما واحدا", "هل يسكن المواطن في RABAT؟", "ولي أمره"},
		"zgh": {"ⴰⵙⴰⵔⴰ 1", "وليس هذا رضا"},
	} {
		explained := s.Explain(language)
		assert.Len(t, explained, len(s.Purposes)+1)
		var all strings.Builder
		for _, e := range explained {
			all.WriteString(e.Title + "\n" + strings.Join(e.Sentences, "\n") + "\n")
			assert.NotContains(t, all.String(), "%!", language)
			assert.NotContains(t, all.String(), "{places}", language)
		}
		for _, text := range want {
			assert.Contains(t, all.String(), text, language)
		}
		assert.Equal(t, s.Purposes[0].Notice[language], explained[1].Hears)
	}
	assert.Equal(t, s.Explain("ar")[1].Sentences, s.Explain("es")[1].Sentences)
}

func TestExplainSaysWhatLeaves(t *testing.T) {
	s := parsed(t, "    retention: 1 year", "    release: [surname]\n    retention: 1 year")
	for language, want := range map[string]string{"en": "software is given, to keep as its own law says: surname.", "fr": "règles : nom", "ar": "الاسم العائلي"} {
		assert.Contains(t, strings.Join(s.Explain(language)[1].Sentences, "\n"), want)
	}
	assert.NotContains(t, strings.Join(parsed(t).Explain("en")[1].Sentences, ""), "software")
}

// Each phrase exists in each language: none is empty.
func TestExplainHasEveryWord(t *testing.T) {
	for _, basis := range site.Bases() {
		for _, language := range []string{"en", "fr", "ar"} {
			s := parsed(t, "public-interest", string(basis), "[photo, surname]", "[document_number]\n    answers: [over-16, over-18, same-person]\n    ticket: true", "1 year", "2 days")
			for _, sentence := range s.Explain(language)[1].Sentences {
				assert.Greater(t, len(sentence), 10, "%s in %s", basis, language)
			}
		}
	}
}
