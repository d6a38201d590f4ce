package cades

import (
	"bytes"
	"context"
	"crypto"
	"fmt"
	"io"
	"slices"

	"cnie/pki/adsig/revocation"
	"cnie/pki/adsig/tsp"
	"cnie/pki/cert"
	"cnie/pki/cms"
)

// Augmenter raises signatures to higher levels.
type Augmenter struct {
	Stamp     tsp.Exchange         // to the time-stamp authority
	Hash      crypto.Hash          // under which timestamps are asked for; 0: SHA-256
	Anchors   []*cert.Certificate  // up to which validation material is collected
	Pool      []*cert.Certificate  // certificates that messages may lack
	Collector revocation.Collector // of answers about certificates
}

// StampHash is the hash under which timestamps are asked for.
func (a *Augmenter) StampHash() crypto.Hash {
	if a.Hash == 0 {
		return crypto.SHA256
	}
	return a.Hash
}

// Augment raises every signature in a message that is in memory, to B-T, B-LT or
// B-LTA. An archive timestamp covers the content too: digests gives its digest
// where it is not in the message, and may be nil else. A message already there
// is returned as it is, but for B-LTA, of which each call adds one more archive
// timestamp. On an error the message comes back at the level that was reached,
// and the error wraps ErrLevel.
func (a *Augmenter) Augment(ctx context.Context, message []byte, level Level, digests Digests) ([]byte, error) {
	sd, err := cms.Parse(message)
	if err != nil {
		return nil, fmt.Errorf("augment: %w", err)
	}
	if !sd.Detached {
		digests = DigestsOf(sd.Content)
	}
	p, err := sd.Parts()
	if err != nil {
		return nil, fmt.Errorf("augment: %w", err)
	}
	lower := a.raise(ctx, &p, level, digests)
	raised, err := p.Encode()
	if err != nil {
		return nil, fmt.Errorf("augment: %w", err)
	}
	return raised, lower
}

// AugmentStream is Augment for a message whose content is too large for memory:
// it is read twice, once to find the signature and once to copy.
func (a *Augmenter) AugmentStream(ctx context.Context, w io.Writer, r io.ReadSeeker, level Level) error {
	sums := &Sums{Also: []crypto.Hash{a.StampHash()}}
	message, _, err := cms.Detach(r, sums.Tap)
	if err != nil {
		return fmt.Errorf("augment: %w", err)
	}
	sd, err := cms.Parse(message)
	if err != nil {
		return fmt.Errorf("augment: %w", err)
	}
	p, err := sd.Parts()
	if err != nil {
		return fmt.Errorf("augment: %w", err)
	}
	lower := a.raise(ctx, &p, level, sums.Digest)
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("augment: %w", err)
	}
	if err := rewrite(w, r, &p); err != nil {
		return fmt.Errorf("augment: %w", err)
	}
	return lower
}

// rewrite copies the content of one message into another.
func rewrite(w io.Writer, r io.Reader, p *cms.Parts) error {
	content, feed := io.Pipe()
	done := make(chan error, 1)
	go func() {
		_, attached, err := cms.Detach(r, func([]crypto.Hash) io.Writer { return feed })
		if err == nil && !attached {
			err = fmt.Errorf("%w: the content is not in the message", ErrMalformed)
		}
		feed.CloseWithError(err)
		done <- err
	}()
	err := p.Stream(w, content, func(*cms.Parts) error { return nil })
	content.CloseWithError(err)
	if cause := <-done; err == nil {
		err = cause
	}
	return err
}

// raise goes up one level after the other and stops where one fails.
func (a *Augmenter) raise(ctx context.Context, p *cms.Parts, level Level, digests Digests) error {
	if a == nil || a.Stamp == nil {
		return fmt.Errorf("%w: no time-stamp authority is named", ErrLevel)
	}
	steps := []struct {
		level Level
		step  func() error
	}{
		{BT, func() error { return a.stampSignatures(ctx, p) }},
		{BLT, func() error { return a.addMaterial(ctx, p) }},
		{BLTA, func() error { return a.stampArchive(ctx, p, digests) }},
	}
	for _, s := range steps {
		if s.level > level {
			break
		}
		if err := s.step(); err != nil {
			return fmt.Errorf("%w: %v: %w", ErrLevel, s.level, err)
		}
	}
	return nil
}

// stampSignatures adds a timestamp over each signature value that has none
// (EN 319 122-1 §5.3).
func (a *Augmenter) stampSignatures(ctx context.Context, p *cms.Parts) error {
	for i := range p.Signers {
		s := &p.Signers[i]
		tokens, err := tokensIn(s.Unsigned, oidSignatureStamp)
		if err != nil {
			return err
		}
		if len(tokens) > 0 {
			continue
		}
		token, err := tsp.Ask(ctx, a.Stamp, a.StampHash(), cert.Algorithm{Hash: a.StampHash()}.Digest(s.Signature))
		if err != nil {
			return err
		}
		added, err := stampAttribute(oidSignatureStamp, token.Raw)
		if err != nil {
			return err
		}
		s.Unsigned = append(s.Unsigned, added)
	}
	return nil
}

// addMaterial adds the certificates and answers that validating the signatures
// and every timestamp so far will take (EN 319 122-1 §6.3, SignedData.certificates
// and SignedData.crls).
func (a *Augmenter) addMaterial(ctx context.Context, p *cms.Parts) error {
	b, err := a.survey(p)
	if err != nil {
		return err
	}
	g, err := a.gather(ctx, b)
	g.AddTo(p)
	return err
}

// AddTo adds to a message what of the material is not there yet.
func (g Gathered) AddTo(p *cms.Parts) {
	for _, c := range g.Certificates {
		p.Certificates = include(p.Certificates, c)
	}
	for _, list := range g.Lists {
		p.Revocations = include(p.Revocations, list)
	}
	for _, response := range g.Responses {
		p.Revocations = include(p.Revocations, cms.EncodeOCSP(response))
	}
}

// include appends an element that is not there yet.
func include(set [][]byte, member []byte) [][]byte {
	if slices.ContainsFunc(set, func(other []byte) bool { return bytes.Equal(other, member) }) {
		return set
	}
	return append(set, member)
}
