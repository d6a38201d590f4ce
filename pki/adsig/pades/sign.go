package pades

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"cnie/pki/adsig/cades"
	"cnie/pki/adsig/pades/visible"
	"cnie/pki/adsig/pdf"
)

// ErrPermission reports a document that may not be signed so: it is certified
// against it, or the field asks for something else.
var ErrPermission = errors.New("the document does not allow such a signature")

// Signer makes signatures in documents. Its At stays zero: the time that the
// signer claims stands in the file.
type Signer struct {
	cades.Signer
	Time     time.Time // that the signer claims
	Name     string    // of the signer, where the certificate's is not enough
	Reason   string
	Location string
	Contact  string
	Field    string // the field to sign; "": a new one. One that is not there is made
	// Certify makes the first signature of a document one that says what may
	// happen to it: 1 nothing, 2 filling in and signing, 3 annotating besides; 0
	// does not. Some viewers take even validation material for a change where it
	// is 1.
	Certify int
	Look    *visible.Look // nil: shows nothing
	Room    int           // bytes to set aside for the signature; 0: what it should take
}

// Sign signs a document and writes it, raised to a level by the augmenter, which
// B-B does not need. Where a level is not reached the document is written at the
// level that was, and the error wraps cades.ErrLevel.
func (s *Signer) Sign(ctx context.Context, w io.Writer, r io.ReaderAt, size int64, level cades.Level, a *cades.Augmenter) error {
	g := &grown{base: r, size: size}
	lower, err := s.sign(ctx, g, level, a)
	if err != nil {
		return err
	}
	if err := g.write(w); err != nil {
		return err
	}
	return lower
}

func (s *Signer) sign(ctx context.Context, g *grown, level cades.Level, a *cades.Augmenter) (lower, err error) {
	d, err := s.draft(g, level)
	if err != nil {
		return nil, err
	}
	hash, err := s.DigestAlgorithm()
	if err != nil {
		return nil, err
	}
	digest, err := d.sums().digest(hash)
	if err != nil {
		return nil, err
	}
	message, err := s.SignDigest(digest)
	if err != nil {
		return nil, err
	}
	next := cades.BT
	if level >= cades.BT {
		raised, err := a.Augment(ctx, message, cades.BT, nil)
		if err != nil && !errors.Is(err, cades.ErrLevel) {
			return nil, err
		}
		lower = err
		// A timestamp too large for the place goes behind the signature instead.
		if len(raised) <= d.room {
			message, next = raised, cades.BLT
		}
	}
	if err := d.fill(message); err != nil || lower != nil {
		return lower, err
	}
	return raise(ctx, g, next, level, a), nil
}

// Draft is a document that is ready to be signed elsewhere: only the digest of
// what the signature will cover has to travel.
type Draft struct {
	Digest []byte
	g      *grown
	d      *draft
}

// Prepare sets aside a place for a signature, made with the signer's certificate
// and no key, and computes the digest that cades.Signer.SignDigest wants.
func (s *Signer) Prepare(r io.ReaderAt, size int64, level cades.Level) (*Draft, error) {
	g := &grown{base: r, size: size}
	d, err := s.draft(g, level)
	if err != nil {
		return nil, err
	}
	hash, err := s.DigestAlgorithm()
	if err != nil {
		return nil, err
	}
	digest, err := d.sums().digest(hash)
	return &Draft{digest, g, d}, err
}

// Finish puts the signature in its place and writes the document, once.
func (d *Draft) Finish(w io.Writer, message []byte) error {
	if err := d.d.fill(message); err != nil {
		return err
	}
	return d.g.write(w)
}

// draft makes the revision with a place for the signature.
func (s *Signer) draft(g *grown, level cades.Level) (*draft, error) {
	if err := s.checkProfile(); err != nil {
		return nil, err
	}
	e, err := newEdit(g)
	if err != nil {
		return nil, err
	}
	target, err := s.target(e)
	if err != nil {
		return nil, err
	}
	d := s.dictionary()
	room, err := s.room(level)
	if err != nil {
		return nil, err
	}
	h := cut(d, room)
	r := e.update.Add(d)
	if err := s.restrict(e, d, r, target); err != nil {
		return nil, err
	}
	if err := s.place(e, r, target); err != nil {
		return nil, err
	}
	return e.draft(g, h)
}

// room is how many bytes the signature will take: that has to be known before there
// is one.
func (s *Signer) room(level cades.Level) (int, error) {
	if s.Room != 0 {
		return s.Room, nil
	}
	room, err := s.Size()
	if level >= cades.BT {
		room += stampRoom
	}
	return room, err
}

// target finds the field to sign; its Ref is zero where it has to be made.
func (s *Signer) target(e *edit) (field pdf.Field, err error) {
	fields, err := e.file.Fields()
	if err != nil {
		return field, err
	}
	i := slices.IndexFunc(fields, func(f pdf.Field) bool { return f.Name == s.Field })
	switch {
	case s.Field == "":
		field.Name, err = e.freeName("Signature")
		return field, err
	case i < 0:
		return pdf.Field{Name: s.Field}, nil
	case fields[i].Type != "Sig":
		return field, fmt.Errorf("%w: the field %q is not for signatures", ErrPermission, s.Field)
	case fields[i].Dict["V"] != nil:
		return field, fmt.Errorf("%w: the field %q is signed already", ErrPermission, s.Field)
	}
	return fields[i], nil
}
