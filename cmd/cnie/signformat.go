package main

import (
	"context"
	"crypto"
	"io"
	"mime"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"cnie/pki/adsig/asic"
	"cnie/pki/adsig/cades"
	"cnie/pki/adsig/jades"
	"cnie/pki/adsig/pades"
)

// signFormat is a way to sign: how what comes out is called, and how it is made.
// An error that wraps cades.ErrLevel leaves a whole draft at a lower level.
type signFormat struct {
	name, title string
	out         func(s *signing, file string) string
	sign        func(ctx context.Context, s *signing, j *signJob, out *draft) error
}

var signFormats = []*signFormat{
	{"pades", "PAdES", named(".signed.pdf", ".pdf"), signPDF},
	{"cades", "CAdES", func(s *signing, file string) string {
		if s.attached {
			return file + ".p7m"
		}
		return file + ".p7s"
	}, signCMS},
	{"asice", "ASiC-E with CAdES", func(s *signing, file string) string {
		if isContainer(file) {
			return named(".signed.asice", ".asice", ".sce")(s, file)
		}
		return file + ".asice"
	}, signContainer},
	{"jades", "JAdES", named(".jws"), signJSON},
}

// named puts an ending in the place of those that are cut off.
func named(ending string, cut ...string) func(*signing, string) string {
	return func(_ *signing, file string) string {
		if old := filepath.Ext(file); slices.Contains(cut, strings.ToLower(old)) {
			file = strings.TrimSuffix(file, old)
		}
		return file + ending
	}
}

// formatFor is the format that was asked for, or the one that goes with a file.
func (s *signing) formatFor(file string) (*signFormat, error) {
	name := s.format
	if name == "" {
		kind, err := kindOf(file)
		switch {
		case err != nil:
			return nil, err
		case kind == kindPDF:
			name = "pades"
		case kind == kindContainer:
			name = "asice"
		default:
			name = "cades"
		}
	}
	for _, f := range signFormats {
		if f.name == name {
			return f, nil
		}
	}
	return nil, usage("--format takes pades, cades, asice or jades")
}

func signCMS(ctx context.Context, s *signing, j *signJob, out *draft) error {
	d := j.documents[0]
	hand := s.hand
	if kind, err := cades.MIMEType(mimeOf(d.name)); err == nil {
		hand.Attributes = append(hand.Attributes, kind)
	}
	if s.attached {
		content, err := d.open()
		if err != nil {
			return err
		}
		defer content.Close()
		return hand.Envelop(ctx, out, content, s.level, s.augmenter)
	}
	message, err := hand.SignDigest(d.sum)
	if err != nil {
		return err
	}
	return s.writeMessage(ctx, d, message, out)
}

// writeMessage raises a signature beside its document, and writes it.
func (s *signing) writeMessage(ctx context.Context, d *document, message []byte, out *draft) error {
	var lower error
	if s.level > cades.BB {
		if message, lower = s.augmenter.Augment(ctx, message, s.level, d.digests); message == nil {
			return lower
		}
	}
	if _, err := out.Write(message); err != nil {
		return err
	}
	return lower
}

func signPDF(ctx context.Context, s *signing, j *signJob, out *draft) error {
	d := j.documents[0]
	signer := &pades.Signer{Signer: s.hand, Time: s.hand.At}
	signer.At = time.Time{} // which PAdES has in the file, and not in what is signed
	look, err := s.look()
	if err != nil {
		return err
	}
	signer.Look = look
	file, err := d.private()
	if err != nil {
		return err
	}
	defer file.Close()
	return signer.Sign(ctx, out.after(d), file, d.size, s.level, s.augmenter)
}

func signContainer(ctx context.Context, s *signing, j *signJob, out *draft) error {
	if len(j.documents) == 1 && isContainer(j.documents[0].name) {
		return s.signAgain(ctx, j.documents[0], out)
	}
	var inside []asic.Document
	for _, d := range j.documents {
		inside = append(inside, asic.Document{Name: filepath.Base(d.name), Open: d.open})
	}
	return asic.Create(ctx, out, inside, &s.hand, s.level, s.augmenter)
}

// signAgain adds a signature to a container that is there.
func (s *signing) signAgain(ctx context.Context, d *document, out *draft) error {
	file, err := d.private()
	if err != nil {
		return err
	}
	defer file.Close()
	c, err := asic.Open(file, d.size)
	if err != nil {
		return err
	}
	return c.Sign(ctx, out, &s.hand, s.level, s.augmenter)
}

func signJSON(_ context.Context, s *signing, j *signJob, out *draft) error {
	d := j.documents[0]
	signer := &jades.Signer{Key: s.hand.Key, Chain: s.hand.Chain, PSS: s.pss, At: s.hand.At}
	var text []byte
	var err error
	if s.attached {
		text, err = signInside(signer, d)
	} else {
		text, err = signer.SignObjects([]jades.Object{{Name: uriOf(d.name), MIME: mimeOf(d.name), Digest: d.sum}})
	}
	if err != nil {
		return err
	}
	_, err = out.Write(text)
	return err
}

func signInside(signer *jades.Signer, d *document) ([]byte, error) {
	if d.size > jades.MaxSize/2 {
		return nil, usage("%s is too long to be put into a JSON signature; leave --attached out", d.name)
	}
	content, err := d.open()
	if err != nil {
		return nil, err
	}
	defer content.Close()
	payload, err := io.ReadAll(content)
	if err != nil {
		return nil, err
	}
	return signer.Sign(payload, mimeOf(d.name))
}

// hash is the one with which the key signs in a format.
func (s *signing) hash(f *signFormat) (crypto.Hash, error) {
	if f.name == "jades" {
		return (&jades.Signer{Chain: s.hand.Chain, PSS: s.pss}).DigestAlgorithm()
	}
	return s.hand.DigestAlgorithm()
}

// mimeOf is the type of a file by its name.
func mimeOf(name string) string {
	kind, _, _ := strings.Cut(mime.TypeByExtension(filepath.Ext(name)), ";")
	if kind == "" {
		return "application/octet-stream"
	}
	return kind
}
