package pades

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"cnie/pki/adsig/cades"
	"cnie/pki/adsig/pdf"
	"cnie/pki/adsig/revocation"
	"cnie/pki/adsig/tsp"
	"cnie/pki/cert"
	"cnie/pki/cms"
)

// ErrUnsigned reports a document that nobody has signed.
var ErrUnsigned = errors.New("the document has no signature")

// Augment raises the signatures of a document together, and writes the document
// with what was appended: to B-T by a document timestamp where a signature has
// none, to B-LT by what is missing from the security store, to B-LTA by a
// document timestamp over that, of which each call adds one more. Where a level
// is not reached the document is written at the level that was, and the error
// wraps cades.ErrLevel.
func Augment(ctx context.Context, w io.Writer, r io.ReaderAt, size int64, level cades.Level, a *cades.Augmenter) error {
	g := &grown{base: r, size: size}
	lower := raise(ctx, g, cades.BT, level, a)
	if lower != nil && !errors.Is(lower, cades.ErrLevel) {
		return lower
	}
	if err := g.write(w); err != nil {
		return err
	}
	return lower
}

// raise goes up from one level to another and stops where one fails.
func raise(ctx context.Context, g *grown, first, last cades.Level, a *cades.Augmenter) error {
	steps := []struct {
		level cades.Level
		step  func(context.Context, *grown, *cades.Augmenter) error
	}{{cades.BT, stampOnce}, {cades.BLT, addMaterial}, {cades.BLTA, stampDocument}}
	for _, s := range steps {
		if s.level < first || s.level > last {
			continue
		}
		if err := s.step(ctx, g, a); errors.Is(err, ErrUnsigned) || errors.Is(err, pdf.ErrMalformed) || errors.Is(err, pdf.ErrEncrypted) {
			return err
		} else if err != nil {
			return fmt.Errorf("%w: %v: %w", cades.ErrLevel, s.level, err)
		}
	}
	return nil
}

// survey lists the signatures of a document that can be augmented, in order.
func survey(g *grown) (all []*found, f *pdf.File, err error) {
	if f, err = pdf.Open(g, g.length()); err != nil {
		return nil, nil, err
	}
	if all, err = signatures(g, f); err != nil {
		return nil, nil, err
	}
	all = slices.DeleteFunc(all, func(s *found) bool { return s.problem != nil })
	if len(all) == 0 {
		return nil, nil, ErrUnsigned
	}
	return all, f, nil
}

// stampOnce adds a document timestamp if a signature has no timestamp, in it or
// after it.
func stampOnce(ctx context.Context, g *grown, a *cades.Augmenter) error {
	all, _, err := survey(g)
	if err != nil {
		return err
	}
	for _, s := range slices.Backward(all) {
		if s.stamp() {
			return nil // over everything before
		}
		if !s.hasStamp() {
			return stampDocument(ctx, g, a)
		}
	}
	return nil
}

// hasStamp reports whether the signature has a timestamp in itself.
func (s *found) hasStamp() bool {
	message, err := s.message()
	if err != nil {
		return false
	}
	sd, err := cms.Parse(message)
	if err != nil || len(sd.Signers) == 0 {
		return false
	}
	properties, err := cades.Read(sd, 0)
	return err == nil && len(properties.SignatureStamps) > 0
}

const stampRoom = 16 << 10 // bytes for a timestamp with its certificates

// stampDocument appends a document timestamp (EN 319 142-1 §5.4.3). One that
// turns out larger than its place is made again.
func stampDocument(ctx context.Context, g *grown, a *cades.Augmenter) error {
	hash := a.StampHash()
	for room := stampRoom; ; {
		d, err := stampDraft(g, room)
		if err != nil {
			return err
		}
		digest, err := d.sums().digest(hash)
		if err != nil {
			return err
		}
		token, err := tsp.Ask(ctx, a.Stamp, hash, digest)
		if err != nil {
			return err
		}
		if len(token.Raw) <= room || room > stampRoom {
			return d.fill(token.Raw)
		}
		room = len(token.Raw) + stampRoom/8
	}
}

func stampDraft(g *grown, room int) (*draft, error) {
	e, err := newEdit(g)
	if err != nil {
		return nil, err
	}
	name, err := e.freeName("Timestamp")
	if err != nil {
		return nil, err
	}
	page, err := e.file.Page(1)
	if err != nil {
		return nil, err
	}
	d := pdf.Dict{"Type": pdf.Name("DocTimeStamp"), "Filter": pdf.Name("Adobe.PPKLite"), "SubFilter": pdf.Name("ETSI.RFC3161"), "V": int64(0)}
	h := cut(d, room)
	if err := e.addField(name, e.update.Add(d), page, nil); err != nil {
		return nil, err
	}
	if err := e.announce(); err != nil {
		return nil, err
	}
	return e.draft(g, h)
}

// addMaterial appends to the security store what validating each signature and
// timestamp will take, as far as it is not there.
func addMaterial(ctx context.Context, g *grown, a *cades.Augmenter) error {
	all, f, err := survey(g)
	if err != nil {
		return err
	}
	store, err := readStore(f)
	if err != nil {
		return err
	}
	known := *a
	known.Collector.Known = revocation.NewSet(store.lists.raw, store.responses.raw)
	known.Pool = slices.Clone(a.Pool)
	for _, raw := range store.certs.raw {
		if c, err := cert.Parse(raw); err == nil {
			known.Pool = append(known.Pool, c)
		}
	}
	var additions []addition
	for _, s := range subjects(all) {
		gathered, err := s.gather(ctx, &known)
		if err != nil {
			return err
		}
		additions = append(additions, addition{s.contents, gathered})
	}
	return store.extend(g, additions)
}

// subject is a signature with the document timestamps after it.
type subject struct {
	*found
	stamps []*found
}

// subjects lists what to gather material for: the signatures, or in a document
// that has but timestamps the first of these.
func subjects(all []*found) (list []subject) {
	for i, s := range all {
		if s.stamp() {
			continue
		}
		list = append(list, subject{s, slices.DeleteFunc(slices.Clone(all[i+1:]), func(s *found) bool { return !s.stamp() })})
	}
	if len(list) == 0 {
		list = []subject{{all[0], all[1:]}}
	}
	return list
}

func (s subject) gather(ctx context.Context, a *cades.Augmenter) (cades.Gathered, error) {
	message, err := s.message()
	if err != nil {
		return cades.Gathered{}, err
	}
	var tokens [][]byte
	for _, stamp := range s.stamps {
		token, err := stamp.message()
		if err != nil {
			return cades.Gathered{}, err
		}
		tokens = append(tokens, token)
	}
	return a.Gather(ctx, message, tokens...)
}
