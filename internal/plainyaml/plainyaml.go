// Package plainyaml reads the YAML that a person writes by hand, and no more.
//
// A file is one document without tags, anchors, aliases, merge keys or
// directives: nothing here needs them, a reader overlooks them, and the decoder
// below panics on a tag that stands before nothing (`x: !foo`). Mistakes have a
// line and a column, counted from 1, also those that a program finds only after
// decoding, by the path of the value.
package plainyaml

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// Error is a mistake in a file and where it is.
type Error struct {
	Line, Column int
	Reason       string
}

// Is makes ErrEmpty recognisable.
func (e *Error) Is(target error) bool { return target == ErrEmpty && e.Reason == ErrEmpty.Error() }

// Error implements error.
func (e *Error) Error() string { return fmt.Sprintf("%d:%d: %s", e.Line, e.Column, e.Reason) }

// ErrEmpty is the reason of a file with nothing but comments.
var ErrEmpty = errors.New("the file is empty")

// Parse reads the source and refuses what is not plain. Every error is an
// *Error. The parser's time grows with the square of the nesting: bound the
// content before.
func Parse(content []byte) (*ast.File, error) {
	// The lexer drops a tag that ends the content without a line end.
	source, err := parser.ParseBytes(append(bytes.Clone(content), '\n'), 0)
	if err != nil {
		return nil, At(err)
	}
	switch {
	case len(source.Docs) == 0 || source.Docs[0].Body == nil:
		return nil, &Error{1, 1, ErrEmpty.Error()}
	case len(source.Docs) > 1:
		return nil, &Error{1, 1, "there is more than one document"}
	}
	var fancy visitor
	ast.Walk(&fancy, source.Docs[0].Body)
	if fancy.found == nil {
		return source, nil
	}
	at := fancy.found.GetToken().Position
	return nil, &Error{at.Line, at.Column, "tags, anchors and aliases have no place here"}
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

// At gives an error of the parser or the decoder the form of this package: its
// picture of the source shortened to one line.
func At(err error) *Error {
	var positioned yaml.Error
	if !errors.As(err, &positioned) || positioned.GetToken() == nil {
		message, _, _ := strings.Cut(err.Error(), "\n")
		return &Error{1, 1, message}
	}
	at := positioned.GetToken().Position
	return &Error{at.Line, at.Column, strings.Join(strings.Fields(positioned.GetMessage()), " ")} // a key may have line ends
}

// Locate finds line and column of the value at a path, such as $.a.b[0], or of
// the nearest one around it that is there.
func Locate(source *ast.File, path string) (line, column int) {
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
