package fault

import (
	"bytes"
	"cmp"
	_ "embed"
	"slices"
	"strings"
	"sync"

	"github.com/goccy/go-yaml"
)

//go:embed kinds.yaml
var table []byte

// row is a kind as kinds.yaml has it.
type row struct {
	Name    string    `yaml:"name"`
	Layer   Layer     `yaml:"layer"`
	Summary string    `yaml:"summary"`
	Persona string    `yaml:"persona"`
	Arg     argument  `yaml:"arg"`
	Once    bool      `yaml:"once"`
	Does    mechanism `yaml:"does"`
	Expect  Expect    `yaml:"expect"`
}

// mechanism is what a kind does: steps with one verb each.
type mechanism []map[string]settings

// settings of a verb. A value $ stands for the fault's argument.
type settings map[string]string

// kinds reads the table once. It is part of the program: a mistake in it is a
// mistake in the program, and the first test would meet it.
var kinds = sync.OnceValue(func() []Kind {
	var rows []row
	if err := yaml.NewDecoder(bytes.NewReader(table), yaml.Strict()).Decode(&rows); err != nil {
		panic("kinds.yaml: " + err.Error())
	}
	all := make([]Kind, len(rows))
	for i, r := range rows {
		all[i] = r.kind()
	}
	slices.SortFunc(all, func(a, b Kind) int { return strings.Compare(a.Name, b.Name) })
	return all
})

func (r row) kind() Kind {
	k := Kind{
		Name: r.Name, Arg: r.Arg.String(), Default: r.Arg.Default, Layer: r.Layer, Summary: r.Summary,
		Persona: cmp.Or(r.Persona, "specimen"), Once: r.Once, Expect: r.Expect, arg: r.Arg, does: r.Does,
	}
	if k.Expect.Exit == 0 {
		k.Expect.Exit = map[string]int{Refused: 10, Inconclusive: 11}[k.Expect.Verdict]
	}
	return k
}

// live tells whether a step is done on the wire.
func (m mechanism) live() bool {
	return slices.ContainsFunc(m, func(step map[string]settings) bool {
		for verb := range step {
			if _, on := acts[verb]; on {
				return true
			}
		}
		return false
	})
}

// of fills the argument in.
func (s settings) of(f Fault) settings {
	filled := make(settings, len(s))
	for key, value := range s {
		filled[key] = strings.ReplaceAll(value, "$", f.Arg)
	}
	return filled
}
