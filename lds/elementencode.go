package lds

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"cnie/apdu/tlv"
)

// encodeElements writes tag list and data objects of the fields that are set.
func encodeElements(f File, fields []element) ([]byte, error) {
	list, body, err := encodeFields(fields)
	if err != nil {
		return nil, &FileError{f, err}
	}
	return tlv.Encode(tlv.Tag(f.Tag()), tlv.Encode(tagTagList, list), body), nil
}

// encodeFields gives the tags of the fields that are set, and their data objects.
func encodeFields(fields []element) (list, body []byte, err error) {
	for _, e := range fields {
		value, err := e.encode()
		if err != nil {
			return nil, nil, fmt.Errorf("data object %v: %w", e.tag, err)
		}
		if value == nil {
			continue
		}
		body = tlv.Append(body, e.tag, value)
		listed := e.tag
		if o, ok := e.to.(others); ok {
			listed = o.tag
		}
		list = appendTag(list, listed)
	}
	return list, body, nil
}

func appendTag(b []byte, tag tlv.Tag) []byte {
	if tag > 0xFF {
		b = append(b, byte(tag>>8))
	}
	return append(b, byte(tag))
}

// encode gives the value, nil for a field that is not set.
func (e element) encode() ([]byte, error) {
	switch from := e.to.(type) {
	case *[]byte:
		return *from, nil
	case *Date:
		return from.encode()
	case *Moment:
		return from.encode()
	case *string:
		return textValue(*from)
	case *[]string:
		for _, s := range *from {
			if strings.Contains(s, "<") {
				return nil, errors.New("list entry with a separator in it")
			}
		}
		return textValue(strings.Join(*from, "<"))
	case others:
		return from.encode()
	}
	return nil, nil
}

func (o others) encode() ([]byte, error) {
	if len(*o.list) == 0 {
		return nil, nil
	}
	if len(*o.list) > maxRepeated {
		return nil, fmt.Errorf("more than %d entries", maxRepeated)
	}
	value := tlv.Encode(tagCount, []byte{byte(len(*o.list))})
	for _, s := range *o.list {
		if len(s) > maxText || !utf8.ValidString(s) {
			return nil, errors.New("text too long or not UTF-8")
		}
		value = tlv.Append(value, o.tag, []byte(s))
	}
	return value, nil
}

func textValue(s string) ([]byte, error) {
	switch {
	case s == "":
		return nil, nil
	case len(s) > maxText || !utf8.ValidString(s):
		return nil, errors.New("text too long or not UTF-8")
	}
	return []byte(s), nil
}
