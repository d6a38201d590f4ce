package cardreader

import (
	"encoding/hex"
	"strings"
)

// ATR is an answer to reset, ISO 7816-3 §8. It is never a reason to accept or
// refuse a card: of a contactless card it only repeats historical bytes.
type ATR []byte

// String gives upper-case hexadecimal without spaces.
func (a ATR) String() string { return strings.ToUpper(hex.EncodeToString(a)) }

// MarshalText gives the hexadecimal form to JSON.
func (a ATR) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// UnmarshalText is the inverse of MarshalText.
func (a *ATR) UnmarshalText(text []byte) (err error) {
	*a, err = hex.DecodeString(string(text))
	return err
}

// Historical returns the historical bytes, nil when the ATR is malformed.
func (a ATR) Historical() []byte {
	if len(a) < 2 {
		return nil
	}
	count, at := int(a[1]&0x0F), 2
	for y := a[1] >> 4; y != 0; { // interface bytes TA TB TC TD, as announced bit by bit
		next := byte(0)
		for bit := byte(1); bit <= 8; bit <<= 1 {
			if y&bit == 0 {
				continue
			}
			if at >= len(a) {
				return nil
			}
			if bit == 8 {
				next = a[at] >> 4
			}
			at++
		}
		y = next
	}
	if at+count > len(a) {
		return nil
	}
	return a[at : at+count]
}

// Capabilities returns the software function tables among the historical bytes,
// nil when the card says nothing of them. ISO 7816-4 §12.1.1.9.
func (a ATR) Capabilities() []byte {
	h := a.Historical()
	switch { // the category, §12.1.1.2: compact-TLV data objects …
	case len(h) > 0 && h[0] == 0x80:
		h = h[1:]
	case len(h) > 3 && h[0] == 0x00: // … before a status of three bytes
		h = h[1 : len(h)-3]
	default:
		return nil
	}
	for len(h) > 0 {
		tag, n := h[0]>>4, int(h[0]&0x0F)
		if len(h) < 1+n {
			return nil
		}
		if tag == 7 {
			return h[1 : 1+n]
		}
		h = h[1+n:]
	}
	return nil
}

// ExtendedLength reports whether the card capabilities in the historical bytes
// announce extended Lc and Le fields (ISO 7816-4 §12.1.1.9, third software
// function table).
func (a ATR) ExtendedLength() bool {
	c := a.Capabilities()
	return len(c) == 3 && c[2]&0x40 != 0
}
