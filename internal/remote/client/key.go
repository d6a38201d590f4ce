package client

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"slices"
)

// What can be wrong with a key or a signature.
var (
	ErrUnusable    = errors.New("the service's key cannot be used")
	ErrUnsupported = errors.New("the service's key does not make such signatures")
	ErrSignature   = errors.New("the service's signature does not verify with its certificate")
)

// Key is a signing key at a service. It is safe for concurrent use.
type Key struct {
	client      *Client
	name        string
	told        credential
	chain       []*x509.Certificate
	description string
}

var _ crypto.Signer = (*Key)(nil)

// maxChain bounds how many certificates a service may send.
const maxChain = 10

func certificates(texts []string) ([]*x509.Certificate, error) {
	if len(texts) == 0 || len(texts) > maxChain {
		return nil, fmt.Errorf("credentials/info has %d certificates: %w", len(texts), ErrProtocol)
	}
	var chain []*x509.Certificate
	for _, text := range texts {
		der, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			return nil, fmt.Errorf("credentials/info: %w", ErrProtocol)
		}
		c, err := x509.ParseCertificate(der)
		if err != nil {
			return nil, fmt.Errorf("credentials/info: %w: %w", ErrProtocol, err)
		}
		chain = append(chain, c)
	}
	return chain, nil
}

// For is the same key, used for something that is described to the holder: the
// document's name, and what it is for.
func (k *Key) For(description string) *Key {
	copied := *k
	copied.description = description
	return &copied
}

// Public is the certificate's key.
func (k *Key) Public() crypto.PublicKey { return k.chain[0].PublicKey }

// Algorithm is RSA-2048, P-256 and the like.
func (k *Key) Algorithm() string {
	switch key := k.Public().(type) {
	case *rsa.PublicKey:
		return fmt.Sprintf("RSA-%d", key.N.BitLen())
	case *ecdsa.PublicKey:
		return key.Params().Name
	}
	return "unknown"
}

// Certificate is the holder's.
func (k *Key) Certificate() *x509.Certificate { return k.chain[0] }

// Chain is the certificate and what the service sent with it. It is not validated.
func (k *Key) Chain() []*x509.Certificate { return slices.Clone(k.chain) }

// Together is how many signatures one permission of the holder's covers, at most.
func (k *Key) Together() int { return max(k.told.Multisign, 1) }

// Sign implements crypto.Signer for SHA-256, SHA-384 and SHA-512, with
// *rsa.PSSOptions for PSS.
func (k *Key) Sign(_ io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	return k.SignContext(context.Background(), digest, opts)
}

// SignContext is Sign with a context, which also ends the wait for the holder.
func (k *Key) SignContext(ctx context.Context, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	signatures, err := k.SignAll(ctx, [][]byte{digest}, opts)
	if err != nil {
		return nil, err
	}
	return signatures[0], nil
}

// SignAll signs several digests, with as few questions to the holder as the
// service allows: as many signatures, in the same order. On an error some may
// have been made, and are lost.
func (k *Key) SignAll(ctx context.Context, digests [][]byte, opts crypto.SignerOpts) ([][]byte, error) {
	m, err := k.method(opts)
	if err != nil {
		return nil, err
	}
	for _, d := range digests {
		if len(d) != m.hash.Size() {
			return nil, fmt.Errorf("sign %d bytes as %v: %w", len(d), m.hash, ErrUnsupported)
		}
	}
	var signatures [][]byte
	for some := range slices.Chunk(digests, k.Together()) {
		made, err := k.signSome(ctx, some, m)
		if err != nil {
			return nil, err
		}
		signatures = append(signatures, made...)
	}
	return signatures, nil
}

// signSome is one permission and its use.
func (k *Key) signSome(ctx context.Context, digests [][]byte, m method) ([][]byte, error) {
	permission, err := k.permission(ctx, digests, m)
	if err != nil {
		return nil, err
	}
	texts, err := k.signatures(ctx, permission, digests, m)
	if err != nil {
		return nil, err
	}
	if len(texts) != len(digests) {
		return nil, fmt.Errorf("signatures/signHash made %d signatures of %d: %w", len(texts), len(digests), ErrProtocol)
	}
	var made [][]byte
	for i, text := range texts {
		raw, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			return nil, fmt.Errorf("signatures/signHash: %w", ErrProtocol)
		}
		signature, ok := m.verified(k.Public(), digests[i], raw)
		if !ok {
			return nil, ErrSignature
		}
		made = append(made, signature)
	}
	return made, nil
}
