package main

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rsa"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"

	"cnie/internal/remote/client"
	"cnie/pki/adsig"
	"cnie/pki/adsig/cades"
	"cnie/pki/adsig/pades"
)

// maxShown bounds the documents of one request, in bytes: they are all in memory.
const maxShown = 64 << 20

// sentFormats are those that a service makes by itself.
var sentFormats = map[string]client.Format{"pades": client.PAdES, "cades": client.CAdES}

// signShown has documents signed that the holder is shown. They leave this machine as
// a whole, which somebody here has to have said.
func (s *signing) signShown(ctx context.Context, jobs []*signJob) error {
	for _, job := range jobs {
		if sentFormats[job.format.name] == "" || s.attached || s.visible != "" {
			return &failure{code: exitUnavailable, sentence: "the holder signs only documents that can be shown there, and such are signed as PDF or beside the file (--format pades or cades), without --attached and --visible"}
		}
	}
	if err := s.mayLeave(ctx, jobs); err != nil {
		return err
	}
	show, done := s.bar("Signing"), 0
	defer func() { show(int64(len(jobs)), int64(len(jobs))) }()
	for len(jobs) > 0 {
		n := s.fit(jobs)
		made, err := s.signSent(ctx, jobs[:n])
		if done += made; err != nil {
			return stopped(err, done, done-made+len(jobs))
		}
		jobs = jobs[n:]
		show(int64(done), int64(done+len(jobs)))
	}
	return nil
}

func (s *signing) mayLeave(ctx context.Context, jobs []*signJob) error {
	if s.key.remote.options.send {
		return nil
	}
	desk := s.sitting()
	if desk == nil {
		return &failure{code: exitNotPermitted, sentence: "the holder signs only documents that can be shown there; give --send-documents to send them to " + s.key.remote.host + " as a whole"}
	}
	agreed, err := desk.agree(ctx, fmt.Sprintf("The holder signs only what can be shown there. Send %s to %s as a whole?", count(len(jobs), "document"), s.key.remote.host))
	if err == nil && !agreed {
		err = errDeclined
	}
	return err
}

// fit is how many documents make one request.
func (s *signing) fit(jobs []*signJob) int {
	n, size := 0, int64(0)
	for n < min(len(jobs), s.key.remote.Together(), together) {
		if size += jobs[n].documents[0].size; n > 0 && size > maxShown {
			break
		}
		n++
	}
	return n
}

// signSent sends one request and writes what comes of it.
func (s *signing) signSent(ctx context.Context, jobs []*signJob) (done int, err error) {
	var sent []client.Document
	for _, job := range jobs {
		d := job.documents[0]
		if d.size > maxShown {
			return 0, &failure{code: exitUnavailable, sentence: fmt.Sprintf("%s is too long to be shown to the holder; at most %d MB are", d.name, maxShown>>20)}
		}
		content, err := d.whole()
		if err != nil {
			return 0, err
		}
		sent = append(sent, client.Document{Name: filepath.Base(d.name), Content: content, Format: sentFormats[job.format.name]})
	}
	h, err := s.hash(jobs[0].format)
	if err != nil {
		return 0, err
	}
	opts := crypto.SignerOpts(h)
	if _, is := s.key.remote.Public().(*rsa.PublicKey); is && s.pss {
		opts = &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash, Hash: h}
	}
	signed, err := s.key.remote.For(s.purpose(jobs)).SignDocuments(ctx, sent, opts)
	if err != nil {
		return 0, err
	}
	for i, job := range jobs {
		keep := map[string]func(context.Context, *document, []byte, *draft) error{"pades": s.keepPDF, "cades": s.keepMessage}[job.format.name]
		ended := s.deliver(job, func(out *draft) error { return keep(ctx, job.documents[0], signed[i], out) })
		if ended == nil || lower(ended) {
			done++
		}
		if err == nil {
			err = ended
		}
	}
	return done, err
}

// whole reads the document, which must be what was listed.
func (d *document) whole() ([]byte, error) {
	content, err := d.open()
	if err != nil {
		return nil, err
	}
	defer content.Close()
	return io.ReadAll(content)
}

// keepPDF keeps a signed document, when it is the one that was sent with this key's
// signature over all of it, and nothing else that came in between.
func (s *signing) keepPDF(ctx context.Context, d *document, signed []byte, out *draft) error {
	in := &inspected{}
	file := bytes.NewReader(signed)
	if err := in.pdf(file, file.Size(), s.ownPolicy()); err != nil {
		return fmt.Errorf("%w: %w", client.ErrSignature, err)
	}
	last := in.signatures[len(in.signatures)-1]
	if last.place.Scope != pades.WholeFile || !s.isMine(last) {
		return client.ErrSignature
	}
	if only, err := pades.OnlySigned(file, d.size, file.Size()); !only {
		return errors.Join(client.ErrSignature, err)
	}
	if s.level > cades.BB {
		return pades.Augment(ctx, out.after(d), file, file.Size(), s.level, s.augmenter)
	}
	_, err := out.after(d).Write(signed)
	return err
}

// keepMessage keeps a signature, when it is this key's over the document.
func (s *signing) keepMessage(ctx context.Context, d *document, message []byte, out *draft) error {
	reports, err := adsig.Validate(adsig.Input{Message: message, Digests: d.digests}, s.ownPolicy())
	if err != nil || len(reports) != 1 || !s.isMine(inspectedSignature{Report: reports[0]}) {
		return fmt.Errorf("%w: %w", client.ErrSignature, err)
	}
	return s.writeMessage(ctx, d, message, out)
}

func (s *signing) isMine(signature inspectedSignature) bool {
	return signature.Signer != nil && slices.Equal(signature.Signer.Raw, s.key.chain[0].Raw) && signature.holds()
}
