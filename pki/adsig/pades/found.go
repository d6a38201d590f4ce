package pades

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"time"

	"cnie/pki/adsig/pdf"
)

// Bounds on what a file may ask of a judge.
const (
	maxSignatures = 64
	maxContents   = 8 << 20 // bytes of one signature
)

// found is a signature dictionary (ISO 32000-2 §12.8.1) as the file has it now.
type found struct {
	field    pdf.Field
	ref      pdf.Ref
	dict     pdf.Dict
	contents []byte // padding included
	from, to int64  // the hole, which is the contents' digits
	end      int64  // of what is signed
	problem  error  // why it covers nothing
	sums     *sums
}

func (s *found) name(key pdf.Name) string { n, _ := s.dict[key].(pdf.Name); return string(n) }

func (s *found) text(key pdf.Name) string { t, _ := s.dict[key].(pdf.String); return t.Text() }

func (s *found) stamp() bool { return s.name("SubFilter") == "ETSI.RFC3161" }

// message is the contents without the zeros that fill up the hole (ISO 32000-2
// §12.8.3.3). Nothing else may stand behind the message.
func (s *found) message() ([]byte, error) {
	n, err := lengthOf(s.contents)
	if err != nil {
		return nil, err
	}
	if len(bytes.Trim(s.contents[n:], "\x00")) > 0 {
		return nil, fmt.Errorf("%w: something is hidden behind the signature", errRange)
	}
	return s.contents[:n], nil
}

// signatures lists the signed fields, in the order in which they were signed.
func signatures(r io.ReaderAt, f *pdf.File) ([]*found, error) {
	fields, err := f.Fields()
	if err != nil {
		return nil, err
	}
	var all []*found
	prefix := &prefixes{r: r}
	for _, field := range fields {
		if field.Type != "Sig" || field.Dict["V"] == nil {
			continue
		}
		if len(all) == maxSignatures {
			return nil, fmt.Errorf("%w: more than %d signatures", pdf.ErrLimit, maxSignatures)
		}
		s := &found{field: field}
		s.problem = s.read(f, prefix)
		all = append(all, s)
	}
	slices.SortStableFunc(all, func(a, b *found) int { return int(min(max(a.end-b.end, -1), 1)) })
	return all, nil
}

// read takes the dictionary apart and holds the byte range against the file.
func (s *found) read(f *pdf.File, prefix *prefixes) error {
	ref, ok := s.field.Dict["V"].(pdf.Ref)
	if !ok {
		return fmt.Errorf("%w: the signature is not an object of its own", errRange)
	}
	var err error
	s.ref = ref
	var spans map[pdf.Name]pdf.Span
	if s.dict, spans, err = f.Locate(ref); err != nil {
		s.dict, _ = f.Dict(ref) // for what can be said of it
		return err
	}
	contents, ok := s.dict["Contents"].(pdf.String)
	if !ok || len(contents) == 0 || len(contents) > maxContents {
		return fmt.Errorf("%w: there is no signature in the field", errRange)
	}
	s.contents = contents
	hole := spans["Contents"]
	s.from, s.to = hole.From, hole.To
	if err := s.checkRange(f.Size()); err != nil {
		return err
	}
	// White space in it could hold bytes that nobody signed.
	if !hole.Digits || hole.To-hole.From != int64(2*len(contents)+2) {
		return fmt.Errorf("%w: the signature's place holds more than its digits", errRange)
	}
	s.sums = newSums(prefix, s.from, s.to, s.end)
	return nil
}

// claimed is when the dictionary says the signature was made.
func (s *found) claimed() *time.Time {
	m, _ := s.dict["M"].(pdf.String)
	t, err := parseDate(string(m))
	if err != nil {
		return nil
	}
	return &t
}
