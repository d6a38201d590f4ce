package ledger

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"
	"unicode/utf8"
)

const (
	momentLayout = "2006-01-02T15:04:05.000Z"
	dayLayout    = "2006-01-02"
)

// Canonical is the record as it is hashed: JSON by RFC 8785, members that are empty
// left out. All values are strings, or lists or objects of strings, so that none of
// the ways to write a number matters.
func (r Record) Canonical() ([]byte, error) {
	if err := r.check(); err != nil {
		return nil, err
	}
	var b bytes.Buffer
	writeValue(&b, r.members())
	if b.Len() > maxRecord {
		return nil, fmt.Errorf("%w: it takes %d bytes, and %d are the most", ErrRecord, b.Len(), maxRecord)
	}
	return b.Bytes(), nil
}

// MarshalJSON gives the canonical form.
func (r Record) MarshalJSON() ([]byte, error) { return r.Canonical() }

func (r Record) members() map[string]any {
	all := map[string]any{}
	for name, text := range map[string]string{
		"id": r.ID, "kind": string(r.Kind), "desk": r.Desk, "operator": r.Operator, "purpose": r.Purpose,
		"transaction": r.Transaction, "verdict": r.Verdict, "match": r.Match, "basis": r.Basis,
		"pseudonym": r.Pseudonym, "clock": r.Clock,
		"time": moment(r.Time, momentLayout), "recorded": moment(r.Recorded, momentLayout), "keep": moment(r.Keep, dayLayout),
	} {
		if text != "" {
			all[name] = text
		}
	}
	for name, list := range map[string][]string{"checks": r.Checks, "fields": r.Fields, "answers": r.Answers} {
		if len(list) > 0 {
			all[name] = list
		}
	}
	if len(r.Detail) > 0 {
		all["detail"] = r.Detail
	}
	return all
}

func moment(t time.Time, form string) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(form)
}

// ParseRecord takes the canonical form and nothing else: what it accepts is what
// Canonical gives back, byte for byte.
func ParseRecord(text []byte) (Record, error) {
	if len(text) > maxRecord {
		return Record{}, fmt.Errorf("%w: it is too long", ErrRecord)
	}
	var w struct {
		ID, Kind, Desk, Operator, Purpose, Transaction, Verdict, Match, Basis, Pseudonym, Clock, Time, Recorded, Keep string
		Checks, Fields, Answers                                                                                       []string
		Detail                                                                                                        map[string]string
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&w); err != nil {
		return Record{}, fmt.Errorf("%w: it is not JSON of a record", ErrRecord)
	}
	if _, err := d.Token(); err != io.EOF {
		return Record{}, fmt.Errorf("%w: something follows it", ErrRecord)
	}
	r := Record{
		ID: w.ID, Kind: Kind(w.Kind), Desk: w.Desk, Operator: w.Operator, Purpose: w.Purpose, Transaction: w.Transaction,
		Verdict: w.Verdict, Checks: w.Checks, Match: w.Match, Fields: w.Fields, Basis: w.Basis, Answers: w.Answers,
		Pseudonym: w.Pseudonym, Detail: w.Detail, Clock: w.Clock,
	}
	for _, at := range []struct {
		to         *time.Time
		text, form string
	}{{&r.Time, w.Time, momentLayout}, {&r.Recorded, w.Recorded, momentLayout}, {&r.Keep, w.Keep, dayLayout}} {
		if at.text == "" {
			continue
		}
		t, err := time.Parse(at.form, at.text)
		if err != nil {
			return Record{}, fmt.Errorf("%w: a time is not one", ErrRecord)
		}
		*at.to = t
	}
	back, err := r.Canonical()
	if err == nil && !bytes.Equal(back, text) {
		err = fmt.Errorf("%w: it is not in canonical form", ErrRecord)
	}
	if err != nil {
		return Record{}, err
	}
	return r, nil
}

// writeValue writes a string, a list of strings, or an object (RFC 8785 §3.2). Names
// are ASCII, so their order in bytes is their order in UTF-16.
func writeValue(b *bytes.Buffer, v any) {
	switch v := v.(type) {
	case string:
		writeString(b, v)
	case []string:
		separator := byte('[')
		for _, s := range v {
			b.WriteByte(separator)
			writeString(b, s)
			separator = ','
		}
		b.WriteByte(']')
	case map[string]string:
		object := make(map[string]any, len(v))
		for name, s := range v {
			object[name] = s
		}
		writeValue(b, object)
	case map[string]any:
		separator := byte('{')
		for _, name := range slices.Sorted(maps.Keys(v)) {
			b.WriteByte(separator)
			writeString(b, name)
			b.WriteByte(':')
			writeValue(b, v[name])
			separator = ','
		}
		b.WriteByte('}')
	}
}

// writeString escapes what RFC 8785 §3.2.2.2 wants escaped, and no more.
func writeString(b *bytes.Buffer, s string) {
	short := map[rune]string{'"': `\"`, '\\': `\\`, '\b': `\b`, '\f': `\f`, '\n': `\n`, '\r': `\r`, '\t': `\t`}
	b.WriteByte('"')
	for _, c := range s {
		switch escape, ok := short[c]; {
		case ok:
			b.WriteString(escape)
		case c < ' ':
			fmt.Fprintf(b, `\u%04x`, c)
		default:
			b.Write(utf8.AppendRune(nil, c))
		}
	}
	b.WriteByte('"')
}
