package cades

import (
	"errors"
	"fmt"
	"slices"
)

var (
	// ErrKey reports a key that does not belong to the certificate, or that
	// cannot make such signatures.
	ErrKey = errors.New("key and certificate do not fit")
	// ErrLevel reports that a signature could not be raised to the level asked
	// for; it stays what it was.
	ErrLevel = errors.New("the signature level was not reached")
	// ErrMalformed reports a message or attribute that cannot be read.
	ErrMalformed = errors.New("malformed signature")
)

// Level is a level of the baseline profile (EN 319 122-1 §6.1); the zero value
// is none of them.
type Level uint8

// The levels.
const (
	BB Level = iota + 1
	BT
	BLT
	BLTA
)

var levelNames = []string{"none", "B-B", "B-T", "B-LT", "B-LTA"}

func (l Level) String() string {
	if int(l) >= len(levelNames) {
		return fmt.Sprintf("level %d", uint8(l))
	}
	return levelNames[l]
}

// MarshalText gives the name to JSON.
func (l Level) MarshalText() ([]byte, error) { return []byte(l.String()), nil }

// UnmarshalText reads a level's name, as given to --level.
func (l *Level) UnmarshalText(text []byte) error {
	i := slices.Index(levelNames, string(text))
	if i < 1 {
		return fmt.Errorf("unknown level %q: one of B-B, B-T, B-LT, B-LTA", text)
	}
	*l = Level(i)
	return nil
}
