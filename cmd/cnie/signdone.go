package main

import (
	"bytes"
	"context"
	"crypto"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"cnie/pki/adsig"
	"cnie/pki/adsig/asic"
	"cnie/pki/adsig/cades"
)

// skipSigned leaves out what a run before has signed: the output exists, is this
// key's signature over this document, and has the level. Anything else of that
// name is in the way.
func (s *signing) skipSigned() (left []*signJob, err error) {
	for _, job := range s.jobs {
		if _, err := os.Lstat(job.out); err != nil || s.force {
			left = append(left, job)
			continue
		}
		level := s.already(job)
		switch {
		case level == 0:
			return nil, exists(job.out)
		case level < s.level:
			return nil, &failure{code: exitIO, sentence: fmt.Sprintf("%s is signed at level %v already; raise it with `cnie augment`, or give --force to sign anew", job.out, level)}
		}
		s.done = append(s.done, signedFile{File: job.out, Format: job.format.name, Level: level, Of: job.names(), Skipped: true})
	}
	return left, nil
}

// already is the level at which an output is signed by this key, 0 when it is not.
func (s *signing) already(job *signJob) cades.Level {
	in, err := inspectFile(job.out, job.beside(), s.ownPolicy())
	if err != nil || !in.holdsDocuments(job) {
		return 0
	}
	for _, signature := range in.signatures {
		if signature.Signer != nil && bytes.Equal(signature.Signer.Raw, s.key.chain[0].Raw) && signature.holds() {
			return signature.levelNow()
		}
	}
	return 0
}

// levelOf is the lowest level of the signatures in a file, or of this key's where
// it is known, 0 when none is right.
func (l *levelOptions) levelOf(name, content string) (lowest cades.Level) {
	in, err := inspectFile(name, content, l.ownPolicy())
	if err != nil {
		return 0
	}
	for _, signature := range in.signatures {
		if l.signer != nil && (signature.Signer == nil || !bytes.Equal(signature.Signer.Raw, l.signer)) {
			continue
		}
		if !signature.holds() {
			return 0
		}
		if level := signature.levelNow(); lowest == 0 || level < lowest {
			lowest = level
		}
	}
	return lowest
}

// ownPolicy is for looking at one's own work: whether it is right, and how far it
// came.
func (l *levelOptions) ownPolicy() adsig.Policy {
	return adsig.Policy{At: time.Now(), Anchors: l.augmenter.Anchors, AllowNoAnchors: true, AllowNoRevocation: true}
}

// holdsDocuments reports whether what is signed is what was listed. What lies
// beside was compared with the document itself.
func (in *inspected) holdsDocuments(job *signJob) bool {
	d := job.documents[0]
	switch job.format.name {
	case "pades":
		return beginsWith(job.out, d)
	case "asice":
		return holdsFiles(job.out, job.documents)
	}
	if in.digests == nil {
		return in.content == d.name
	}
	sum, err := in.digests(crypto.SHA256)
	return err == nil && bytes.Equal(sum, d.digest)
}

func beginsWith(name string, d *document) bool {
	file, err := os.Open(name)
	if err != nil {
		return false
	}
	defer file.Close()
	h := sha256.New()
	n, err := io.CopyN(h, file, d.size)
	return err == nil && n == d.size && bytes.Equal(h.Sum(nil), d.digest)
}

func holdsFiles(name string, documents []*document) bool {
	file, err := os.Open(name)
	if err != nil {
		return false
	}
	defer file.Close()
	about, err := file.Stat()
	if err != nil {
		return false
	}
	c, err := asic.Open(file, about.Size())
	if err != nil || len(c.Files()) != len(documents) {
		return false
	}
	for _, d := range documents {
		content, err := c.File(filepath.Base(d.name))
		if err != nil {
			return false
		}
		h := sha256.New()
		_, err = io.Copy(h, content)
		_ = content.Close()
		if err != nil || !bytes.Equal(h.Sum(nil), d.digest) {
			return false
		}
	}
	return true
}

// unfinished tells how far a batch came before an error, and that it can go on.
func unfinished(err error, done, all int) error {
	var f *failure
	if errors.As(err, &f) && f.code == exitLowerLevel {
		if rest := all - done - 1; rest > 0 {
			f.sentence += fmt.Sprintf("; %d more were not signed", rest)
		}
		return err
	}
	if all == 1 {
		return err
	}
	how := classify(context.Background(), signFailure(err))
	sentence := strings.TrimSuffix(how.sentence, "; please report this")
	return &failure{code: how.code, sentence: fmt.Sprintf("%s (%d of %d are signed and stay; the same command goes on with the rest)", sentence, done, all), cause: err}
}
