package main

import (
	"bytes"
	"crypto"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"

	"cnie/pki"
	"cnie/pki/adsig"
	"cnie/pki/adsig/asic"
	"cnie/pki/adsig/cades"
	"cnie/pki/adsig/jades"
	"cnie/pki/adsig/pades"
)

// inspected is what was found in one file.
type inspected struct {
	format     string
	content    string // the file that it lies beside, empty when it holds what is signed
	signatures []inspectedSignature
	stamps     []pades.Timestamp // over a whole document
	digests    cades.Digests     // of content inside; nil: none, or not known
}

// inspectedSignature is one signature with what its format adds.
type inspectedSignature struct {
	adsig.Report
	files []string      // in a container
	place *pades.Report // in a PDF
}

// inspectFile judges every signature in a file. Content is the file beside which a
// signature lies; "" is the one that its name tells.
func inspectFile(name, content string, policy adsig.Policy) (*inspected, error) {
	kind, err := kindOf(name)
	if err != nil {
		return nil, err
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, cannotRead(name, err)
	}
	defer file.Close()
	about, err := file.Stat()
	if err != nil {
		return nil, cannotRead(name, err)
	}
	in := &inspected{}
	switch kind {
	case kindPDF:
		err = in.pdf(file, about.Size(), policy)
	case kindContainer:
		err = in.container(file, about.Size(), policy)
	case kindJSON:
		err = in.json(name, content, policy)
	case kindCMS, kindPEM:
		err = in.message(name, file, kind == kindPEM, content, policy)
	default:
		return nil, &failure{code: exitMalformed, sentence: name + " is no signature that this program knows; give a signed PDF, .p7s, .p7m, .asice or .jws file"}
	}
	return in, inspectFailure(name, err)
}

func (in *inspected) pdf(file io.ReaderAt, size int64, policy adsig.Policy) error {
	in.format = "PAdES"
	d, err := pades.Validate(file, size, policy)
	for _, r := range d.Signatures {
		in.signatures = append(in.signatures, inspectedSignature{Report: r.Report, place: &r})
	}
	in.stamps = d.Timestamps
	if err == nil && len(d.Signatures)+len(d.Timestamps) == 0 {
		err = pades.ErrUnsigned
	}
	return err
}

func (in *inspected) container(file io.ReaderAt, size int64, policy adsig.Policy) error {
	in.format = "ASiC-E with CAdES"
	reports, err := asic.Validate(file, size, policy)
	for _, r := range reports {
		in.signatures = append(in.signatures, inspectedSignature{Report: r.Report, files: r.Files})
	}
	return err
}

// json judges a JSON signature. Files that it names are looked for in its own
// folder, or it is content that they are held against.
func (in *inspected) json(name, content string, policy adsig.Policy) error {
	in.format = "JAdES"
	text, err := readSome(name, jades.MaxSize)
	if err != nil {
		return err
	}
	open := jades.Content(func(uri string) (io.ReadCloser, error) {
		plain, err := url.PathUnescape(uri)
		if err != nil {
			return nil, fs.ErrNotExist
		}
		return inFolder(filepath.Dir(name))(plain)
	})
	parsed, parseErr := jades.Parse(text)
	switch {
	case content == "" && parseErr == nil && !parsed.Attached && len(parsed.Objects) == 0:
		content = besides(name)
	case content == "" && parseErr == nil && len(parsed.Objects) == 1:
		in.content = parsed.Objects[0].Name
	}
	if content != "" && !(parseErr == nil && parsed.Attached) {
		in.content = content
		open = func(string) (io.ReadCloser, error) { return os.Open(content) }
	}
	r, err := jades.Validate(text, open, policy)
	if errors.Is(err, fs.ErrNotExist) && in.content != content {
		r, err = jades.Validate(text, nil, policy) // what it names is not here
	}
	if parseErr == nil && parsed.Attached {
		in.digests = cades.DigestsOf(parsed.Payload)
	}
	in.signatures = []inspectedSignature{{Report: r}}
	return err
}

