package persona

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/parser"
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
	content, err := os.ReadFile(nameOrFile)
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

// maxPersona is in bytes of YAML: ten times what a persona needs, and what the
// parser, whose time grows with the square of the nesting, reads in half a second.
const maxPersona = 1 << 14

func parse(name, file string, content []byte) (*Persona, error) {
	if len(content) > maxPersona {
		return nil, fmt.Errorf("%s: larger than any persona", file)
	}
	p := &Persona{}
	if err := yaml.NewDecoder(bytes.NewReader(content), yaml.Strict()).Decode(p); err != nil {
		return nil, fmt.Errorf("%s:%w", file, syntaxError(err))
	}
	if at := fraction(content); at != nil {
		return nil, fmt.Errorf("%s:%d:%d: want a whole number, or a text in quotes", file, at.Line, at.Column)
	}
	p.Name = name
	if err := p.withDefaults().check(); err != nil {
		return nil, fmt.Errorf("%s:%s: %w", file, locate(content, err), err)
	}
	return p, nil
}

// locate finds line and column of the field that an error names, or of the
// nearest one around it that is there.
func locate(content []byte, err error) string {
	var field *fieldError
	if !errors.As(err, &field) {
		return "1:1"
	}
	file, parseErr := parser.ParseBytes(content, 0)
	if parseErr != nil {
		return "1:1"
	}
	for path := field.path; path != "$"; path = path[:strings.LastIndexAny(path, ".[")] {
		if at, err := yaml.PathString(path); err == nil {
			if node, err := at.FilterFile(file); err == nil && node != nil {
				position := node.GetToken().Position
				return strconv.Itoa(position.Line) + ":" + strconv.Itoa(position.Column)
			}
		}
	}
	return "1:1"
}
