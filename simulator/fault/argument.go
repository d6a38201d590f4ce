package fault

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"cnie/lds"
	"cnie/simulator/persona"
)

// argument is what a kind takes, as a row of the table says it.
type argument struct {
	Is      string   `yaml:"is"` // "" for none, else a key of sorts
	Default string   `yaml:"default"`
	Min     string   `yaml:"min"`
	Max     string   `yaml:"max"`
	Of      []string `yaml:"of"` // the only values
}

// sorts of arguments: how each is called, and how it is read.
var sorts = map[string]struct {
	called string
	check  func(a argument, s string) error
}{
	"number":   {"a number", argument.number},
	"duration": {"a time such as 50ms", argument.duration},
	"status":   {"a status word such as 6A82", argument.status},
	"file":     {"a file such as dg2", argument.file},
	"persona":  {"a persona", argument.persona},
	"word":     {"a word", func(argument, string) error { return nil }},
}

// String says what is taken.
func (a argument) String() string {
	switch {
	case a.Is == "":
		return ""
	case len(a.Of) > 0:
		return strings.Join(a.Of, ", ")
	case a.Max != "":
		return fmt.Sprintf("%s from %s to %s", sorts[a.Is].called, a.Min, a.Max)
	}
	return sorts[a.Is].called
}

// check accepts a value or says what it should have been.
func (a argument) check(s string) error {
	switch {
	case a.Is == "":
		return fmt.Errorf("it takes no argument, so not %q", s)
	case len(a.Of) > 0 && !slices.Contains(a.Of, s):
		return fmt.Errorf("%q is none of %s", s, a)
	}
	if err := sorts[a.Is].check(a, s); err != nil {
		return fmt.Errorf("%q is not %s", s, a)
	}
	return nil
}

func (a argument) number(s string) error {
	n, err := strconv.Atoi(s)
	if err != nil {
		return err
	}
	least, _ := strconv.Atoi(a.Min) // tests read the table
	most, _ := strconv.Atoi(a.Max)
	return within(n, least, most)
}

func (a argument) duration(s string) error {
	d, err := time.ParseDuration(s)
	if err != nil {
		return err
	}
	least, _ := time.ParseDuration(a.Min)
	most, _ := time.ParseDuration(a.Max)
	return within(d, least, most)
}

func (argument) status(s string) error {
	_, err := statusWord(s)
	return err
}

func (argument) file(s string) error {
	_, err := lds.ParseFile(s)
	return err
}

func (argument) persona(s string) error {
	if !slices.Contains(persona.Names(), s) {
		return fmt.Errorf("no persona is called so")
	}
	return nil
}

func within[T int | time.Duration](n, least, most T) error {
	if n < least || n > most {
		return fmt.Errorf("out of range")
	}
	return nil
}

// statusWord reads four hexadecimal digits that ISO 7816-4 §5.6 allows as a
// status word.
func statusWord(s string) (uint16, error) {
	n, err := strconv.ParseUint(s, 16, 16)
	if err != nil || len(s) != 4 || n>>12 != 6 && n>>12 != 9 {
		return 0, fmt.Errorf("no status word")
	}
	return uint16(n), nil
}