// message judges a CMS message of any length.
func (in *inspected) message(name string, file io.Reader, isPEM bool, content string, policy adsig.Policy) error {
	in.format = "CAdES"
	if isPEM {
		text, err := readSome(name, maxRootFile)
		if err != nil {
			return err
		}
		if block, _ := pem.Decode(text); block != nil {
			file = bytes.NewReader(block.Bytes)
		}
	}
	var beside io.Reader
	if content == "" {
		content = besides(name)
	}
	if content != "" {
		opened, err := os.Open(content)
		if err != nil {
			return cannotRead(content, err)
		}
		defer opened.Close()
		beside = opened
	}
	input, attached, err := openMessage(file, beside)
	if err != nil {
		return err
	}
	if attached {
		in.digests = input.Digests
	} else {
		in.content = content
	}
	reports, err := adsig.Validate(input, policy)
	for _, r := range reports {
		in.signatures = append(in.signatures, inspectedSignature{Report: r})
	}
	return err
}

// hold compares a file with the content that a signature has inside: that is what was
// signed, whatever file somebody says it is over.
func (in *inspected) hold(name string) error {
	if in.digests == nil {
		return nil
	}
	sum, err := fileDigests(name)(crypto.SHA256)
	if err != nil {
		return err
	}
	own, err := in.digests(crypto.SHA256)
	if err != nil {
		return err
	}
	if bytes.Equal(sum, own) {
		in.content = name
		return nil
	}
	for _, s := range in.signatures {
		for i := range s.Checks {
			if c := &s.Checks[i]; c.ID == adsig.CheckDigest {
				c.Outcome, c.Sub, c.Reason = pki.Failed, adsig.HashFailure, "the signature is over content of its own, and "+filepath.Base(name)+" is another"
			}
		}
	}
	return nil
}

// fileDigests hashes a file.
func fileDigests(name string) cades.Digests {
	return func(h crypto.Hash) ([]byte, error) {
		file, err := os.Open(name)
		if err != nil {
			return nil, cannotRead(name, err)
		}
		defer file.Close()
		sum := h.New()
		if _, err := io.Copy(sum, file); err != nil {
			return nil, cannotRead(name, err)
		}
		return sum.Sum(nil), nil
	}
}

// openMessage reads a message, and content beside it unless it has its own.
func openMessage(message, beside io.Reader) (in adsig.Input, attached bool, err error) {
	used := &counted{Reader: beside}
	var content io.Reader
	if beside != nil {
		content = used
	}
	in, err = adsig.Open(message, content)
	return in, in.Digests != nil && !used.read, err
}

// counted knows whether it was read.
type counted struct {
	io.Reader
	read bool
}

// Read implements io.Reader.
func (c *counted) Read(p []byte) (int, error) {
	c.read = true
	return c.Reader.Read(p)
}

// holds reports whether a signature is right, of whomever.
func (s inspectedSignature) holds() bool {
	for _, id := range []adsig.CheckID{adsig.CheckFormat, adsig.CheckDigest, adsig.CheckValue, asic.CheckFiles, pades.CheckRange, pades.CheckRevision} {
		if c, found := s.Find(id); found && c.Outcome == pki.Failed {
			return false
		}
	}
	_, made := s.Find(adsig.CheckValue)
	return made
}

// levelNow is the level that a signature has as far as can be told: with roots by
// what was validated, without by whether there is a timestamp.
func (s inspectedSignature) levelNow() cades.Level {
	level := cades.BB
	for _, stamp := range s.Stamps {
		if c, found := stamp.Find(adsig.CheckValue); found && c.Outcome == pki.Passed && stamp.Kind != adsig.ContentStamp {
			level = cades.BT
		}
	}
	return max(level, s.Level)
}

// inspectFailures are what a person can do about files.
var inspectFailures = []struct {
	err    error
	advice string
}{
	{asic.ErrUnsupported, "this program judges ASiC-E containers with CAdES signatures"},
	{pades.ErrUnsigned, "nothing in it is signed"},
}

func inspectFailure(name string, err error) error {
	var f *failure
	var path *fs.PathError
	switch {
	case err == nil || errors.As(err, &f) || errors.Is(err, adsig.ErrPolicy):
		return err
	case errors.As(err, &path):
		return cannotRead(path.Path, err)
	}
	for _, known := range inspectFailures {
		if errors.Is(err, known.err) {
			return &failure{code: exitMalformed, sentence: fmt.Sprintf("%s: %s; %s", name, oneLine(err), known.advice), cause: err}
		}
	}
	return &failure{code: exitMalformed, sentence: fmt.Sprintf("%s: %s", name, oneLine(err)), cause: err}
}
