package pkcs11

import (
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

// ErrURI says that a text is no PKCS #11 URI, or one that asks for what is not done
// here. Errors name attributes, never their values.
var ErrURI = errors.New("not a usable PKCS #11 URI")

// URI names modules, tokens and keys, RFC 7512. The zero value names all of them.
type URI struct {
	Module     string            // module-path, the file to load
	attributes map[string]string // of the path, decoded
}

const scheme = "pkcs11:"

// maxURI bounds a URI: command lines are not longer.
const maxURI = 4096

// checks are the attributes of a path (RFC 7512 §2.3) and what their values must
// be like.
var checks = map[string]func(string) bool{
	"token": utf8.ValidString, "manufacturer": utf8.ValidString, "model": utf8.ValidString, "serial": utf8.ValidString,
	"slot-id": digits, "slot-description": utf8.ValidString, "slot-manufacturer": utf8.ValidString,
	"library-manufacturer": utf8.ValidString, "library-description": utf8.ValidString, "library-version": version,
	"object": utf8.ValidString, "id": func(id string) bool { return id != "" },
	"type": func(s string) bool { return slices.Contains([]string{"private", "public", "cert"}, s) },
}

// ParseURI parses strictly. An unknown attribute is refused, since it may narrow
// what is meant; so is one that comes twice. A URI with a PIN in it, or the place of
// one, is refused: command lines are public.
func ParseURI(s string) (URI, error) {
	rest, is := strings.CutPrefix(s, scheme)
	if !is || len(s) > maxURI {
		return URI{}, unusable()
	}
	path, query, asked := strings.Cut(rest, "?")
	u := URI{attributes: map[string]string{}}
	if err := each(path, ";", pathMarks, u.setPath); err != nil {
		return URI{}, err
	}
	if asked {
		if err := each(query, "&", queryMarks, u.setQuery); err != nil {
			return URI{}, err
		}
	}
	if len(u.String()) > maxURI { // an identifier takes three characters a byte there
		return URI{}, unusable()
	}
	return u, nil
}

func unusable() error {
	return fmt.Errorf("%w: it does not begin with %s, or is too long", ErrURI, scheme)
}

func (u *URI) setPath(name, value string) error {
	check, known := checks[name]
	if !known {
		return fmt.Errorf("%w: an attribute is unknown", ErrURI)
	}
	if !check(value) {
		return fmt.Errorf("%w: the value of %s", ErrURI, name)
	}
	u.attributes[name] = value
	return nil
}

func (u *URI) setQuery(name, value string) error {
	switch {
	case name == "pin-value" || name == "pin-source":
		return fmt.Errorf("%w: a PIN does not belong there; it is asked for", ErrURI)
	case name != "module-path":
		return fmt.Errorf("%w: of what may follow the question mark, only module-path is known", ErrURI)
	case value == "" || strings.ContainsRune(value, 0):
		return fmt.Errorf("%w: the value of module-path", ErrURI)
	}
	u.Module = value
	return nil
}

// each splits name=value pairs and hands them on, decoded, each name once.
func each(list, separator, marks string, set func(name, value string) error) error {
	seen := map[string]bool{}
	if list == "" {
		return nil
	}
	for _, pair := range strings.Split(list, separator) {
		name, raw, is := strings.Cut(pair, "=")
		if !is || seen[name] {
			return fmt.Errorf("%w: attributes are NAME=VALUE, each once", ErrURI)
		}
		seen[name] = true
		value, err := decode(raw, marks)
		if err != nil {
			return err
		}
		if err := set(name, value); err != nil {
			return err
		}
	}
	return nil
}

// Characters that stand for themselves beside letters, digits and -._~, RFC 7512
// §2.3.
const (
	pathMarks  = "-._~:[]@!$'()*+,=&"
	queryMarks = "-._~:[]@!$'()*+,=/?|"
)

func plain(c byte, marks string) bool {
	return c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || strings.IndexByte(marks, c) >= 0
}

// decode undoes percent-encoding.
func decode(raw, marks string) (string, error) {
	var out []byte
	for i := 0; i < len(raw); i++ {
		switch {
		case plain(raw[i], marks):
			out = append(out, raw[i])
		case raw[i] == '%' && i+2 < len(raw):
			b, err := hex.DecodeString(raw[i+1 : i+3])
			if err != nil {
				return "", fmt.Errorf("%w: %% without two hexadecimal digits", ErrURI)
			}
			out = append(out, b[0])
			i += 2
		default:
			return "", fmt.Errorf("%w: a character must be written as %%XX", ErrURI)
		}
	}
	return string(out), nil
}

func digits(s string) bool { return s != "" && len(s) < 20 && strings.Trim(s, "0123456789") == "" }

func version(s string) bool {
	major, minor, two := strings.Cut(s, ".")
	return digits(major) && (!two || digits(minor))
}

// String encodes the URI, its attributes in alphabetical order.
func (u URI) String() string {
	var pairs []string
	for _, name := range slices.Sorted(maps.Keys(u.attributes)) {
		pairs = append(pairs, name+"="+encode(name, u.attributes[name], pathMarks))
	}
	s := scheme + strings.Join(pairs, ";")
	if u.Module != "" {
		s += "?module-path=" + encode("", u.Module, queryMarks)
	}
	return s
}

// encode writes an identifier in percent-encoding throughout, as RFC 7512 §2.3
// recommends.
func encode(name, value, marks string) string {
	var b strings.Builder
	for _, c := range []byte(value) {
		if name != "id" && plain(c, marks) {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

// allows tells whether something with these attributes is meant; those that it has
// no value for are left to others.
func (u URI) allows(have map[string]string) bool {
	for name, value := range have {
		if want, given := u.attributes[name]; given && want != value {
			return false
		}
	}
	return true
}
