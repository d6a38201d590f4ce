package cms

import (
	"errors"
	"io"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// piece is how much content goes into one piece of a streamed message.
const piece = 64 << 10

// endMarker closes an element of indefinite length (X.690 §8.1.5).
var endMarker = []byte{0, 0}

// Stream writes the message around content that is not in memory, in BER, as
// it is read: lengths are indefinite and the content comes in pieces. Finish is
// called between the content and what follows it, and completes the parts. By
// then the hashes, the type of content and the version stand in the header.
func (p *Parts) Stream(w io.Writer, content io.Reader, finish func(*Parts) error) error {
	header, err := p.streamHeader()
	if err != nil {
		return err
	}
	if _, err := w.Write(header); err != nil {
		return err
	}
	if err := writePieces(w, content); err != nil {
		return err
	}
	if err := finish(p); err != nil {
		return err
	}
	trailer, err := p.streamTrailer()
	if err != nil {
		return err
	}
	_, err = w.Write(trailer)
	return err
}

// writePieces copies content as the pieces of an octet string.
func writePieces(w io.Writer, content io.Reader) error {
	buffer := make([]byte, 5+piece)
	for {
		n, err := io.ReadFull(content, buffer[5:])
		if n > 0 {
			header := appendHeader(nil, []byte{tagOctets}, n)
			start := 5 - len(header)
			copy(buffer[start:], header)
			if _, err := w.Write(buffer[start : 5+n]); err != nil {
				return err
			}
		}
		switch {
		case err == io.EOF || errors.Is(err, io.ErrUnexpectedEOF):
			return nil
		case err != nil:
			return err
		}
	}
}

func (p *Parts) streamHeader() ([]byte, error) {
	b := cryptobyte.NewBuilder(openMessage())
	b.AddASN1Int64(p.version())
	addJoined(b, cbasn1.SET, p.Digests)
	b.AddBytes([]byte{byte(cbasn1.SEQUENCE), 0x80})
	b.AddASN1ObjectIdentifier(p.ContentType)
	b.AddBytes([]byte{byte(tagExplicit0), 0x80, tagConstructedOctets, 0x80})
	return b.Bytes()
}

// openMessage begins ContentInfo and SignedData with indefinite lengths.
func openMessage() []byte {
	out := []byte{byte(cbasn1.SEQUENCE), 0x80, byte(cbasn1.OBJECT_IDENTIFIER), byte(len(oidSignedData))}
	return append(append(out, oidSignedData...), byte(tagExplicit0), 0x80, byte(cbasn1.SEQUENCE), 0x80)
}

func (p *Parts) streamTrailer() ([]byte, error) {
	var b cryptobyte.Builder
	for range 3 { // the octet string, its tag, EncapsulatedContentInfo
		b.AddBytes(endMarker)
	}
	p.addTrailer(&b)
	for range 3 { // SignedData, its tag, ContentInfo
		b.AddBytes(endMarker)
	}
	return b.Bytes()
}
