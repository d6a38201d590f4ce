package trace

import (
	"encoding/hex"
	"fmt"
	"strings"
)

// Hex is bytes that are written as upper-case hexadecimal digits.
type Hex []byte

// String gives the digits.
func (h Hex) String() string { return strings.ToUpper(hex.EncodeToString(h)) }

// MarshalText gives the digits to JSON.
func (h Hex) MarshalText() ([]byte, error) { return []byte(h.String()), nil }

// UnmarshalText reads digits. That they are upper-case ones, [Parse] sees by
// writing the line again.
func (h *Hex) UnmarshalText(text []byte) error {
	b, err := hex.DecodeString(string(text))
	if err != nil {
		return fmt.Errorf("not hexadecimal")
	}
	*h = b
	return nil
}
