package persona

import (
	"errors"
	"fmt"
	"reflect"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"

	"cnie/internal/plainyaml"
)

// syntaxError says in words of YAML what the decoder says in words of Go.
func syntaxError(err error) error {
	at := plainyaml.At(err)
	var kind *yaml.TypeError
	var size *yaml.OverflowError
	switch {
	case errors.As(err, &kind):
		at.Reason = fmt.Sprintf("want %s, not %s", inWords(kind.DstType), inWords(kind.SrcType))
	case errors.As(err, &size):
		at.Reason = "the number is too large"
	}
	return at
}

func inWords(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Bool:
		return "true or false"
	case reflect.String:
		return "a text"
	case reflect.Slice, reflect.Array:
		return "a list"
	case reflect.Struct, reflect.Map, reflect.Pointer:
		return "a mapping"
	case reflect.Float32, reflect.Float64:
		return "a number with a fraction"
	}
	return "a whole number"
}

// fraction finds a number that is not whole: nothing in a persona is one, and
// the decoder would round it silently.
func fraction(source *ast.File) *token.Position {
	var found fractions
	for _, document := range source.Docs {
		ast.Walk(&found, document.Body)
	}
	return found.first
}

type fractions struct{ first *token.Position }

// Visit implements ast.Visitor.
func (f *fractions) Visit(node ast.Node) ast.Visitor {
	if node.Type() == ast.FloatType && f.first == nil {
		f.first = node.GetToken().Position
	}
	return f
}
