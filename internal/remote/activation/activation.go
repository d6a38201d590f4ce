package activation

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/go-jose/go-jose/v4"

	"cnie/internal/remote/order"
)

// What can be wrong with a token.
var (
	ErrForeign  = errors.New("the activation token is not one of this service")
	ErrExpired  = errors.New("the activation token has expired")
	ErrAudience = errors.New("the activation token is for somebody else")
	// ErrMismatch says that token and order are not about the same; what of them
	// follows.
	ErrMismatch = errors.New("the activation token is for something else")
)

// kind sets these tokens apart from the access tokens that the same key signs
// (RFC 8725 §3.11).
const kind = "cnie-activation+jwt"

// maxToken bounds what is parsed: a hundred digests of SHA-512 take 12 kB.
const maxToken = 1 << 15

// leeway is how far two clocks may be apart.
const leeway = 30 * time.Second

// Grant is what a token says.
type Grant struct {
	Issuer     string                   `json:"iss"`
	Audience   []string                 `json:"aud"`
	ID         order.ID                 `json:"jti"`     // one consent has one token, however often it is written out
	Consent    order.ID                 `json:"consent"` // the order that the holder agreed to
	Credential order.Credential         `json:"sub"`
	Client     string                   `json:"client_id"` // who may present it
	Kind       order.Kind               `json:"kind"`
	Hash       order.HashAlgorithm      `json:"hash"`
	Signature  order.SignatureAlgorithm `json:"signature"`
	Count      int                      `json:"numSignatures"`
	Digests    [][]byte                 `json:"hashes"`
	Issued     int64                    `json:"iat"` // seconds of 1970, as the next
	Expires    int64                    `json:"exp"`
}

// Signer issues tokens.
type Signer struct {
	signer jose.Signer
	public jose.JSONWebKey
}

// NewSigner issues tokens with a key on P-256, under a name for it: its thumbprint
// (RFC 7638).
func NewSigner(key *ecdsa.PrivateKey) (*Signer, error) {
	if key.Curve != elliptic.P256() {
		return nil, errors.New("the key for tokens is not one on P-256")
	}
	public, err := PublicKey(&key.PublicKey)
	if err != nil {
		return nil, err
	}
	private := jose.JSONWebKey{Key: key, KeyID: public.KeyID, Algorithm: public.Algorithm}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: private}, (&jose.SignerOptions{}).WithType(kind))
	return &Signer{signer, public}, err
}

// PublicKey is a key as agents are told it.
func PublicKey(key *ecdsa.PublicKey) (jose.JSONWebKey, error) {
	public := jose.JSONWebKey{Key: key, Algorithm: string(jose.ES256), Use: "sig"}
	name, err := public.Thumbprint(crypto.SHA256)
	public.KeyID = fmt.Sprintf("%x", name[:8])
	return public, err
}

// Keys is the set with which the tokens are verified.
func (s *Signer) Keys() jose.JSONWebKeySet {
	return jose.JSONWebKeySet{Keys: []jose.JSONWebKey{s.public}}
}

// Name is the public key's thumbprint (RFC 7638) in hexadecimal, by which people
// compare keys.
func (s *Signer) Name() (string, error) {
	sum, err := s.public.Thumbprint(crypto.SHA256)
	return hex.EncodeToString(sum), err
}

// Sign writes a token.
func (s *Signer) Sign(g Grant) (string, error) {
	claims, err := json.Marshal(g)
	if err != nil {
		return "", err
	}
	signed, err := s.signer.Sign(claims)
	if err != nil {
		return "", fmt.Errorf("sign an activation token: %w", err)
	}
	return signed.CompactSerialize()
}

// Open verifies a token's signature, issuer, audience and time. Errors are
// ErrForeign, ErrAudience and ErrExpired. What the token is for, Covers tells.
func Open(token string, keys jose.JSONWebKeySet, issuer, audience string, now time.Time) (*Grant, error) {
	g, err := verified(token, keys)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%w: %w", ErrForeign, err)
	case g.Issuer != issuer || g.Count != len(g.Digests) || g.Count == 0:
		return nil, ErrForeign
	case !slices.Contains(g.Audience, audience):
		return nil, ErrAudience
	case !now.Before(time.Unix(g.Expires, 0)) || now.Add(leeway).Before(time.Unix(g.Issued, 0)):
		return nil, ErrExpired
	}
	return g, nil
}

func verified(token string, keys jose.JSONWebKeySet) (*Grant, error) {
	if len(token) > maxToken {
		return nil, errors.New("it is too long")
	}
	signed, err := jose.ParseSignedCompact(token, []jose.SignatureAlgorithm{jose.ES256})
	if err != nil {
		return nil, err
	}
	header := signed.Signatures[0].Protected
	if header.ExtraHeaders[jose.HeaderType] != kind {
		return nil, errors.New("it is a token of another type")
	}
	for _, key := range keys.Key(header.KeyID) {
		if claims, err := signed.Verify(key); err == nil {
			var g Grant
			return &g, order.Strict(claims, &g, maxToken)
		}
	}
	return nil, errors.New("no key of the service has signed it")
}

// Covers compares a token with an order to sign. The error is ErrMismatch.
func (g *Grant) Covers(o *order.Order) error {
	switch {
	case o.Stage != order.Sign || g.Consent != o.Consent || g.Kind != o.Kind:
		return fmt.Errorf("%w: the consent", ErrMismatch)
	case g.Credential != o.Credential:
		return fmt.Errorf("%w: the credential", ErrMismatch)
	case g.Client != o.Requester.ID:
		return fmt.Errorf("%w: the requester", ErrMismatch)
	case g.Hash != o.Hash || g.Signature != o.Signature:
		return fmt.Errorf("%w: the algorithms", ErrMismatch)
	case g.Count != len(o.Documents):
		return fmt.Errorf("%w: the number of signatures", ErrMismatch)
	case !slices.EqualFunc(g.Digests, o.Digests(), bytes.Equal):
		return fmt.Errorf("%w: the hashes", ErrMismatch)
	}
	return nil
}
