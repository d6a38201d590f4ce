// Package securemsg is the terminal's side of secure messaging, ISO/IEC 7816-4
// §10 in the profile of ICAO Doc 9303-11 §9.8: every command is encrypted and
// authenticated, every answer is authenticated and then decrypted.
//
// A [Session] is an [apdu.Transmitter] around another one, so a caller who reads
// files does not see the difference: it sends plain commands and gets plain
// answers. Four ciphers exist, 3DES with the retail MAC and AES with CMAC. Both
// sides count messages in a send sequence counter that is part of every MAC, so
// an answer can be neither replayed nor moved.
//
// The session trusts nothing that the MAC has not covered. The order of an
// answer's data objects is fixed, none may be missing or come twice, the status
// word outside must be the one inside, and nothing is decrypted before the MAC
// was compared (in constant time). A first failure is final: the keys are
// dropped, the error is [ErrIntegrity] and every later call gives [ErrClosed].
// That includes a bare status word, which is how a chip says that it has dropped
// its own keys (Doc 9303-11 §9.8.3), and a transport that failed half-way, since
// nobody knows the counter then.
package securemsg

import (
	"context"
	"crypto/cipher"
	"errors"
	"fmt"

	"cnie/apdu"
	"cnie/internal/kdf"
	"cnie/internal/mac"
)

// ErrIntegrity says that an answer was not what the card sent under the
// session's keys. ErrClosed says that the session is over.
var (
	ErrIntegrity = errors.New("secure messaging failed")
	ErrClosed    = errors.New("secure messaging session is closed")
)

// Session protects one conversation. It is not safe for concurrent use.
type Session struct {
	next      apdu.Transmitter
	encrypter chainMode
	decrypter chainMode
	block     cipher.Block
	mac       mac.MAC
	aes       bool
	ssc, iv   []byte
	tag       [16]byte
	scratch   []byte // MAC input of one message, reused
	maxNc     int    // longer command data is chained
	observe   func(command, response []byte)
	closed    bool
}

// chainMode is CBC whose IV can be set again: both modes of crypto/cipher are.
type chainMode interface {
	cipher.BlockMode
	SetIV([]byte)
}

// New starts a session over t. The keys have the cipher's length. ssc is the
// start value of the counter, one block long; nil stands for zero, which is the
// value after everything but BAC (Doc 9303-11 §9.8.6.3, §9.8.7.3). The keys can
// be wiped once New has returned.
func New(t apdu.Transmitter, c kdf.Cipher, ksEnc, ksMac, ssc []byte) (*Session, error) {
	block, err := c.NewCipher(ksEnc)
	if err != nil {
		return nil, fmt.Errorf("set up encryption: %w", err)
	}
	s := &Session{next: t, block: block, aes: c != kdf.TDES, maxNc: apdu.MaxExtendedNc / 2}
	s.ssc, s.iv = make([]byte, block.BlockSize()), make([]byte, block.BlockSize())
	if ssc != nil && copy(s.ssc, ssc) != len(s.ssc) || len(ssc) > len(s.ssc) {
		return nil, errors.New("send sequence counter is not one block long")
	}
	if s.mac, err = newMAC(c, ksMac); err != nil {
		return nil, fmt.Errorf("set up authentication: %w", err)
	}
	var okE, okD bool
	s.encrypter, okE = cipher.NewCBCEncrypter(block, s.iv).(chainMode)
	s.decrypter, okD = cipher.NewCBCDecrypter(block, s.iv).(chainMode)
	if !okE || !okD {
		return nil, errors.New("CBC of this Go release cannot be reused")
	}
	if x, ok := t.(interface{ ExtendedLength() bool }); !ok || !x.ExtendedLength() {
		s.maxNc = s.MaxNe(apdu.MaxShortNe)
	}
	return s, nil
}

func newMAC(c kdf.Cipher, key []byte) (mac.MAC, error) {
	if c == kdf.TDES {
		return mac.NewRetail(key)
	}
	block, err := c.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return mac.NewCMAC(block), nil
}

// Observe makes f see the bytes of every protected command and response that
// follows; nil ends that. It serves transcripts of Chip Authentication.
func (s *Session) Observe(f func(protectedCommand, protectedResponse []byte)) { s.observe = f }

// Close drops the keys. It can be called twice.
func (s *Session) Close() {
	clear(s.ssc)
	clear(s.iv)
	clear(s.scratch[:cap(s.scratch)])
	clear(s.tag[:])
	s.block, s.encrypter, s.decrypter, s.mac = nil, nil, nil, nil
	s.closed = true
}

// MaxNe is the longest data field whose protected answer fits in responseLimit
// bytes: 223 for AES and 231 for 3DES in the 256 bytes of a short response.
func (s *Session) MaxNe(responseLimit int) int {
	for ne := responseLimit; ne > 0; ne-- {
		if s.protectedSize(ne) <= responseLimit {
			return ne
		}
	}
	return 0
}

// protectedSize counts DO'87', DO'99' (4 bytes) and DO'8E' (10 bytes) of an
// answer with n bytes of data.
func (s *Session) protectedSize(n int) int {
	value := 1 + n + len(s.ssc) - n%len(s.ssc)
	switch {
	case value < 0x80:
		return 2 + value + 14
	case value < 0x100:
		return 3 + value + 14
	}
	return 4 + value + 14
}

// Transmit protects the command, sends it and returns the plain answer. Data
// that is too long for one short command is sent as a chain, each link protected
// by itself. An error ends the session, unless the command could not be built.
func (s *Session) Transmit(ctx context.Context, c apdu.Command) (apdu.Response, error) {
	for len(c.Data) > s.maxNc {
		link := c
		link.CLA, link.Data, link.Ne = c.CLA|apdu.CLAChaining, c.Data[:s.maxNc], 0
		c.Data = c.Data[s.maxNc:]
		if r, err := s.exchange(ctx, link); err != nil || !r.SW.OK() {
			return r, err
		}
	}
	return s.exchange(ctx, c)
}

func (s *Session) exchange(ctx context.Context, c apdu.Command) (apdu.Response, error) {
	if s.closed {
		return apdu.Response{}, ErrClosed
	}
	if c.Ne < 0 || c.Ne > apdu.MaxExtendedNe {
		return apdu.Response{}, fmt.Errorf("protect command: Ne %d: %w", c.Ne, apdu.ErrMalformed)
	}
	protected := s.wrap(c)
	report := s.reporter(protected)
	answer, err := s.next.Transmit(ctx, protected)
	if err != nil {
		s.Close()
		return apdu.Response{}, err
	}
	report(answer)
	plain, err := s.unwrap(c.INS, answer)
	if err != nil {
		s.Close()
		return apdu.Response{}, err
	}
	return plain, nil
}

// reporter keeps a copy of the protected command, whose bytes the session
// reuses, until the answer is there.
func (s *Session) reporter(protected apdu.Command) func(apdu.Response) {
	observe := s.observe
	if observe == nil {
		return func(apdu.Response) {}
	}
	command, err := protected.Encode()
	if err != nil {
		return func(apdu.Response) {} // the transmitter below will refuse it
	}
	return func(r apdu.Response) { observe(command, r.Encode()) }
}
