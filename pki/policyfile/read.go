package policyfile

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"cnie/pki"
)

// Schema is the JSON Schema of the format.
//
//go:embed schema.json
var Schema []byte

// maxFile is in bytes of YAML, more than any policy needs; the parser's time
// grows with the square of the nesting.
const maxFile = 1 << 14

// Error is a mistake in a policy file and where it is, counted from 1.
type Error struct {
	Line, Column int
	Reason       string
}

// Error implements error.
func (e *Error) Error() string { return fmt.Sprintf("%d:%d: %s", e.Line, e.Column, e.Reason) }

// Parse reads a policy file. Every error is an *Error.
func Parse(content []byte) (pki.Policy, error) {
	f, err := ParseFile(content)
	if err != nil {
		return pki.Policy{}, err
	}
	return f.Policy(), nil
}

// ParseFile reads a policy file as it stands.
func ParseFile(content []byte) (*File, error) {
	if len(content) > maxFile {
		return nil, &Error{1, 1, "the file is larger than any policy"}
	}
	source, err := parser.ParseBytes(content, 0)
	if err != nil {
		return nil, syntaxError(err)
	}
	if err := plain(source); err != nil {
		return nil, err
	}
	f := &File{}
	if err := yaml.NewDecoder(bytes.NewReader(content), yaml.Strict()).Decode(f); err != nil {
		return nil, syntaxError(err)
	}
	if wrong := f.check(); wrong != nil {
		line, column := locate(source, wrong.path)
		return nil, &Error{line, column, wrong.reason}
	}
	return f, nil
}

// syntaxError shortens the parser's picture of the source to one line.
func syntaxError(err error) *Error {
	var positioned yaml.Error
	if !errors.As(err, &positioned) || positioned.GetToken() == nil {
		message, _, _ := strings.Cut(err.Error(), "\n")
		return &Error{1, 1, message}
	}
	at := positioned.GetToken().Position
	return &Error{at.Line, at.Column, positioned.GetMessage()}
}

// plain refuses what a policy does not need and a reader may overlook: more
// documents than one, tags, anchors and references to them. (The decoder cannot
// be trusted with a tag on nothing, either.)
func plain(source *ast.File) error {
	if len(source.Docs) == 0 || source.Docs[0].Body == nil {
		return &Error{1, 1, "the file is empty; the strict default is written {}"}
	}
	if len(source.Docs) > 1 {
		return &Error{1, 1, "a policy file has one document"}
	}
	var fancy visitor
	ast.Walk(&fancy, source.Docs[0].Body)
	if fancy.found == nil {
		return nil
	}
	at := fancy.found.GetToken().Position
	return &Error{at.Line, at.Column, "tags, anchors and aliases have no place in a policy"}
}

// visitor remembers the first node that is not plain.
type visitor struct{ found ast.Node }

// Visit implements ast.Visitor.
func (v *visitor) Visit(n ast.Node) ast.Visitor {
	switch n.Type() {
	case ast.TagType, ast.AnchorType, ast.AliasType, ast.MergeKeyType, ast.DirectiveType:
		if v.found == nil {
			v.found = n
		}
		return nil
	}
	return v
}

// locate finds line and column of a value, or of the nearest one around it.
func locate(source *ast.File, path string) (line, column int) {
	for ; path != "$"; path = path[:strings.LastIndexAny(path, ".[")] {
		at, err := yaml.PathString(path)
		if err != nil {
			continue
		}
		if node, err := at.FilterFile(source); err == nil && node != nil {
			position := node.GetToken().Position
			return position.Line, position.Column
		}
	}
	return 1, 1
}
