package main

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"

	"cnie/pki/adsig/cades"
)

// document is a file to be signed, as it was when it was listed.
type document struct {
	name   string
	size   int64
	mode   fs.FileMode
	digest []byte // SHA-256
	sum    []byte // with the key's own hash
	hash   crypto.Hash
}

var errChanged = errors.New("the document changed after it was listed")

// measure hashes every document, once.
func (s *signing) measure() error {
	show := s.bar("Reading")
	total, read := int64(0), int64(0)
	for _, j := range s.jobs {
		for _, d := range j.documents {
			total += d.size
		}
	}
	for _, j := range s.jobs {
		h, err := s.hash(j.format)
		if err != nil {
			return err
		}
		for _, d := range j.documents {
			if err := d.measure(h); err != nil {
				return err
			}
			read += d.size
			show(read, total)
		}
	}
	return nil
}

func (d *document) measure(h crypto.Hash) error {
	file, err := os.Open(d.name)
	if err != nil {
		return cannotRead(d.name, err)
	}
	defer file.Close()
	shown := sha256.New()
	var own hash.Hash = shown
	target := io.Writer(shown)
	if h != crypto.SHA256 {
		own = h.New()
		target = io.MultiWriter(shown, own)
	}
	if d.size, err = io.Copy(target, file); err != nil {
		return cannotRead(d.name, err)
	}
	d.digest, d.sum, d.hash = shown.Sum(nil), own.Sum(nil), h
	return nil
}

// digests gives the hashes that were computed when the document was listed.
func (d *document) digests(h crypto.Hash) ([]byte, error) {
	switch h {
	case d.hash:
		return d.sum, nil
	case crypto.SHA256:
		return d.digest, nil
	}
	return nil, fmt.Errorf("%w: the document was not hashed with %v", cades.ErrLevel, h)
}

// private is a copy of the document as it was listed, for formats that read it in
// any order and more than once: nobody else can change it in between.
type private struct{ *os.File }

func (d *document) private() (private, error) {
	content, err := d.open()
	if err != nil {
		return private{}, err
	}
	defer content.Close()
	file, err := os.CreateTemp("", "cnie-*") // mode 0600
	if err != nil {
		return private{}, cannotWrite("a copy of "+d.name, err)
	}
	copied := private{file}
	if _, err := io.Copy(file, content); err != nil {
		_ = copied.Close() // the first error is the one to tell
		return private{}, err
	}
	return copied, nil
}

// Close removes the copy.
func (p private) Close() error { return errors.Join(p.File.Close(), os.Remove(p.Name())) }

// open opens the document to be read to its end, where it must be what was listed.
func (d *document) open() (io.ReadCloser, error) {
	file, err := os.Open(d.name)
	if err != nil {
		return nil, cannotRead(d.name, err)
	}
	return &rereading{file: file, hash: sha256.New(), want: d.digest}, nil
}

// rereading is a document being read again. The file is no embedded one: its
// WriteTo would go round Read.
type rereading struct {
	file *os.File
	hash hash.Hash
	want []byte
}

// Read implements io.Reader.
func (l *rereading) Read(p []byte) (int, error) {
	n, err := l.file.Read(p)
	l.hash.Write(p[:n])
	if err == io.EOF && !bytes.Equal(l.hash.Sum(nil), l.want) {
		return n, errChanged
	}
	return n, err
}

// Close implements io.Closer.
func (l *rereading) Close() error { return l.file.Close() }

// uriOf is how a JSON signature names a file beside it.
func uriOf(name string) string { return (&url.URL{Path: filepath.Base(name)}).String() }
