package esign

import (
	"context"
	"crypto"
	"fmt"
	"io"
	"slices"
	"sync"

	"cnie/internal/secret"
)

// Session is one key and one PIN for a batch that a person has agreed to. It is a
// crypto.Signer for so many signatures and no more.
//
// The PIN is asked for with the first signature that wants one. Any error ends
// the session and wipes the PIN; so do Close and the last signature.
type Session struct {
	ctx    context.Context
	key    *Key
	reason string

	mu    sync.Mutex
	total int
	left  int // may still be begun
	going int // begun and not yet made
	ended bool
	vault *vault
}

var _ crypto.Signer = (*Session)(nil)

// Session begins a batch: how many signatures the person agrees to, and to what,
// in words that are shown where the PIN is asked for. The context is that of all
// its signatures. Close it.
func (k *Key) Session(ctx context.Context, signatures int, reason string) *Session {
	return &Session{ctx: ctx, key: k, reason: reason, left: signatures, total: signatures}
}

// Public implements crypto.Signer.
func (s *Session) Public() crypto.PublicKey { return s.key.Public() }

// Left is how many signatures may still be made.
func (s *Session) Left() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.left
}

// Sign implements crypto.Signer. It fails with ErrClosed when the batch is over.
func (s *Session) Sign(_ io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	if err := s.begin(); err != nil {
		return nil, err
	}
	o := Options{Ask: s.ask, UseLastTry: s.key.token.options.UseLastTry}
	signature, err := s.key.sign(s.ctx, digest, opts, o, Ask{Key: s.key.description, Signatures: s.total, Reason: s.reason})
	if s.made() || err != nil {
		_ = s.Close() // what there is to say is in err
	}
	return signature, err
}

// begin counts a signature before it is made.
func (s *Session) begin() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.left <= 0 {
		return fmt.Errorf("sign in a session: %w", ErrClosed)
	}
	s.left--
	s.going++
	return nil
}

// made tells whether that was the last one.
func (s *Session) made() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.going--
	return s.left == 0 && s.going == 0
}

// Close wipes the PIN. Closing twice is no error.
func (s *Session) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.left, s.ended = 0, true
	if s.vault == nil {
		return nil
	}
	v := s.vault
	s.vault = nil
	return v.close()
}

// ask gives a copy of the PIN that is kept, or asks for one to keep.
func (s *Session) ask(ctx context.Context, ask Ask) (secret.Bytes, error) {
	if pin, err := s.kept(); pin.Reveal() != nil || err != nil {
		return pin, err
	}
	if s.key.token.options.Ask == nil {
		return secret.Bytes{}, ErrPINNeeded
	}
	pin, err := s.key.token.options.Ask(ctx, ask)
	if err != nil || ask.Pad {
		return pin, err
	}
	return pin, s.keep(pin.Reveal())
}

func (s *Session) kept() (secret.Bytes, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.ended: // while this signature waited for its turn
		return secret.Bytes{}, ErrClosed
	case s.vault == nil:
		return secret.Bytes{}, nil
	}
	return secret.New(slices.Clone(s.vault.bytes())), nil
}

// keep stores the PIN if there is more than one signature to make.
func (s *Session) keep(pin []byte) (err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.ended:
		return ErrClosed
	case s.total > 1:
		s.vault, err = newVault(pin)
	}
	return err
}
