package names

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// arabic lists the folds of Arabic names.
func arabic() [][]fold {
	return [][]fold{{
		perWord(PresentationForm, norm.NFKC.String),
		perWord(Tatweel, strings.NewReplacer("ـ", "").Replace),
		perWord(VowelSigns, withoutVowelSigns),
		{Hyphen, func(words []string) []string { return resplit(words, "-‐‑–—") }},
		perWord(LetterForm, strings.NewReplacer("ک", "ك", "ی", "ي", "ے", "ي", "ہ", "ه", "ھ", "ه", "ڭ", "ݣ", "گ", "ݣ", "ڨ", "ݣ").Replace),
		perWord(Hamza, strings.NewReplacer("أ", "ا", "إ", "ا", "آ", "ا", "ٱ", "ا", "ؤ", "و", "ئ", "ي", "ء", "").Replace),
		perWord(AlefMaqsura, strings.NewReplacer("ى", "ي").Replace),
		perWord(TaaMarbuta, strings.NewReplacer("ة", "ه").Replace),
		perWord(ParticleSpelling, func(w string) string { return orSame(arabicSpelling, w) }),
		{ParticleJoined, func(words []string) []string { return joinParticles(words, arabicParticles) }},
		{Order, sorted},
		{Spacing, joined},
	}}
}

// withoutVowelSigns removes the signs above and below letters, but not the hamza
// and madda, which make another letter.
func withoutVowelSigns(w string) string {
	return norm.NFC.String(strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) && (r < 0x653 || r > 0x655) {
			return -1
		}
		return r
	}, w))
}

var arabicSpelling = map[string]string{"ابن": "بن", "ابنة": "بنت", "ابنه": "بنت", "ابي": "ابو", "ابا": "ابو"}

var arabicParticles = map[string]bool{
	"ال": true, "بن": true, "بنت": true, "ابو": true, "بو": true, "ولد": true, "ايت": true, "عبد": true, "ام": true,
}
