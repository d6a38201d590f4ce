package cms

import (
	"bufio"
	"bytes"
	"crypto"
	"fmt"
	"io"

	"cnie/pki/cert"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// maxHeader bounds what stands before the content of a message.
const maxHeader = 64 << 10

// Detach reads a message from front to back without keeping its content, which
// may be of any length, and returns the message as if its content had been
// elsewhere, for Parse and VerifyDigest. Tap is called once, before the
// content, with the hashes that the message announces, and returns where the
// content goes; it is not called when there is none. Errors wrap ErrMalformed,
// or are those of the reader and the tap.
func Detach(r io.Reader, tap func(announced []crypto.Hash) io.Writer) (message []byte, attached bool, err error) {
	d := detacher{in: bufio.NewReaderSize(r, 1<<18)}
	out := openMessage()
	if err := d.enterMessage(); err != nil {
		return nil, false, fmt.Errorf("read message: %w", err)
	}
	digests, err := d.copyRaw(&out, 2) // the version and the digest algorithms
	if err != nil {
		return nil, false, fmt.Errorf("read message: %w", err)
	}
	attached, err = d.content(&out, func() io.Writer { return tap(announced(digests)) })
	if err != nil {
		return nil, false, fmt.Errorf("read content: %w", err)
	}
	rest, err := d.rest()
	if err != nil {
		return nil, false, fmt.Errorf("read signers: %w", err)
	}
	out = append(out, rest...)
	return append(out, 0, 0, 0, 0, 0, 0), attached, nil
}

// announced lists the hashes at the front that are known here. Others can be
// no signer's that could be verified.
func announced(set []byte) []crypto.Hash {
	der, _, err := normalise(set)
	in, body := cryptobyte.String(der), cryptobyte.String(nil)
	if err != nil || !in.ReadASN1(&body, cbasn1.SET) {
		return nil
	}
	var hashes []crypto.Hash
	for len(hashes) < maxDigests {
		var raw cryptobyte.String
		if !body.ReadASN1Element(&raw, cbasn1.SEQUENCE) {
			break
		}
		if h, err := cert.ParseHash(raw); err == nil {
			hashes = append(hashes, h)
		}
	}
	return hashes
}

// A frame is an element whose content is being read: up to an offset, or up to
// an end marker.
type frame struct {
	end        int64
	indefinite bool
}

// detacher walks a message, knowing how far it has come.
type detacher struct {
	in     *bufio.Reader
	offset int64
	outer  []frame // ContentInfo, its tag, SignedData
}

// enterMessage reads up to the version of SignedData.
func (d *detacher) enterMessage() error {
	for _, tag := range []cbasn1.Tag{cbasn1.SEQUENCE, tagExplicit0, cbasn1.SEQUENCE} {
		f, err := d.enter(byte(tag))
		if err != nil {
			return err
		}
		d.outer = append(d.outer, f)
		if len(d.outer) == 1 {
			oid, err := d.raw(0)
			if err != nil {
				return err
			}
			if oid[0] != byte(cbasn1.OBJECT_IDENTIFIER) || string(oid[2:]) != oidSignedData {
				return malformed("not signed data")
			}
		}
	}
	return nil
}

// content hands the content on and appends EncapsulatedContentInfo without it.
func (d *detacher) content(out *[]byte, tap func() io.Writer) (attached bool, err error) {
	encapsulated, err := d.enter(byte(cbasn1.SEQUENCE))
	if err != nil {
		return false, err
	}
	kind, err := d.raw(0)
	if err != nil {
		return false, err
	}
	*out = append(appendHeader(*out, []byte{byte(cbasn1.SEQUENCE)}, len(kind)), kind...)
	if done, err := d.leave(encapsulated); done || err != nil {
		return false, err
	}
	wrapper, err := d.enter(byte(tagExplicit0))
	if err != nil {
		return false, err
	}
	if err := d.octets(tap(), 0); err != nil {
		return false, err
	}
	for _, f := range []frame{wrapper, encapsulated} {
		if done, err := d.leave(f); err != nil || !done {
			return false, cmpError(err, malformed("content of more than one string"))
		}
	}
	return true, nil
}

func cmpError(err, otherwise error) error {
	if err != nil {
		return err
	}
	return otherwise
}

// rest reads everything up to the end of the input and takes off the end
// markers of the frames around it, outermost first.
func (d *detacher) rest() ([]byte, error) {
	start := d.offset
	body, err := io.ReadAll(io.LimitReader(d.in, MaxBER+1))
	if err != nil {
		return nil, err
	}
	if len(body) > MaxBER {
		return nil, malformed("too much behind the content")
	}
	for _, f := range d.outer {
		switch {
		case f.indefinite && bytes.HasSuffix(body, endMarker):
			body = body[:len(body)-2]
		case f.indefinite || f.end != start+int64(len(body)):
			return nil, malformed("message does not end where it says")
		}
	}
	return body, nil
}
