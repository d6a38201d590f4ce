package policyfile

import (
	"regexp"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// plainDigits leaves out what programs read in several ways: 0120 is eighty to
// some, and 30.9 was thirty to all.
var plainDigits = regexp.MustCompile(`^-?(0|[1-9][0-9]*)$`)

// digits finds the first number that is written otherwise.
type digits struct{ wrong *Error }

// Visit implements ast.Visitor.
func (d *digits) Visit(n ast.Node) ast.Visitor {
	entry, isEntry := n.(*ast.MappingValueNode)
	if !isEntry || d.wrong != nil {
		return d
	}
	key := strings.Trim(entry.Key.String(), `"'`)
	isNumber := strings.HasSuffix(key, "-days") || strings.HasSuffix(key, "-bits")
	if at := entry.Value.GetToken(); isNumber && entry.Value.Type() != ast.NullType &&
		(entry.Value.Type() != ast.IntegerType || !plainDigits.MatchString(at.Value)) {
		d.wrong = &Error{Line: at.Position.Line, Column: at.Position.Column, Reason: key + " is a number in plain digits"}
	}
	return d
}
