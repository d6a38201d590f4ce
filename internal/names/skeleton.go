package names

import "strings"

// A skeleton is the consonants of a name in classes that both scripts can tell
// apart: Arabic writes no short vowels, and Latin writes ح and ه, or ق and ك, with
// one letter or another. H is in none, for Latin drops it as often as it adds it.
// The article goes, for it is written or not and takes the sound of what follows.

// latinClasses are read from left to right, longest first.
var latinClasses = strings.NewReplacer(
	"TCH", "C", "SCH", "C", "SH", "C", "CH", "C", "KH", "K", "GH", "G", "DJ", "J", "TH", "T", "DH", "D", "PH", "F",
	"CE", "S", "CI", "S", "CY", "S", "CK", "K", "C", "K", "Q", "K", "V", "F", "P", "B", "X", "KS",
	"A", "", "E", "", "I", "", "O", "", "U", "", "W", "", "Y", "", "H", "",
)

// arabicClasses follow what Moroccan registers write in Latin for each letter.
var arabicClasses = strings.NewReplacer(
	"ب", "B", "پ", "B", "ت", "T", "ث", "T", "ط", "T", "ج", "J", "چ", "C", "ش", "C", "خ", "K", "ق", "K", "ك", "K",
	"د", "D", "ذ", "D", "ض", "D", "ظ", "D", "ر", "R", "ز", "Z", "س", "S", "ص", "S", "غ", "G", "ݣ", "G", "ف", "F", "ڤ", "F",
	"ل", "L", "م", "M", "ن", "N",
	"ا", "", "و", "", "ي", "", "ع", "", "ح", "", "ه", "", "ء", "",
)

// latinSkeleton takes words after the folds up to ParticleSpelling.
func latinSkeleton(words []string) string {
	var b strings.Builder
	for _, w := range words {
		if w != "EL" {
			b.WriteString(single(latinClasses.Replace(single(w))))
		}
	}
	return b.String()
}

// arabicSkeleton takes words after the folds up to ParticleSpelling.
func arabicSkeleton(words []string) string {
	var b strings.Builder
	for _, w := range words {
		b.WriteString(single(arabicClasses.Replace(withoutArticle(w))))
	}
	return b.String()
}

// withoutArticle takes ال off a word that is still a word without it.
func withoutArticle(w string) string {
	if bare, ok := strings.CutPrefix(w, "ال"); ok && (bare == "" || len([]rune(bare)) >= 3) {
		return bare
	}
	return w
}
