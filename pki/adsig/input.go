package adsig

import (
	"crypto"
	"fmt"
	"io"
	"slices"

	"cnie/pki/adsig/cades"
	"cnie/pki/adsig/tsp"
	"cnie/pki/cms"
)

// Profile is the format whose rules a signature has to keep.
type Profile uint8

// The profiles.
const (
	CAdES Profile = iota // EN 319 122-1: claims its signing time in a signed attribute
	PAdES                // EN 319 142-1: must not, the file does
)

// Input is a message with signatures, and all that came with it.
type Input struct {
	Message []byte // DER or BER, with its content or without
	Profile Profile
	// Digests gives the digest of content that is not in the message, which then has
	// none of its own; nil: it is not at hand, or in the message.
	Digests cades.Digests
	// What stands beside the message, as in a PDF's security store.
	Certificates, Lists, Responses [][]byte
	Stamps                         []Stamp
	// Memory is shared by validations of one file, one after the other; nil: this
	// one has its own.
	Memory *Memory
}

// Stamp is a timestamp beside the message that covers it whole, such as a PDF's
// document timestamp.
type Stamp struct {
	Token   []byte
	Digests cades.Digests // of what the token is over
	Covers  [][]byte      // besides the message: certificates, lists, responses, earlier tokens
}

// Open reads a signature of any length once: a message with its content, or one
// without and then its content, nil when that is not at hand. Errors are those
// of the readers; a message that cannot be read is an Input like any other, and
// its report will say so.
func Open(message, content io.Reader) (Input, error) {
	var in Input
	sums := &cades.Sums{Also: []crypto.Hash{crypto.SHA256}}
	front := &failing{Reader: message}
	detached, attached, err := cms.Detach(front, sums.Tap)
	if front.err != nil {
		return in, fmt.Errorf("read signature: %w", front.err)
	}
	if err != nil {
		return in, nil // nothing that could be read: the report will say so
	}
	in.Message = detached
	if attached || content == nil {
		if attached {
			in.Digests = sums.Digest
		}
		return in, nil
	}
	if _, err := io.Copy(sums.Tap(hashesOf(detached)), content); err != nil {
		return in, fmt.Errorf("read content: %w", err)
	}
	in.Digests = sums.Digest
	return in, nil
}

// failing remembers an error of the reader other than its end, to tell a broken
// disk from a broken message.
type failing struct {
	io.Reader
	err error
}

func (f *failing) Read(p []byte) (int, error) {
	n, err := f.Reader.Read(p)
	if err != nil && err != io.EOF {
		f.err = err
	}
	return n, err
}

// hashesOf lists what the signers of a message, and the timestamps over its
// content, hash with.
func hashesOf(message []byte) (all []crypto.Hash) {
	sd, err := cms.Parse(message)
	if err != nil {
		return nil
	}
	for i := range sd.Signers {
		if h, err := sd.DigestAlgorithm(i); err == nil {
			all = append(all, h)
		}
		p, err := cades.Read(sd, i)
		if err != nil {
			continue
		}
		for _, raw := range slices.Concat(p.ContentStamps, p.ArchiveStamps) {
			if token, err := tsp.Parse(raw); err == nil {
				all = append(all, token.Hash)
			}
		}
	}
	return all
}
