// Package secret holds the bytes that must not be seen: a card access number, a PIN, a session key.
//
// A log line, a %+v of some struct that happens to hold a key, a failing test's diff: each has leaked a key in some
// program. The standard interfaces (fmt, encoding, slog) are therefore all answered with the same placeholder. That
// alone is not enough, because fmt and reflective printers do not call methods on unexported fields; they walk the
// memory. So the bytes are kept behind a closure, which no printer opens.
//
// Wiping is best effort: Go may have copied the bytes before New took them, and the callers of Reveal hold an alias.
package secret

import (
	"fmt"
	"io"
	"log/slog"
)

// Placeholder is what every printed secret looks like.
const Placeholder = "[secret]"

// Bytes is a byte string that does not print. The zero value is empty; copies share, and are wiped with, the original.
type Bytes struct {
	open func() *[]byte
}

// New takes ownership of b: the caller must neither keep nor change it.
func New(b []byte) Bytes {
	held := &b
	return Bytes{open: func() *[]byte { return held }}
}

// Reveal returns the bytes themselves, not a copy; nil when there are none or after Wipe.
func (s Bytes) Reveal() []byte {
	if s.open == nil {
		return nil
	}
	return *s.open()
}

// Wipe overwrites the bytes with zeros and forgets them, in every copy of s. It may be called again.
func (s Bytes) Wipe() {
	if s.open == nil {
		return
	}
	held := s.open()
	clear(*held)
	*held = nil
}

// String, and every method below it, says only that a secret was there.
func (s Bytes) String() string { return Placeholder }

// GoString serves %#v.
func (s Bytes) GoString() string { return Placeholder }

// Format serves every other verb, %x and %d included.
func (s Bytes) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, Placeholder) }

// MarshalText serves JSON, YAML and XML.
func (s Bytes) MarshalText() ([]byte, error) { return []byte(Placeholder), nil }

// LogValue serves log/slog.
func (s Bytes) LogValue() slog.Value { return slog.StringValue(Placeholder) }
