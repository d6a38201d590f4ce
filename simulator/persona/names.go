package persona

import (
	"strings"

	"cnie/lds"
)

// transliterations of letters outside A–Z, and what becomes of the marks
// between them: an apostrophe vanishes, a hyphen becomes a filler.
// ICAO 9303-3 §4.6 and §6.
var transliterations = strings.NewReplacer(
	"'", "", "’", "", "-", " ",
	"À", "A", "Á", "A", "Â", "A", "Ä", "AE", "Å", "AA", "Æ", "AE", "Ç", "C",
	"È", "E", "É", "E", "Ê", "E", "Ë", "E", "Ì", "I", "Í", "I", "Î", "I", "Ï", "I", "Ñ", "N",
	"Ò", "O", "Ó", "O", "Ô", "O", "Ö", "OE", "Ø", "OE", "Œ", "OE",
	"Ù", "U", "Ú", "U", "Û", "U", "Ü", "UE", "Ý", "Y", "Ÿ", "Y",
)

// nameSizes are the widths of the name field, ICAO 9303-4 to 9303-6 §4.2.2.
var nameSizes = map[lds.Format]int{lds.TD1: 30, lds.TD2: 31, lds.TD3: 39}

// zoneNames are both names as the MRZ of that width has them. Names that are too
// long end in a letter, which tells that something may be missing, and something
// of the given names stays (ICAO 9303-4 §4.2.3).
func (p Person) zoneNames(size int) (surname, given string) {
	surname, given = transliterations.Replace(p.Surname), transliterations.Replace(p.GivenNames)
	if given == "" {
		return endInLetter(surname, size), ""
	}
	const separator = 2
	surname = endInLetter(surname, size-separator-1)
	return surname, endInLetter(given, size-separator-len(surname))
}

// endInLetter cuts a name to size. Where the cut falls on the space between two
// words the earlier one gives up a letter instead.
func endInLetter(name string, size int) string {
	if len(name) <= size {
		return name
	}
	switch {
	case name[size-1] != ' ':
		return name[:size]
	case size > 2 && name[size-3] != ' ':
		return name[:size-2] + " " + name[size:size+1]
	}
	return name[:size-1]
}

// fullNames are the name that DG11 leads with, in the script of the State, and
// those in another script beside it (ICAO 9303-10 §4.7.11).
func (p Person) fullNames() (first string, others []string) {
	others = p.OtherNames
	first = joined(p.SurnameArabic, p.GivenNamesArabic)
	second := joined(p.SurnameTifinagh, p.GivenNamesTifinagh)
	switch {
	case first == "":
		first = second
	case second != "":
		others = append([]string{second}, others...)
	}
	return first, others
}

func joined(surname, given string) string {
	if given != "" {
		surname += "<<" + given
	}
	return strings.ReplaceAll(surname, " ", "<")
}
