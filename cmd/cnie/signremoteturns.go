package main

import (
	"context"
	"crypto"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"cnie/internal/remote/order"
)

// turn is one document on its way to a signature that is made somewhere else, together
// with others. What makes a format hashes the document, asks its key to sign, and
// goes on: it is stopped there, until all of the batch have come that far.
type turn struct {
	remote *remoteKey
	asks   chan digestToSign
	gets   chan signedDigest
	ends   chan error
	asked  digestToSign
}

type digestToSign struct {
	digest []byte
	opts   crypto.SignerOpts
}

type signedDigest struct {
	signature []byte
	err       error
}

var errTwice = errors.New("a second signature was asked for, of one that was agreed to")

// Public implements crypto.Signer.
func (t *turn) Public() crypto.PublicKey { return t.remote.Public() }

// Sign implements crypto.Signer.
func (t *turn) Sign(_ io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	t.asks <- digestToSign{slices.Clone(digest), opts}
	got := <-t.gets
	return got.signature, got.err
}

// start runs a job until it wants its signature. Of all jobs one runs at a time.
func (s *signing) start(ctx context.Context, job *signJob) (*turn, error) {
	t := &turn{remote: s.key.remote, asks: make(chan digestToSign), gets: make(chan signedDigest), ends: make(chan error)}
	s.hand.Key = t
	go func() { t.ends <- s.signOne(ctx, job) }()
	select {
	case t.asked = <-t.asks:
		return t, nil
	case err := <-t.ends:
		if err == nil {
			err = errors.New("a document was finished without a signature")
		}
		return nil, err
	}
}

// finish gives a job its signature, or the reason why there is none, and runs it to
// its end.
func (t *turn) finish(signature []byte, err error) error {
	t.gets <- signedDigest{signature, err}
	for {
		select {
		case err := <-t.ends:
			return err
		case <-t.asks:
			t.gets <- signedDigest{err: errTwice}
		}
	}
}

// together is how many documents are prepared at a time: each has files open.
const together = 50

// signAfar signs with a remote key. Only hashes leave this machine, as many at a time
// as one permission covers, unless the holder wants to see what they are of.
func (s *signing) signAfar(ctx context.Context, jobs []*signJob) error {
	if !s.key.remote.service.Hashes() {
		return s.signShown(ctx, jobs)
	}
	show, done := s.bar("Signing"), 0
	defer func() { show(int64(len(jobs)), int64(len(jobs))) }()
	for some := range slices.Chunk(jobs, min(s.key.remote.Together(), together)) {
		made, err := s.signHashes(ctx, some)
		done += made
		if made == 0 && onlyShown(err) {
			return s.signShown(ctx, jobs[done:])
		}
		if err != nil {
			return stopped(err, done, len(jobs))
		}
		show(int64(done), int64(len(jobs)))
	}
	return nil
}

// stopped tells how far a batch came, of which some may have a lower level than asked.
func stopped(err error, written, all int) error {
	if lower(err) {
		written-- // the one that err is about
	}
	return unfinished(err, written, all)
}

func lower(err error) bool {
	var f *failure
	return errors.As(err, &f) && f.code == exitLowerLevel
}

// onlyShown tells whether a service refuses because there is only a hash.
func onlyShown(err error) bool { return refusedFor(err) == string(order.HashForbidden) }

// signHashes has one batch signed, and tells how many outputs there are. A signature
// that was made is not thrown away because of another document.
func (s *signing) signHashes(ctx context.Context, jobs []*signJob) (done int, err error) {
	turns, digests := make([]*turn, 0, len(jobs)), make([][]byte, 0, len(jobs))
	for _, job := range jobs {
		var t *turn
		if t, err = s.start(ctx, job); err != nil {
			break
		}
		turns, digests = append(turns, t), append(digests, t.asked.digest)
	}
	signatures := make([][]byte, len(turns))
	if err == nil {
		var made [][]byte
		if made, err = s.key.remote.For(s.purpose(jobs)).SignAll(ctx, digests, turns[0].asked.opts); err == nil {
			signatures = made
		}
	}
	refused := err
	for i, t := range turns {
		ended := t.finish(signatures[i], refused)
		if ended == nil || lower(ended) {
			done++
		}
		if err == nil {
			err = ended
		}
	}
	return done, err
}

// purpose is what the holder is told.
func (s *signing) purpose(jobs []*signJob) string {
	if text := s.key.remote.options.purpose; text != "" {
		return text
	}
	var all []string
	for _, job := range jobs {
		for _, name := range job.names() {
			all = append(all, filepath.Base(name))
		}
	}
	text := strings.Join(all, ", ")
	if len(all) > 1 {
		text = fmt.Sprintf("%d documents: %s", len(all), text)
	}
	return shortened(text)
}

// maxPurpose is what holders' agents of this project show, in characters.
const maxPurpose = 200

func shortened(text string) string {
	text = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, strings.TrimSpace(text))
	if runes := []rune(text); len(runes) > maxPurpose {
		return string(runes[:maxPurpose-1]) + "…"
	}
	return text
}
