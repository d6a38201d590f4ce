// Package tlv reads and writes BER-TLV data objects, ISO/IEC 7816-4 §8.1 and
// X.690, as cards use them.
//
// Reading is zero-copy: an [Element] points into the slice it was parsed from.
// It is bounded: tags of at most four bytes, lengths of at most four bytes and
// never beyond the input, so that a card that announces 4 GB costs nothing.
// [Read] is lenient in the one way that real cards need (a length may be written
// in more bytes than it takes); [ReadDER] refuses that too. The indefinite
// length of BER has no place in data objects on a card and is refused by both.
//
// A tag is a uint32 that reads as it is written: 0x61, 0x5F1F, 0x7F61.
package tlv

import "fmt"

// Tag is the whole tag field, most significant byte first: 0x5F1F.
type Tag uint32

// String gives the tag in hexadecimal, as documents print it.
func (t Tag) String() string { return fmt.Sprintf("%02X", uint32(t)) }

// Constructed reports whether the value field holds data objects.
func (t Tag) Constructed() bool {
	for t > 0xFF {
		t >>= 8
	}
	return t&0x20 != 0
}

// Element is one data object. Its slices alias the parsed input.
type Element struct {
	Tag   Tag
	Value []byte
	Raw   []byte // tag, length and value fields
}

// SyntaxError says where and why bytes are not a data object. It never carries
// content.
type SyntaxError struct {
	Offset int
	Tag    Tag // 0 when the tag itself could not be read
	Reason string
}

// Error implements error.
func (e *SyntaxError) Error() string {
	if e.Tag == 0 {
		return fmt.Sprintf("malformed data object at byte %d: %s", e.Offset, e.Reason)
	}
	return fmt.Sprintf("malformed data object %v at byte %d: %s", e.Tag, e.Offset, e.Reason)
}

// Read reads the data object at the start of b and returns what follows it.
func Read(b []byte) (Element, []byte, error) { return read(b, false) }

// ReadDER is Read for input that must be DER: lengths in their shortest form.
func ReadDER(b []byte) (Element, []byte, error) { return read(b, true) }

func read(b []byte, der bool) (Element, []byte, error) {
	h, err := ReadHeader(b)
	if err != nil {
		return Element{}, nil, err
	}
	if der && h.Size != headerSize(h.Tag, h.Length) {
		return Element{}, nil, &SyntaxError{Tag: h.Tag, Reason: "length is not in its shortest form"}
	}
	end := h.Size + h.Length
	if end > len(b) {
		return Element{}, nil, &SyntaxError{Tag: h.Tag, Reason: fmt.Sprintf("value of %d bytes, %d present", h.Length, len(b)-h.Size)}
	}
	return Element{Tag: h.Tag, Value: b[h.Size:end:end], Raw: b[:end:end]}, b[end:], nil
}

// Header is a tag and a length whose value need not be there yet, as when the
// first block of a file has been read.
type Header struct {
	Tag    Tag
	Length int // of the value field
	Size   int // of the tag and length fields
}

// MaxLength is the longest value field that is believed, just below 16 MiB, and
// the longest that [AppendHeader] can announce: three bytes.
const MaxLength = 1<<24 - 1

// ReadHeader reads the tag and length fields at the start of b.
func ReadHeader(b []byte) (Header, error) {
	tag, n, err := readTag(b)
	if err != nil {
		return Header{}, err
	}
	length, m, reason := readLength(b[n:])
	if reason != "" {
		return Header{}, &SyntaxError{Offset: n, Tag: tag, Reason: reason}
	}
	return Header{Tag: tag, Length: length, Size: n + m}, nil
}

func readTag(b []byte) (Tag, int, error) {
	if len(b) == 0 {
		return 0, 0, &SyntaxError{Reason: "no tag"}
	}
	tag := Tag(b[0])
	if b[0] == 0 {
		return 0, 0, &SyntaxError{Reason: "tag 00"}
	}
	if b[0]&0x1F != 0x1F {
		return tag, 1, nil
	}
	for i := 1; i < len(b) && i < 4; i++ {
		tag = tag<<8 | Tag(b[i])
		if b[i]&0x80 == 0 {
			return tag, i + 1, nil
		}
	}
	return 0, 0, &SyntaxError{Reason: "tag field does not end within four bytes"}
}

func readLength(b []byte) (length, size int, reason string) {
	if len(b) == 0 {
		return 0, 0, "no length"
	}
	if b[0] < 0x80 {
		return int(b[0]), 1, ""
	}
	n := int(b[0] & 0x7F)
	switch {
	case n == 0:
		return 0, 0, "indefinite length"
	case n > 4:
		return 0, 0, "length field of more than four bytes"
	case len(b) < 1+n:
		return 0, 0, "length field is cut off"
	}
	var long uint32 // an int of 32 bits could turn negative
	for _, octet := range b[1 : 1+n] {
		long = long<<8 | uint32(octet)
	}
	if long > MaxLength {
		return 0, 0, "length of 16 MiB or more"
	}
	return int(long), 1 + n, ""
}

// ReadAll splits b into its data objects, at most limit of them.
func ReadAll(b []byte, limit int) ([]Element, error) {
	var all []Element
	for offset := 0; len(b) > 0; {
		if len(all) == limit {
			return nil, &SyntaxError{Offset: offset, Reason: fmt.Sprintf("more than %d data objects", limit)}
		}
		e, rest, err := Read(b)
		if err != nil {
			return nil, shift(err, offset)
		}
		offset += len(e.Raw)
		all, b = append(all, e), rest
	}
	return all, nil
}

// One parses b as exactly one data object with the given tag.
func One(b []byte, tag Tag) (Element, error) {
	e, rest, err := Read(b)
	if err != nil {
		return Element{}, err
	}
	if e.Tag != tag {
		return Element{}, &SyntaxError{Tag: e.Tag, Reason: fmt.Sprintf("want tag %v", tag)}
	}
	if len(rest) > 0 {
		return Element{}, &SyntaxError{Offset: len(e.Raw), Tag: tag, Reason: "bytes after the data object"}
	}
	return e, nil
}

// Find returns the first element with the tag.
func Find(all []Element, tag Tag) (Element, bool) {
	for _, e := range all {
		if e.Tag == tag {
			return e, true
		}
	}
	return Element{}, false
}

func shift(err error, by int) error {
	if syntax, ok := err.(*SyntaxError); ok {
		moved := *syntax
		moved.Offset += by
		return &moved
	}
	return err
}
