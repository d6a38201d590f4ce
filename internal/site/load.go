package site

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"

	"cnie/internal/plainyaml"
)

// Schema is the JSON Schema of site files.
//
//go:embed schema.json
var Schema []byte

// Bounds on a file, which keep the time of a parser that squares the nesting and
// the number of keys: two seconds at the worst.
const (
	maxFile     = 1 << 17 // bytes
	maxBrackets = 1 << 10
	maxParts    = 1 << 13 // lines and commas
	maxIndent   = 48
)

// Error is a mistake in a site file and where it is, counted from 1.
type Error = plainyaml.Error

// Load reads a site file and verifies its signature. A mistake in it is an
// *Error; one about signatures wraps ErrUnsigned, ErrNoKeys, ErrAnotherKey,
// ErrChanged, ErrNamespace or ErrSignature. A file that is not for production
// may be unsigned; a signature that is there has to be good as soon as there
// are keys.
func Load(path string, k Keys) (*Site, error) {
	content, err := readFile(path, maxFile)
	if err != nil {
		return nil, err
	}
	signer, unverified := k.verify(path, content)
	if unverified != nil && !errors.Is(unverified, ErrNoKeys) {
		return nil, fmt.Errorf("%s: %w", path, unverified)
	}
	s, err := parseAt(path, content)
	switch {
	case err != nil:
		return nil, err
	case s.Production && unverified != nil:
		return nil, fmt.Errorf("%s: %w", path, unverified)
	case s.Production && signer == "":
		return nil, fmt.Errorf("%s: %w", path, ErrUnsigned)
	}
	s.Signer = signer
	return s, nil
}

// Draft reads a site file before it is signed, to look at and not to serve under.
func Draft(path string) (*Site, error) {
	content, err := readFile(path, maxFile)
	if err != nil {
		return nil, err
	}
	return parseAt(path, content)
}

func parseAt(path string, content []byte) (*Site, error) {
	s, err := Parse(content)
	if err != nil {
		return nil, fmt.Errorf("%s:%w", path, err)
	}
	s.folder = filepath.Dir(path)
	return s, nil
}

// Parse reads the content of a site file, whoever signed it. Every error is an
// *Error.
func Parse(content []byte) (*Site, error) {
	if reason := oversized(content); reason != "" {
		return nil, &Error{Line: 1, Column: 1, Reason: reason}
	}
	source, err := plainyaml.Parse(content)
	if err != nil {
		return nil, err
	}
	s := &Site{}
	if err := yaml.NewDecoder(bytes.NewReader(content), yaml.Strict()).Decode(s); err != nil {
		return nil, inYAML(err)
	}
	if m := s.check(); m != nil {
		return nil, located(source, m)
	}
	sum := sha256.Sum256(content)
	s.Digest = hex.EncodeToString(sum[:])
	return s, nil
}

func located(source *ast.File, m *mistake) error {
	line, column := plainyaml.Locate(source, m.path)
	return &Error{Line: line, Column: column, Reason: m.reason}
}

func oversized(content []byte) string {
	count := func(what ...string) (n int) {
		for _, w := range what {
			n += bytes.Count(content, []byte(w))
		}
		return n
	}
	if len(content) > maxFile || count("[", "{") > maxBrackets || count("\n", ",") > maxParts {
		return "the file is larger than any site's"
	}
	for line := range bytes.Lines(content) {
		if text := bytes.TrimLeft(line, " -?:\t"); len(line)-len(text) > maxIndent {
			return "the file is nested deeper than any site's"
		}
	}
	return ""
}

var (
	unknownField = regexp.MustCompile(`^unknown field "([^"]*)"`)
	otherKind    = regexp.MustCompile(`^\w+ was used where (sequence|mapping) is expected`)
)

// inYAML says in words of the file what the decoder says in words of Go.
func inYAML(err error) error {
	at := plainyaml.At(err)
	var kind *yaml.TypeError
	if match := unknownField.FindStringSubmatch(at.Reason); match != nil {
		at.Reason = fmt.Sprintf("there is no key %q here%s", match[1], meant(match[1], keysOf(reflect.TypeFor[Site]())))
	} else if match := otherKind.FindStringSubmatch(at.Reason); match != nil {
		at.Reason = map[string]string{"sequence": "want a list", "mapping": "want a mapping, or a text for each language such as {ar: …, fr: …}"}[match[1]]
	} else if errors.As(err, &kind) {
		at.Reason = "want " + inWords(kind.DstType)
	}
	return at
}

func inWords(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Bool:
		return "true or false"
	case reflect.Slice:
		return "a list"
	}
	return "a text; put it in quotes"
}

// readFile reads a small file whole.
func readFile(path string, most int64) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	content, err := io.ReadAll(io.LimitReader(file, most+1))
	if err == nil && int64(len(content)) > most {
		return nil, fmt.Errorf("%s: %w", path, errTooLarge)
	}
	return content, err
}

var errTooLarge = errors.New("the file is larger than any of its kind")

// CheckPolicy holds the content of the policy file against its pin.
func (s *Site) CheckPolicy(content []byte) error {
	sum := sha256.Sum256(content)
	if s.PolicySHA256 != "" && !strings.EqualFold(s.PolicySHA256, hex.EncodeToString(sum[:])) {
		return ErrPolicy
	}
	return nil
}

// ErrPolicy reports a policy file that is not the one which the site pins.
var ErrPolicy = errors.New("the policy file is not the one that the site file pins by policy-sha256")
