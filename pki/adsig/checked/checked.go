// Package checked remembers which signatures were verified, so that a file in
// which many things stand on the same few certificates costs each of their
// signatures once.
//
// What is remembered are whole objects, signature included, under whole
// certificates: two that differ in a single bit are different questions. Nothing
// outlives the validation that it was found in.
package checked

import "cnie/pki/cert"

// Signatures remembers what was found of signatures. Nil remembers nothing. It is
// for one goroutine at a time.
type Signatures struct {
	known map[question]error
}

// question is an object and the certificate under whose key it was verified, as
// they are encoded.
type question struct{ object, signer string }

// By is what a check finds, made only if it was not made before for the same
// object under the same certificate.
func (s *Signatures) By(object []byte, signer *cert.Certificate, check func() error) error {
	if s == nil || len(object) == 0 || len(signer.Raw) == 0 {
		return check()
	}
	q := question{string(object), string(signer.Raw)}
	err, asked := s.known[q]
	if asked {
		return err
	}
	if s.known == nil {
		s.known = map[question]error{}
	}
	err = check()
	s.known[q] = err
	return err
}
