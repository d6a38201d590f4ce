package answer

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"

	"github.com/go-jose/go-jose/v4"
)

// Key is the key with which a desk signs: P-256 (ES256) or Ed25519 (EdDSA). It
// prints as its identifier.
type Key struct {
	signer jose.Signer
	public jose.JSONWebKey
}

// ParseKey reads a key in PEM, PKCS #8 without a password.
func ParseKey(file []byte) (*Key, error) {
	block, rest := pem.Decode(file)
	if block == nil || block.Type != "PRIVATE KEY" || len(rest) > 0 {
		return nil, fmt.Errorf("%w: want one PRIVATE KEY in PEM", ErrKey)
	}
	private, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("%w: not PKCS #8", ErrKey)
	}
	signer, ok := private.(crypto.Signer)
	if !ok {
		return nil, fmt.Errorf("%w: cannot sign", ErrKey)
	}
	return NewKey(signer)
}

// NewKey takes a private key of P-256 or Ed25519.
func NewKey(private crypto.Signer) (*Key, error) {
	algorithm, ok := algorithmOf(private.Public())
	if !ok {
		return nil, fmt.Errorf("%w: want P-256 or Ed25519", ErrKey)
	}
	public := jose.JSONWebKey{Key: private.Public(), Algorithm: string(algorithm), Use: "sig"}
	thumbprint, err := public.Thumbprint(crypto.SHA256) // RFC 7638
	if err != nil {
		return nil, fmt.Errorf("%w: no thumbprint: %w", ErrKey, err)
	}
	public.KeyID = base64.RawURLEncoding.EncodeToString(thumbprint)
	options := (&jose.SignerOptions{}).WithType(StatementType).WithHeader("kid", public.KeyID)
	maker, err := jose.NewSigner(jose.SigningKey{Algorithm: algorithm, Key: private}, options)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrKey, err)
	}
	return &Key{maker, public}, nil
}

func algorithmOf(public crypto.PublicKey) (jose.SignatureAlgorithm, bool) {
	switch k := public.(type) {
	case *ecdsa.PublicKey:
		return jose.ES256, k.Curve == elliptic.P256()
	case ed25519.PublicKey:
		return jose.EdDSA, true
	}
	return "", false
}

// ID is the thumbprint of the public key, RFC 7638, and the `kid` of what it signs.
func (k *Key) ID() string { return k.public.KeyID }

// String implements fmt.Stringer.
func (k *Key) String() string { return k.ID() }

// JWKS is the JSON Web Key Set (RFC 7517) that relying parties need to verify what
// these keys sign.
func JWKS(keys ...*Key) ([]byte, error) {
	set := jose.JSONWebKeySet{}
	for _, k := range keys {
		set.Keys = append(set.Keys, k.public)
	}
	return json.MarshalIndent(set, "", "  ")
}

// Keys are the public keys of desks that a relying party trusts, by identifier.
type Keys map[string]jose.JSONWebKey

// ParseKeys reads a JSON Web Key Set. A key whose identifier is not its thumbprint,
// a private one or one of another kind is an error: what is in the set is trusted.
func ParseKeys(set []byte) (Keys, error) {
	var parsed jose.JSONWebKeySet
	if len(set) > 1<<20 || json.Unmarshal(set, &parsed) != nil || len(parsed.Keys) == 0 {
		return nil, fmt.Errorf("%w: not a JSON Web Key Set with a key in it", ErrKey)
	}
	keys := Keys{}
	for _, k := range parsed.Keys {
		algorithm, ok := algorithmOf(k.Key)
		switch {
		case !ok || k.Algorithm != string(algorithm) || !k.Valid():
			return nil, fmt.Errorf("%w: one is not of P-256 (ES256) or Ed25519 (EdDSA), or not public", ErrKey)
		case k.Use != "sig":
			return nil, fmt.Errorf("%w: one is not for signatures", ErrKey)
		}
		thumbprint, err := k.Thumbprint(crypto.SHA256)
		if err != nil || k.KeyID != base64.RawURLEncoding.EncodeToString(thumbprint) {
			return nil, fmt.Errorf("%w: the kid of one is not its thumbprint", ErrKey)
		}
		keys[k.KeyID] = k
	}
	return keys, nil
}

// Errors of statements and keys. They never repeat what is in a statement.
var (
	ErrMalformed = errors.New("statement is malformed")
	ErrSignature = errors.New("statement is not signed by its key")
	ErrStranger  = errors.New("statement is signed by an unknown key")
	ErrAudience  = errors.New("statement is for somebody else")
	ErrNonce     = errors.New("statement answers another question")
	ErrExpired   = errors.New("statement has expired")
	ErrEarly     = errors.New("statement is from the future")
	ErrSpecimen  = errors.New("statement is about a specimen card")
	ErrKey       = errors.New("key cannot be used")
)
