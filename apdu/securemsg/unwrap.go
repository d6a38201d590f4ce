package securemsg

import (
	"crypto/subtle"
	"fmt"

	"cnie/apdu"
	"cnie/apdu/tlv"
)

// objects are the parts of a protected answer. covered is how many of its bytes
// the checksum is computed over.
type objects struct {
	cryptogram []byte
	status     apdu.Status
	checksum   []byte
	covered    int
}

// unwrap checks an answer and returns what it protects. Every failure is an
// ErrIntegrity; nothing of the answer's content is in the error.
func (s *Session) unwrap(ins byte, r apdu.Response) (apdu.Response, error) {
	s.advance()
	if len(r.Data) == 0 {
		return apdu.Response{}, bareStatus(ins, r)
	}
	o, err := parse(ins, r.Data)
	if err != nil {
		return apdu.Response{}, err
	}
	s.scratch = append(append(s.scratch[:0], s.ssc...), r.Data[:o.covered]...)
	if subtle.ConstantTimeCompare(s.checksum(s.scratch), o.checksum) != 1 {
		return apdu.Response{}, refuse("checksum is wrong")
	}
	if o.status != r.SW {
		return apdu.Response{}, refuse("status word was changed")
	}
	data, err := s.decrypt(o.cryptogram)
	return apdu.Response{Data: data, SW: o.status}, err
}

// bareStatus is the answer of a chip that has left secure messaging.
func bareStatus(ins byte, r apdu.Response) error {
	if err := r.Err(ins); err != nil {
		return fmt.Errorf("%w: answer without protection: %w", ErrIntegrity, err)
	}
	return refuse("answer without protection")
}

// parse takes an answer apart: [cryptogram] status checksum, in this order, each
// once, nothing else. Doc 9303-11 §9.8.4.
func parse(ins byte, b []byte) (objects, error) {
	var o objects
	rest := b
	e, rest, err := tlv.Read(rest)
	if err == nil && (e.Tag == tagCryptogram || e.Tag == tagPlainBERTLV) {
		if o.cryptogram, err = cryptogram(ins, e); err != nil {
			return objects{}, err
		}
		e, rest, err = tlv.Read(rest)
	}
	if err != nil || e.Tag != tagStatus || len(e.Value) != 2 {
		return objects{}, refuse("status object is missing or malformed")
	}
	o.status = apdu.Status(e.Value[0])<<8 | apdu.Status(e.Value[1])
	o.covered = len(b) - len(rest)
	e, rest, err = tlv.ReadDER(rest) // the only object that the checksum does not cover
	if err != nil || e.Tag != tagChecksum || len(e.Value) != checksumSize {
		return objects{}, refuse("checksum object is missing or malformed")
	}
	if len(rest) > 0 {
		return objects{}, refuse("bytes after the checksum")
	}
	o.checksum = e.Value
	return o, nil
}

// cryptogram returns the encrypted bytes of DO'87' or DO'85', whichever the
// instruction calls for.
func cryptogram(ins byte, e tlv.Element) ([]byte, error) {
	odd := ins&1 == 1
	if odd != (e.Tag == tagPlainBERTLV) {
		return nil, refuse("cryptogram has the wrong tag")
	}
	value := e.Value
	if !odd {
		if len(value) == 0 || value[0] != paddingIndicator {
			return nil, refuse("padding indicator is not 01")
		}
		value = value[1:]
	}
	if len(value) == 0 {
		return nil, refuse("cryptogram is empty")
	}
	return value, nil
}

// decrypt returns the plain data of an authenticated cryptogram, nil if there is
// none.
func (s *Session) decrypt(cryptogram []byte) ([]byte, error) {
	if len(cryptogram) == 0 {
		return nil, nil
	}
	if len(cryptogram)%len(s.ssc) != 0 {
		return nil, refuse("cryptogram is not made of whole blocks")
	}
	plain := make([]byte, len(cryptogram))
	s.decrypter.SetIV(s.vector())
	s.decrypter.CryptBlocks(plain, cryptogram)
	end := len(plain) - 1
	for end > len(plain)-len(s.ssc) && plain[end] == 0 {
		end--
	}
	if plain[end] != 0x80 {
		return nil, refuse("padding is malformed")
	}
	return plain[:end:end], nil
}

func refuse(reason string) error { return fmt.Errorf("%w: %s", ErrIntegrity, reason) }
