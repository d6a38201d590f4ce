package names

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// latin lists the folds of Latin names. Letters with marks have several rewritings
// in ICAO 9303-3 §6 A, so there are several lists; a register uses one of them.
func latin() [][]fold {
	var lists [][]fold
	for _, marked := range []*strings.Replacer{plainMarks, longMarks, spelledMarks} {
		lists = append(lists, []fold{
			perWord(Case, strings.ToUpper),
			{Filler, func(words []string) []string { return resplit(words, "<") }},
			perWord(Diacritics, func(w string) string { return withoutMarks(marked.Replace(norm.NFC.String(w))) }),
			perWord(Apostrophe, strings.NewReplacer("'", "", "’", "", "‘", "", "ʼ", "", "ʿ", "", "ʾ", "", "`", "", "´", "").Replace),
			{Hyphen, func(words []string) []string { return resplit(words, "-‐‑–—.,") }},
			perWord(ParticleSpelling, func(w string) string { return orSame(latinSpelling, w) }),
			{ParticleJoined, func(words []string) []string { return joinParticles(words, latinParticles) }},
			perWord(DoubledLetter, single),
			{Order, sorted},
			{Spacing, joined},
		})
	}
	return lists
}

// ICAO 9303-3 §4.6 and §6 A: letters that do not come apart into a letter and a
// mark, and what becomes of the umlauts.
var (
	plainMarks   = strings.NewReplacer(compounds()...)
	longMarks    = strings.NewReplacer(compounds("Ä", "AE", "Ö", "OE", "Ü", "UE", "Å", "AA", "Ø", "OE")...)
	spelledMarks = strings.NewReplacer(compounds("Ü", "UXX", "Ñ", "NXX")...)
)

func compounds(first ...string) []string {
	return append(first, "Æ", "AE", "Œ", "OE", "ẞ", "SS", "ß", "SS", "Þ", "TH", "Ð", "D", "Đ", "D", "Ø", "O",
		"Ł", "L", "Ħ", "H", "ı", "I", "Ĳ", "IJ", "Ŋ", "N", "Ŧ", "T", "ĸ", "Q")
}

func withoutMarks(w string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFD.String(w))
}

// latinSpelling are particles that one hand writes so and another otherwise.
var latinSpelling = map[string]string{
	"AL": "EL", "IBN": "BEN", "BIN": "BEN", "BINT": "BENT", "BU": "BOU", "ABU": "ABOU", "ABI": "ABOU",
	"WELD": "OULD", "WALAD": "OULD", "AYT": "AIT", "ABDUL": "ABDEL", "ABDAL": "ABDEL", "UM": "OUM",
}

// latinParticles belong to the word after them.
var latinParticles = map[string]bool{
	"EL": true, "BEN": true, "BENT": true, "BOU": true, "ABOU": true, "OULD": true, "AIT": true, "ABD": true, "ABDEL": true, "OUM": true,
}

func orSame(table map[string]string, w string) string {
	if other, ok := table[w]; ok {
		return other
	}
	return w
}

// joinParticles joins each particle to what follows; the last word stays what it is.
func joinParticles(words []string, particles map[string]bool) []string {
	var out []string
	open := false
	for _, w := range words {
		if open {
			out[len(out)-1] += w
		} else {
			out = append(out, w)
		}
		open = particles[w]
	}
	return out
}

// single writes every run of a letter once.
func single(w string) string {
	return string(slices.Compact([]rune(w)))
}

// resplit cuts words at any of the separators.
func resplit(words []string, separators string) []string {
	return strings.FieldsFunc(strings.Join(words, " "), func(r rune) bool {
		return unicode.IsSpace(r) || strings.ContainsRune(separators, r)
	})
}

func sorted(words []string) []string {
	return slices.Sorted(slices.Values(words))
}

func joined(words []string) []string {
	if len(words) == 0 {
		return nil
	}
	return []string{strings.Join(words, "")}
}
