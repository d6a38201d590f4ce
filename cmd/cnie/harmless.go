package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// Cards, certificates, lists, files and readers bring text that other people
// wrote. What is printed of it steers no terminal and turns no line around.

// lines is standard output for text that is read by people.
func (p *program) lines() io.Writer { return plainText{p.stdout} }

// aside is standard error for the same.
func (p *program) aside() io.Writer { return plainText{p.stderr} }

// plainText replaces what has no shape of its own, but for the ends of lines, tabs
// and the joiners that some scripts need. Each Write has whole characters.
type plainText struct{ to io.Writer }

func (w plainText) Write(text []byte) (int, error) {
	clean := strings.Map(func(r rune) rune {
		if unicode.IsGraphic(r) || strings.ContainsRune("\n\t\u200C\u200D", r) {
			return r
		}
		return unicode.ReplacementChar
	}, string(text))
	if _, err := io.WriteString(w.to, clean); err != nil {
		return 0, err
	}
	return len(text), nil
}

// json is standard output for programs.
func (p *program) json() *json.Encoder {
	e := json.NewEncoder(plainJSON{p.stdout})
	e.SetEscapeHTML(false)
	return e
}

// printJSON writes a value as indented JSON.
func (p *program) printJSON(v any) error {
	e := p.json()
	e.SetIndent("", "  ")
	return e.Encode(v)
}

// plainJSON escapes the characters that JSON allows in strings as they are and
// that have no shape of their own: the value stays the same.
type plainJSON struct{ to io.Writer }

func (w plainJSON) Write(text []byte) (int, error) {
	var escaped bytes.Buffer
	for _, r := range string(text) {
		if r < utf8.RuneSelf-1 || unicode.IsGraphic(r) {
			escaped.WriteRune(r)
			continue
		}
		for _, unit := range utf16.AppendRune(nil, r) {
			fmt.Fprintf(&escaped, `\u%04x`, unit)
		}
	}
	if _, err := w.to.Write(escaped.Bytes()); err != nil {
		return 0, err
	}
	return len(text), nil
}
