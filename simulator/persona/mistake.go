package persona

import (
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// syntaxError shortens the parser's picture of the source to one line, and says
// in words of YAML what it says in words of Go.
func syntaxError(err error) error {
	var positioned yaml.Error
	if errors.Is(err, io.EOF) {
		return errors.New("1:1: the file is empty")
	}
	if !errors.As(err, &positioned) || positioned.GetToken() == nil {
		message, _, _ := strings.Cut(err.Error(), "\n")
		return fmt.Errorf("1:1: %s", message)
	}
	message := positioned.GetMessage()
	var kind *yaml.TypeError
	var size *yaml.OverflowError
	switch {
	case errors.As(err, &kind):
		message = fmt.Sprintf("want %s, not %s", inWords(kind.DstType), inWords(kind.SrcType))
	case errors.As(err, &size):
		message = "the number is too large"
	}
	at := positioned.GetToken().Position
	return fmt.Errorf("%d:%d: %s", at.Line, at.Column, message)
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
func fraction(content []byte) *token.Position {
	file, err := parser.ParseBytes(content, 0)
	if err != nil {
		return nil // the decoder has said so
	}
	var found fractions
	for _, document := range file.Docs {
		if document.Body != nil {
			ast.Walk(&found, document.Body)
		}
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
