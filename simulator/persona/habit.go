package persona

import (
	"encoding/hex"
	"fmt"
	"regexp"
	"strconv"

	"cnie/lds"
)

// Habit is a [Quirk] as it stands in a file: numbers in hexadecimal digits, files
// by their names.
type Habit struct {
	INS     string `yaml:"ins,omitempty"`
	P12     string `yaml:"p12,omitempty"`
	Plain   bool   `yaml:"plain,omitempty"`
	ShortID bool   `yaml:"shortID,omitempty"`
	Silent  bool   `yaml:"silent,omitempty"`
	NoLe    bool   `yaml:"noLe,omitempty"`
	MaxLe   bool   `yaml:"maxLe,omitempty"`
	Above   int    `yaml:"above,omitempty"`
	File    string `yaml:"file,omitempty"`
	Got     string `yaml:"got,omitempty"`

	SW   string `yaml:"sw,omitempty"`
	Data string `yaml:"data,omitempty"`
	Keep bool   `yaml:"keep,omitempty"`
	Most int    `yaml:"most,omitempty"`
}

// habitForms are what the texts of a habit must look like; the schema has the same.
var habitForms = []struct {
	name  string
	value func(Habit) string
	expr  *regexp.Regexp
	want  string
}{
	{"ins", func(h Habit) string { return h.INS }, regexp.MustCompile(`^[0-9A-F]{2}$`), "want INS as two hexadecimal digits, in quotes"},
	{"p12", func(h Habit) string { return h.P12 }, regexp.MustCompile(`^[0-9A-F]{4}$`), "want P1 and P2 as four hexadecimal digits, in quotes"},
	{"file", func(h Habit) string { return h.File }, regexp.MustCompile(`^(dg[1-9]|dg1[0-6]|com|sod|cardaccess|cardsecurity|atrinfo|dir|cvca)$`), "want a file's short name, such as dg1"},
	{"got", func(h Habit) string { return h.Got }, statusWord, wantStatus},
	{"sw", func(h Habit) string { return h.SW }, statusWord, wantStatus},
	{"data", func(h Habit) string { return h.Data }, regexp.MustCompile(`^([0-9A-F]{2}){1,256}$`), "want hexadecimal digits, two for each byte"},
}

var statusWord = regexp.MustCompile(`^[69][0-9A-F]{3}$`)

const wantStatus = "want a status word as four hexadecimal digits, in quotes"

// check finds what no habit can be.
func (h Habit) check(path string) error {
	for _, form := range habitForms {
		if v := form.value(h); v != "" && !form.expr.MatchString(v) {
			return wrong(path+"."+form.name, "%s", form.want)
		}
	}
	switch {
	case h.Above < 0 || h.Above > maxBuffer:
		return wrong(path+".above", "want a number from 1 to %d", maxBuffer)
	case h.Most < 0 || h.Most > maxBuffer:
		return wrong(path+".most", "want a number from 1 to %d", maxBuffer)
	case h.SW == "" && h.Most == 0:
		return wrong(path, "want sw or most: what the chip makes of the answer")
	case h.SW == "" && (h.Data != "" || h.Keep):
		return wrong(path+".sw", "data and keep go with a status word")
	}
	return nil
}

func (p Persona) checkHabits() error {
	for i, h := range p.Chip.Quirks {
		path := fmt.Sprintf("$.chip.quirks[%d]", i)
		if i >= maxList {
			return wrong(path, "no chip has more than %d", maxList)
		}
		if err := h.check(path); err != nil {
			return err
		}
	}
	return nil
}

// Quirk is the habit in numbers; of one that does not check it has what it can.
func (h Habit) Quirk() Quirk {
	number := func(s string) uint16 {
		n, _ := strconv.ParseUint(s, 16, 16)
		return uint16(n)
	}
	data, _ := hex.DecodeString(h.Data)
	file, _ := lds.ParseFile(h.File)
	return Quirk{
		INS: byte(number(h.INS)), P12: number(h.P12), Plain: h.Plain, ShortID: h.ShortID, Silent: h.Silent,
		NoLe: h.NoLe, MaxLe: h.MaxLe, Above: h.Above, File: file, Got: number(h.Got),
		SW: number(h.SW), Data: data, Keep: h.Keep, Most: h.Most,
	}
}

func (p Persona) addHabits(card *Card) error {
	for _, h := range p.Chip.Quirks {
		card.Quirks = append(card.Quirks, h.Quirk())
	}
	return nil
}
