package policyfile

import (
	"bytes"
	_ "embed"
	"errors"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"

	"cnie/internal/plainyaml"
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
type Error = plainyaml.Error

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
		return nil, &Error{Line: 1, Column: 1, Reason: "the file is larger than any policy"}
	}
	source, err := plainyaml.Parse(content)
	switch {
	case errors.Is(err, plainyaml.ErrEmpty):
		return nil, &Error{Line: 1, Column: 1, Reason: "the file is empty; the strict default is written {}"}
	case err != nil:
		return nil, err
	}
	var numbers digits
	if ast.Walk(&numbers, source.Docs[0].Body); numbers.wrong != nil {
		return nil, numbers.wrong
	}
	f := &File{}
	if err := yaml.NewDecoder(bytes.NewReader(content), yaml.Strict()).Decode(f); err != nil {
		return nil, plainyaml.At(err)
	}
	if wrong := f.check(); wrong != nil {
		line, column := plainyaml.Locate(source, wrong.path)
		return nil, &Error{Line: line, Column: column, Reason: wrong.reason}
	}
	return f, nil
}
