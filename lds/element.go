package lds

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"cnie/apdu/tlv"
)

// DG11 and DG12 are lists of optional data objects after a tag list. An element
// ties a tag to the field that its value goes to and comes from; the order of the
// elements is the order of encoding.
type element struct {
	tag tlv.Tag
	to  any // *string, *[]string (split at '<'), *others, *Date, *Moment or *[]byte
}

// others is a template A0 that repeats one tag after a count.
type others struct {
	tag  tlv.Tag
	list *[]string
}

const (
	tagOthers   tlv.Tag = 0xA0
	tagCount    tlv.Tag = 0x02
	maxText             = 4096 // bytes of one text, many times the longest address
	maxRepeated         = 32   // entries of one repeated field
	maxElements         = 64
)

// parseElements fills the fields and returns what is odd about the file.
func parseElements(f File, b []byte, fields []element) (deviations []string, err error) {
	outer, err := tlv.One(b, tlv.Tag(f.Tag()))
	if err != nil {
		return nil, &FileError{f, err}
	}
	all, err := tlv.ReadAll(outer.Value, maxElements)
	if err != nil {
		return nil, &FileError{f, err}
	}
	seen, deviations, err := fill(all, fields)
	if err != nil {
		return nil, &FileError{f, err}
	}
	return append(deviations, compareTagList(all, seen)...), nil
}

// fill gives every field its data object, and tells which there were.
func fill(all []tlv.Element, fields []element) (seen map[tlv.Tag]bool, deviations []string, err error) {
	seen = map[tlv.Tag]bool{}
	odd := func(tag tlv.Tag, what string) { deviations = append(deviations, fmt.Sprintf("%v: %s", tag, what)) }
	for _, e := range all {
		i := slices.IndexFunc(fields, func(field element) bool { return field.tag == e.Tag })
		switch {
		case e.Tag == tagTagList:
			continue
		case i < 0:
			odd(e.Tag, "tag is not one of this file's")
			continue
		case seen[e.Tag]:
			return nil, nil, fmt.Errorf("data object %v twice", e.Tag)
		}
		seen[e.Tag] = true
		what, err := fields[i].parse(e.Value)
		if err != nil {
			return nil, nil, fmt.Errorf("data object %v: %w", e.Tag, err)
		}
		if what != "" {
			odd(e.Tag, what)
		}
	}
	return seen, deviations, nil
}

// compareTagList checks that what is announced is there and the reverse.
func compareTagList(all []tlv.Element, seen map[tlv.Tag]bool) (deviations []string) {
	list, ok := tlv.Find(all, tagTagList)
	if !ok {
		return []string{"5C: no tag list"}
	}
	announced := readTagList(list.Value)
	for _, tag := range announced {
		// Some issuers list the repeated tag, some the template around it.
		inTemplate := seen[tagOthers] && (tag == tagOtherName || tag == tagOtherPerson)
		if !seen[tag] && !inTemplate {
			deviations = append(deviations, fmt.Sprintf("%v: announced, not there", tag))
		}
	}
	for _, e := range all {
		if seen[e.Tag] && e.Tag != tagOthers && !slices.Contains(announced, e.Tag) {
			deviations = append(deviations, fmt.Sprintf("%v: there, not announced", e.Tag))
		}
	}
	return deviations
}

func readTagList(b []byte) (tags []tlv.Tag) {
	for len(b) > 0 && len(tags) < maxElements {
		tag, n := tlv.Tag(b[0]), 1
		if b[0]&0x1F == 0x1F && len(b) > 1 {
			tag, n = tag<<8|tlv.Tag(b[1]), 2
		}
		tags, b = append(tags, tag), b[n:]
	}
	return tags
}

// parse stores the value; what is a deviation that does not stop the reading.
func (e element) parse(value []byte) (what string, err error) {
	switch to := e.to.(type) {
	case *[]byte:
		*to = value
	case *Date:
		return to.parse(value), nil
	case *Moment:
		return to.parse(value), nil
	case *string:
		*to, what, err = text(value)
	case *[]string:
		var s string
		s, what, err = text(value)
		*to = splitList(s)
	case others:
		return to.parse(value)
	}
	return what, err
}

func (o others) parse(value []byte) (what string, err error) {
	if len(value) == 0 {
		return "template is empty", nil
	}
	all, err := tlv.ReadAll(value, maxRepeated+1)
	if err != nil {
		return "", err
	}
	if len(all) == 0 || all[0].Tag != tagCount || len(all[0].Value) != 1 {
		return "", errors.New("template without a count")
	}
	if count := int(all[0].Value[0]); count != len(all)-1 {
		what = "count does not fit"
	}
	for _, e := range all[1:] {
		if e.Tag != o.tag {
			return "", fmt.Errorf("data object %v in a list of %v", e.Tag, o.tag)
		}
		s, odd, err := text(e.Value)
		if err != nil {
			return "", err
		}
		*o.list, what = append(*o.list, s), what+odd
	}
	return what, nil
}

// text reads UTF-8; what is no UTF-8 becomes U+FFFD and is reported.
func text(b []byte) (s, what string, err error) {
	if len(b) > maxText {
		return "", "", fmt.Errorf("text of more than %d bytes", maxText)
	}
	if !utf8.Valid(b) {
		return string(bytes.ToValidUTF8(b, []byte("\uFFFD"))), "text is not UTF-8", nil
	}
	return string(b), "", nil
}

func splitList(s string) []string {
	if s == "" {
		return nil
	}
	return strings.SplitN(s, "<", maxRepeated)
}
