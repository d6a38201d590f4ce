package pades

import (
	"crypto/sha1"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"cnie/pki/adsig/pdf"
)

// errRange reports a signature that does not cover what it should.
var errRange = errors.New("the signature does not cover the document")

// checkRange wants two ranges that cover everything from the first byte on but
// the contents (ISO 32000-2 §12.8.1: the whole file including the signature
// dictionary and excluding the contents).
func (s *found) checkRange(size int64) error {
	list, ok := s.dict["ByteRange"].(pdf.Array)
	if !ok || len(list) != 4 {
		return fmt.Errorf("%w: the byte range is not two pairs of numbers", errRange)
	}
	var n [4]int64
	for i, v := range list {
		if n[i], ok = v.(int64); !ok || n[i] < 0 || n[i] > size {
			return fmt.Errorf("%w: the byte range leads out of the file", errRange)
		}
	}
	switch {
	case n[0] != 0:
		return fmt.Errorf("%w: the byte range does not begin where the file does", errRange)
	case n[1] != s.from || n[2] != s.to:
		return fmt.Errorf("%w: the byte range leaves out %d to %d, and the signature stands at %d to %d", errRange, n[1], n[2], s.from, s.to)
	case n[2]+n[3] > size || n[3] == 0:
		return fmt.Errorf("%w: the byte range leads out of the file", errRange)
	}
	s.end = n[2] + n[3]
	return nil
}

// lengthOf is how long the element is with which the contents begin, DER or BER.
func lengthOf(contents []byte) (int, error) {
	rest, ok := skipElement(contents, 0)
	if !ok || contents[0] != 0x30 {
		return 0, fmt.Errorf("%w: there is no signed message in the field", errRange)
	}
	return len(contents) - len(rest), nil
}

// skipElement passes one BER element (X.690 §8.1).
func skipElement(b []byte, depth int) (rest []byte, ok bool) {
	if len(b) < 2 || depth > 32 || b[0]&0x1f == 0x1f {
		return nil, false
	}
	length, b := int(b[1]), b[2:]
	if length == 0x80 {
		for ok = true; ok; b, ok = skipElement(b, depth+1) {
			if len(b) >= 2 && b[0] == 0 && b[1] == 0 {
				return b[2:], true
			}
		}
		return nil, false
	}
	if octets := length - 0x80; octets > 0 {
		if octets > 4 || octets > len(b) {
			return nil, false
		}
		length = 0
		for _, o := range b[:octets] {
			length = length<<8 | int(o)
		}
		b = b[octets:]
	}
	if length > len(b) {
		return nil, false
	}
	return b[length:], true
}

// vriKey names a signature in the security store: the digest of its contents,
// padding included (ISO 32000-2 §12.8.4.4).
func vriKey(contents []byte) pdf.Name {
	sum := sha1.Sum(contents)
	return pdf.Name(strings.ToUpper(hex.EncodeToString(sum[:])))
}

// formatDate is a PDF date (ISO 32000-2 §7.9.4).
func formatDate(t time.Time) pdf.String {
	return pdf.String(t.UTC().Format("D:20060102150405Z"))
}

var errDate = errors.New("not a date")

// parseDate reads a PDF date, whose parts may be missing from the month on, and
// whose offset is written with apostrophes.
func parseDate(s string) (time.Time, error) {
	rest, ok := strings.CutPrefix(s, "D:")
	if !ok {
		return time.Time{}, errDate
	}
	const layout = "20060102150405"
	digits := len(rest) - len(strings.TrimLeft(rest, "0123456789"))
	if digits < 4 || digits > len(layout) || digits%2 != 0 {
		return time.Time{}, errDate
	}
	zone := strings.ReplaceAll(rest[digits:], "'", "")
	switch {
	case zone == "" || strings.HasPrefix(zone, "Z"):
		zone = "+0000"
	case len(zone) == len("+00"):
		zone += "00"
	}
	t, err := time.Parse(layout[:digits]+"-0700", rest[:digits]+zone)
	if err != nil {
		return time.Time{}, errDate
	}
	return t, nil
}
