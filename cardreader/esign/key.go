package esign

import (
	"context"
	"crypto"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"slices"

	"cnie/internal/secret"
)

// Key is a private key on a card. It is safe for concurrent use.
type Key struct {
	token       *Token
	description Description
	algorithm   string
}

var _ crypto.Signer = (*Key)(nil)

// Public is the certificate's key or, without a certificate, what the card says.
func (k *Key) Public() crypto.PublicKey { return k.description.Public }

// Certificate is the holder's, nil when the card has none.
func (k *Key) Certificate() *x509.Certificate { return k.description.Certificate }

// Chain is the certificate and the issuers above it that the card has, each of
// which signed the one before; nil without a certificate. It is not validated.
func (k *Key) Chain() []*x509.Certificate {
	if k.description.Certificate == nil {
		return nil
	}
	chain := []*x509.Certificate{k.description.Certificate}
	for len(chain) <= len(k.description.Issuers) {
		last := chain[len(chain)-1]
		at := slices.IndexFunc(k.description.Issuers, func(c *x509.Certificate) bool {
			return !slices.ContainsFunc(chain, c.Equal) && last.CheckSignatureFrom(c) == nil
		})
		if at < 0 {
			break
		}
		chain = append(chain, k.description.Issuers[at])
	}
	return chain
}

// Description is what the card says about the key.
func (k *Key) Description() Description { return k.description }

// Algorithm is RSA-2048, P-256 and the like.
func (k *Key) Algorithm() string { return k.algorithm }

// Sign implements crypto.Signer for SHA-256, SHA-384 and SHA-512, with
// *rsa.PSSOptions for PSS. The card has its own source of random numbers.
func (k *Key) Sign(_ io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	return k.SignContext(context.Background(), digest, opts)
}

// SignContext is Sign with a context, which also ends the wait for a PIN.
func (k *Key) SignContext(ctx context.Context, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	return k.sign(ctx, digest, opts, k.token.options, Ask{Key: k.description, Signatures: 1})
}

func (k *Key) sign(ctx context.Context, digest []byte, opts crypto.SignerOpts, o Options, ask Ask) ([]byte, error) {
	if err := acceptable(k.description.Public, digest, opts); err != nil {
		return nil, err
	}
	digest = slices.Clone(digest) // the card may still be at it when the caller has left
	signature, err := inTurn(ctx, k.token, func() ([]byte, error) {
		return k.use(ctx, digest, opts, o, ask)
	})
	if err != nil {
		return nil, fmt.Errorf("sign with key %s: %w", k.description.Slot, err)
	}
	return signature, nil
}

// use has the card sign, and believes nothing.
func (k *Key) use(ctx context.Context, digest []byte, opts crypto.SignerOpts, o Options, ask Ask) ([]byte, error) {
	state, err := k.token.device.PIN(ctx, k.description)
	if err != nil {
		return nil, err
	}
	signature, err := k.unlocked(ctx, state, digest, opts, o, ask)
	if errors.Is(err, ErrPINNeeded) && !state.Wanted { // the key's policy shows in its use
		if state, err = k.token.device.PIN(ctx, k.description); err == nil {
			state.Wanted = true
			signature, err = k.unlocked(ctx, state, digest, opts, o, ask)
		}
	}
	if err != nil {
		return nil, err
	}
	return signature, verify(k.description.Public, digest, opts, signature)
}

// unlocked asks for the PIN if it is wanted, and signs.
func (k *Key) unlocked(ctx context.Context, state PINState, digest []byte, opts crypto.SignerOpts, o Options, ask Ask) ([]byte, error) {
	var pin secret.Bytes
	if state.Wanted {
		var err error
		if pin, err = obtain(ctx, o, state, ask); err != nil {
			return nil, err
		}
		defer pin.Wipe()
	}
	given := pin.Reveal()
	if state.Wanted && given == nil {
		given = []byte{} // typed on the reader
	}
	return k.token.device.Sign(ctx, k.description, given, digest, opts)
}
