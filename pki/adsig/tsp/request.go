package tsp

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"

	"cnie/pki/cms"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

var (
	// ErrMalformed reports bytes that are no answer or no token.
	ErrMalformed = errors.New("malformed timestamp")
	// ErrRefused reports that the authority did not grant the request.
	ErrRefused = errors.New("the time-stamp authority refused")
	// ErrMismatch reports a token that answers another request.
	ErrMismatch = errors.New("the timestamp answers another request")
	// ErrImprint reports a token over something else.
	ErrImprint = errors.New("the timestamp is over something else")
	// ErrSigner reports a token whose signer may not make timestamps.
	ErrSigner = errors.New("the timestamp's signer may not make timestamps")
)

// Request asks for a timestamp over a digest.
type Request struct {
	Hash   crypto.Hash
	Digest []byte
	Policy asn1.ObjectIdentifier // nil: the authority's own
	Nonce  *big.Int
}

// NewRequest makes a request with a random nonce.
func NewRequest(hash crypto.Hash, digest []byte) (Request, error) {
	if len(digest) != hash.Size() {
		return Request{}, fmt.Errorf("%w: digest of %d bytes for %v", ErrImprint, len(digest), hash)
	}
	nonce := make([]byte, 16)
	if _, err := rand.Read(nonce); err != nil {
		return Request{}, fmt.Errorf("make a nonce: %w", err)
	}
	return Request{Hash: hash, Digest: digest, Nonce: new(big.Int).SetBytes(nonce)}, nil
}

// Encode is the DER of TimeStampReq (RFC 3161 §2.4.1). The authority is asked
// for its certificate.
func (r Request) Encode() ([]byte, error) {
	hash, err := cms.HashIdentifier(r.Hash)
	if err != nil {
		return nil, err
	}
	var b cryptobyte.Builder
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1Int64(1)
		b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddBytes(hash)
			b.AddASN1OctetString(r.Digest)
		})
		if r.Policy != nil {
			b.AddASN1ObjectIdentifier(r.Policy)
		}
		b.AddASN1BigInt(r.Nonce)
		b.AddASN1Boolean(true)
	})
	return b.Bytes()
}

// Exchange carries a request to an authority and brings its answer.
type Exchange func(ctx context.Context, request []byte) (response []byte, err error)

// Ask obtains a token over a digest and checks that it answers the request,
// that its signature verifies and its signer may make timestamps.
func Ask(ctx context.Context, exchange Exchange, hash crypto.Hash, digest []byte) (*Token, error) {
	request, err := NewRequest(hash, digest)
	if err != nil {
		return nil, err
	}
	encoded, err := request.Encode()
	if err != nil {
		return nil, fmt.Errorf("encode timestamp request: %w", err)
	}
	response, err := exchange(ctx, encoded)
	if err != nil {
		return nil, fmt.Errorf("ask for a timestamp: %w", err)
	}
	token, err := request.ParseResponse(response)
	if err != nil {
		return nil, fmt.Errorf("read the timestamp: %w", err)
	}
	if _, err := token.Verify(nil); err != nil {
		return nil, fmt.Errorf("verify the timestamp: %w", err)
	}
	return token, nil
}

// ParseResponse reads TimeStampResp (RFC 3161 §2.4.2) and checks what §2.2 asks
// of the requester: the same digest, policy and nonce.
func (r Request) ParseResponse(der []byte) (*Token, error) {
	raw, err := parseResponse(der)
	if err != nil {
		return nil, err
	}
	t, err := Parse(raw)
	if err != nil {
		return nil, err
	}
	switch {
	case t.Hash != r.Hash || !bytes.Equal(t.Imprint, r.Digest):
		return nil, fmt.Errorf("%w: another digest", ErrMismatch)
	case t.Nonce == nil || t.Nonce.Cmp(r.Nonce) != 0:
		return nil, fmt.Errorf("%w: another nonce", ErrMismatch)
	case r.Policy != nil && !t.Policy.Equal(r.Policy):
		return nil, fmt.Errorf("%w: another policy", ErrMismatch)
	}
	return t, nil
}

const (
	granted         = 0
	grantedWithMods = 1
)

// parseResponse takes the token out of a granted answer.
func parseResponse(der cryptobyte.String) ([]byte, error) {
	var body, status, text, token cryptobyte.String
	var code int
	if !der.ReadASN1(&body, cbasn1.SEQUENCE) || !der.Empty() || !body.ReadASN1(&status, cbasn1.SEQUENCE) || !status.ReadASN1Integer(&code) {
		return nil, fmt.Errorf("%w: response", ErrMalformed)
	}
	var present bool
	if !status.ReadOptionalASN1(&text, &present, cbasn1.SEQUENCE) {
		return nil, fmt.Errorf("%w: status", ErrMalformed)
	}
	if code != granted && code != grantedWithMods {
		return nil, fmt.Errorf("%w: status %d%s", ErrRefused, code, failure(status))
	}
	if !body.ReadASN1Element(&token, cbasn1.SEQUENCE) || !body.Empty() {
		return nil, fmt.Errorf("%w: response without a token", ErrMalformed)
	}
	return token, nil
}

// failures are the bits of PKIFailureInfo that RFC 3161 §2.4.2 names.
var failures = map[int]string{
	0: "unknown hash algorithm", 2: "bad request", 5: "bad data format", 14: "time source not available",
	15: "policy not accepted", 16: "extension not accepted", 17: "information not available", 25: "system failure",
}

// failure is the reason in words, empty when none is given. The authority's own
// text is not repeated: it is a stranger's.
func failure(status cryptobyte.String) string {
	var bits asn1.BitString
	if !status.ReadASN1BitString(&bits) {
		return ""
	}
	for bit := range 26 {
		if name, known := failures[bit]; known && bits.At(bit) == 1 {
			return ", " + name
		}
	}
	return ""
}
