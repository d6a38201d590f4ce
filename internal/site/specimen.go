package site

import _ "embed"

// Starter is a site file to begin with, which is also the one that holds where
// there is none: commented, complete, and of people who do not exist.
//
//go:embed specimen.yaml
var Starter []byte

// Banner is what a desk that is not for production says on every screen.
var Banner = Text{
	"ar":  "للتجربة فقط: لا تُقبل هنا سوى بطاقات النماذج",
	"fr":  "ESSAI : seules des cartes spécimens sont lues ici",
	"en":  "TRIAL: only specimen cards are read here",
	"zgh": "ⴰⵔⵎ: ⵖⴰⵙ ⵜⵉⴽⴰⵕⴹⵉⵡⵉⵏ ⵏ ⵓⵔⵎ",
}

// Specimen is what holds without a site file: purposes for trying out, specimen
// cards only, and a banner.
func Specimen() *Site {
	s, err := Parse(Starter)
	if err != nil {
		panic("the site file in the program: " + err.Error()) // a test reads it
	}
	s.Digest = ""
	return s
}
