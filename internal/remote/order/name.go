package order

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base32"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// ErrMalformed reports a value that is not as this package encodes it.
var ErrMalformed = errors.New("malformed order")

func malformed(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrMalformed, fmt.Sprintf(format, args...))
}

var letters = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// ID names an order: 26 letters and digits, from 128 random bits. Whoever knows
// one still needs to be its client or its agent.
type ID string

// NewID makes an identifier that nobody can guess.
func NewID() ID {
	var bits [16]byte
	_, _ = rand.Read(bits[:]) // never fails (crypto/rand)
	return ID(letters.EncodeToString(bits[:]))
}

// ParseID checks the form of an identifier.
func ParseID(text string) (ID, error) {
	bits, err := letters.DecodeString(text)
	if err != nil || len(bits) != 16 || letters.EncodeToString(bits) != text {
		return "", malformed("an identifier has 26 characters, a to z and 2 to 7")
	}
	return ID(text), nil
}

// Credential names a key and its certificate, by what the certificate is: 24
// letters and digits, from its SHA-256. A renewed certificate is another credential.
type Credential string

// CredentialOf names the credential of a signing certificate.
func CredentialOf(certificate *x509.Certificate) Credential {
	sum := sha256.Sum256(certificate.Raw)
	return Credential(letters.EncodeToString(sum[:15]))
}

// ParseCredential checks the form of a credential's name.
func ParseCredential(text string) (Credential, error) {
	if bits, err := letters.DecodeString(text); err != nil || len(bits) != 15 {
		return "", malformed("a credential has 24 characters, a to z and 2 to 7")
	}
	return Credential(text), nil
}

// CheckText refuses text that people could read as something else than it is:
// control characters, and those that embed or override the direction of writing
// (UAX #9 §2), with which a file's name can be made to end in .pdf. Marks of
// direction and joiners stay allowed; Arabic needs them.
func CheckText(text string, most int) error {
	if !utf8.ValidString(text) || len(text) > most {
		return malformed("a text is not UTF-8 or longer than %d bytes", most)
	}
	if strings.TrimSpace(text) != text {
		return malformed("a text begins or ends with a space")
	}
	for _, r := range text {
		turns := r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069
		if unicode.IsControl(r) || turns || r == 0x2028 || r == 0x2029 || r == 0xFEFF {
			return malformed("a text has the character %U", r)
		}
	}
	return nil
}
