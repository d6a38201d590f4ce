// Package words has what the counter's screens say, in Arabic, French, English
// and Tamazight.
//
// Each language is a file of its own with the same keys, so that a translator
// sees everything and a test sees what is missing. Sentences are short: a
// quarter of those who hear them do not read, and the rest stand at a desk.
//
// The Tamazight file has labels in Tifinagh; of its sentences it says, by =ar,
// to take the Arabic, which nearly everybody reads who reads Tifinagh. A text
// therefore knows the language that it is in, and says so to screen readers and
// to the direction of writing.
package words

import (
	"embed"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

//go:embed *.json
var files embed.FS

// Language is one that the screens speak.
type Language struct {
	Tag  string // BCP 47
	Name string // in itself
	Dir  string // "rtl" or "ltr"
}

// Languages are all of them, in the order in which they are offered.
var Languages = []Language{
	{"ar", "العربية", "rtl"},
	{"fr", "Français", "ltr"},
	{"en", "English", "ltr"},
	{"zgh", "ⵜⴰⵎⴰⵣⵉⵖⵜ", "ltr"},
}

// Text is a message and the language that it is in.
type Text struct {
	Text string
	Language
}

// catalogues are the files, by tag and key.
var catalogues = load()

// load reads what was built in: if that is wrong, so is the program.
func load() map[string]map[string]string {
	all := map[string]map[string]string{}
	for _, l := range Languages {
		content, err := files.ReadFile(l.Tag + ".json")
		if err == nil {
			catalogue := map[string]string{}
			err = json.Unmarshal(content, &catalogue)
			all[l.Tag] = catalogue
		}
		if err != nil {
			panic(fmt.Sprintf("catalogue %s: %v", l.Tag, err))
		}
	}
	return all
}

// Find returns the language with a tag, else Arabic.
func Find(tag string) Language {
	if i := slices.IndexFunc(Languages, func(l Language) bool { return l.Tag == tag }); i >= 0 {
		return Languages[i]
	}
	return Languages[0]
}

// Known reports whether the screens speak a language.
func Known(tag string) bool { return catalogues[tag] != nil }

// In returns a message in a language. A key that nobody knows is its own text,
// which a test finds and a person can at least report.
func (l Language) In(key string) Text {
	text, ok := catalogues[l.Tag][key]
	if !ok {
		return Text{key, Find("en")}
	}
	if other, ok := strings.CutPrefix(text, "="); ok {
		return Find(other).In(key)
	}
	return Text{text, l}
}

// Has reports whether a key has a text.
func Has(key string) bool { _, ok := catalogues["en"][key]; return ok }

// Keys lists the keys, sorted.
func Keys() []string {
	keys := make([]string, 0, len(catalogues["en"]))
	for key := range catalogues["en"] {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// Of takes from a text of the site file the one in this language, or else in the
// one that most people read.
func (l Language) Of(texts map[string]string) Text {
	for _, tag := range []string{l.Tag, "ar", "fr", "en", "zgh"} {
		if texts[tag] != "" {
			return Text{texts[tag], Find(tag)}
		}
	}
	return Text{"", l}
}
