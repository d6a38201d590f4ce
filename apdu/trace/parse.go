package trace

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"
	"unicode/utf8"
)

// Bounds of a trace. A reading has some hundred exchanges of 300 bytes; an apdu
// session ends after 4,000.
const (
	MaxSize    = 8 << 20 // bytes of the file
	MaxEntries = 20_000
	maxAnswer  = 65_538
	maxRandom  = 4096
	maxATR     = 33 // ISO 7816-3 §8.1
	maxText    = 200
	maxTexts   = 40
	longest    = int64(24 * time.Hour / time.Microsecond)
)

// Errors of Parse. None repeats content.
var (
	ErrMalformed = errors.New("not a trace of this version")
	ErrTooLong   = errors.New("longer than a trace can be")
)

// Parse reads a trace.
func Parse(r io.Reader) (*Trace, error) {
	file, err := io.ReadAll(io.LimitReader(r, MaxSize+1))
	if err != nil {
		return nil, fmt.Errorf("read trace: %w", err)
	}
	if len(file) > MaxSize {
		return nil, ErrTooLong
	}
	t := &Trace{}
	for number := 1; len(file) > 0; number++ {
		end := bytes.IndexByte(file, '\n')
		if end < 0 {
			return nil, fmt.Errorf("%w: line %d does not end", ErrMalformed, number)
		}
		if number > MaxEntries+1 {
			return nil, ErrTooLong
		}
		if err := t.take(file[:end+1], number); err != nil {
			return nil, fmt.Errorf("%w: line %d: %w", ErrMalformed, number, err)
		}
		file = file[end+1:]
	}
	if t.Header.Version == 0 {
		return nil, fmt.Errorf("%w: it is empty", ErrMalformed)
	}
	return t, nil
}

func (t *Trace) take(text []byte, number int) error {
	if number == 1 {
		if err := only(text, &t.Header); err != nil {
			return err
		}
		return t.Header.check()
	}
	var e Entry
	if err := only(text, &e); err != nil {
		return err
	}
	if n := len(t.Entries); n > 0 && e.At < t.Entries[n-1].At {
		return errors.New("it lies before the one above it")
	}
	if err := e.check(t.Header.Content); err != nil {
		return err
	}
	t.Entries = append(t.Entries, e)
	return nil
}

// only decodes a line that is spelt as it would be written here: no second
// member of a name, no other order, no number that is another one's spelling.
func only(text []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return errors.New("it is no such object")
	}
	again, err := line(into)
	if err != nil || !bytes.Equal(again, text) {
		return errors.New("it is not spelt as traces are")
	}
	return nil
}

func (h Header) check() error {
	switch {
	case h.Version != Version:
		return fmt.Errorf("version %d is not known here", h.Version)
	case h.Content != Full && h.Content != Redacted:
		return errors.New("unknown kind of content")
	case h.At.IsZero() || h.At.Location() != time.UTC:
		return errors.New("the time is not one in UTC")
	case len(h.ATR) > maxATR:
		return errors.New("the answer to reset is too long")
	case len(h.Session.Challenge) > maxRandom || h.Content == Redacted && len(h.Session.Challenge) > 0:
		return errors.New("a challenge that is too long, or content")
	case h.Remade && !h.Specimen:
		return errors.New("a card that was remade is a specimen")
	case len(h.Unequal) > 0 && !h.Remade:
		return errors.New("only a card that was remade is unequal to another")
	}
	return texts(append(append([]string{h.Program, h.Reader, h.Session.Password}, h.Unequal...), h.Session.Files...))
}

func texts(all []string) error {
	if len(all) > maxTexts {
		return errors.New("too many texts")
	}
	for _, s := range all {
		if len(s) > maxText || !utf8.ValidString(s) {
			return errors.New("a text is too long, or not UTF-8")
		}
	}
	return nil
}

func (e Entry) check(content Content) error {
	if e.At < 0 || e.At > longest || e.Took < 0 || e.Took > longest {
		return errors.New("impossible time")
	}
	kinds := 0
	for _, there := range []bool{e.Event != "", len(e.Random) > 0, len(e.Send) > 0, len(e.Header) > 0} {
		if there {
			kinds++
		}
	}
	switch {
	case kinds != 1:
		return errors.New("it is not one thing")
	case e.Event != "":
		return e.checkEvent()
	case len(e.Header) > 0:
		return e.checkOutline(content)
	}
	return e.checkContent(content)
}
