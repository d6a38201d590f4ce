package persona

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"

	"cnie/internal/plainyaml"
)

//go:embed personas/*.yaml personas/portrait.jp2
var shipped embed.FS

// defaultName comes first in every list.
const defaultName = "specimen"

// Names lists the personas that are part of the program, the default one first,
// the others in alphabetical order.
func Names() []string {
	entries, _ := shipped.ReadDir("personas") // embedded: it cannot fail
	var names []string
	for _, e := range entries {
		if name, ok := strings.CutSuffix(e.Name(), ".yaml"); ok && name != defaultName {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return append([]string{defaultName}, names...)
}

// Load reads a persona: one of [Names] or a YAML file. Errors in the file carry
// its name, the line and the column.
func Load(nameOrFile string) (*Persona, error) {
	if slices.Contains(Names(), nameOrFile) {
		content, err := shipped.ReadFile("personas/" + nameOrFile + ".yaml")
		if err != nil {
			return nil, fmt.Errorf("load persona: %w", err)
		}
		return parse(nameOrFile, nameOrFile+".yaml", content)
	}
	content, err := readBeginning(nameOrFile, maxPersona+1)
	if errors.Is(err, os.ErrNotExist) && filepath.Ext(nameOrFile) == "" {
		return nil, fmt.Errorf("no persona is called %q and no file either; there are %s",
			nameOrFile, strings.Join(Names(), ", "))
	}
	if err != nil {
		return nil, fmt.Errorf("load persona: %w", err)
	}
	base := filepath.Base(nameOrFile)
	return parse(strings.TrimSuffix(base, filepath.Ext(base)), nameOrFile, content)
}

// readBeginning reads no more of a file than it takes to refuse it: it may be a
// device, and have no end.
func readBeginning(name string, most int64) ([]byte, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return io.ReadAll(io.LimitReader(file, most))
}

// maxPersona is in bytes of YAML: ten times what a persona needs, and what the
// parser, whose time grows with the square of the nesting, reads in half a second.
const maxPersona = 1 << 14

func parse(name, file string, content []byte) (*Persona, error) {
	if len(content) > maxPersona {
		return nil, fmt.Errorf("%s: larger than any persona", file)
	}
	source, err := plainyaml.Parse(content)
	if err != nil {
		return nil, fmt.Errorf("%s:%w", file, err)
	}
	if at := fraction(source); at != nil {
		return nil, fmt.Errorf("%s:%d:%d: want a whole number, or a text in quotes", file, at.Line, at.Column)
	}
	p := &Persona{}
	if err := yaml.NewDecoder(bytes.NewReader(content), yaml.Strict()).Decode(p); err != nil {
		return nil, fmt.Errorf("%s:%w", file, syntaxError(err))
	}
	p.Name = name
	if err := p.withDefaults().check(); err != nil {
		return nil, fmt.Errorf("%s:%s: %w", file, locate(source, err), err)
	}
	return p, nil
}

// locate finds line and column of the field that an error names.
func locate(source *ast.File, err error) string {
	var field *fieldError
	if !errors.As(err, &field) {
		return "1:1"
	}
	line, column := plainyaml.Locate(source, field.path)
	return fmt.Sprintf("%d:%d", line, column)
}
