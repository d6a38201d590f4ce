package oauth

import (
	"crypto/ecdsa"
	"encoding/json"
	"errors"
	"time"

	"github.com/go-jose/go-jose/v4"

	"cnie/internal/remote/activation"
	"cnie/internal/remote/order"
)

// Service is the scope of an access token (CSC API v2 §8.3): everything but signing.
const Service = "service"

// CredentialScope is the scope of a token that is the permission to sign.
const CredentialScope = "credential"

// ErrToken says that a token is no access token of this service, or not any more.
var ErrToken = errors.New("the access token is not valid")

const (
	kind     = "at+jwt" // RFC 9068 §2.1
	maxToken = 4096
)

// Access is what an access token says.
type Access struct {
	Issuer   string   `json:"iss"`
	Audience string   `json:"aud"`
	Subject  string   `json:"sub"` // the client, or the credential of a person who agreed
	Client   string   `json:"client_id"`
	Scope    string   `json:"scope"`
	ID       order.ID `json:"jti"`
	Issued   int64    `json:"iat"`
	Expires  int64    `json:"exp"`
	// Credential is the only one that the token is good for; "": those of the client.
	Credential order.Credential `json:"credential,omitempty"`
}

// Issuer issues and verifies access tokens.
type Issuer struct {
	name   string
	life   time.Duration
	signer jose.Signer
	public jose.JSONWebKey
}

// NewIssuer issues tokens under a name, the service's address, with a key on P-256.
func NewIssuer(name string, key *ecdsa.PrivateKey, life time.Duration) (*Issuer, error) {
	public, err := activation.PublicKey(&key.PublicKey)
	if err != nil {
		return nil, err
	}
	private := jose.JSONWebKey{Key: key, KeyID: public.KeyID, Algorithm: public.Algorithm}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: private}, (&jose.SignerOptions{}).WithType(kind))
	return &Issuer{name, life, signer, public}, err
}

// Issue writes a token for a client, good for one credential or, with "", for its own.
func (i *Issuer) Issue(client string, credential order.Credential, now time.Time) (token string, life time.Duration, err error) {
	a := Access{
		Issuer: i.name, Audience: i.name, Subject: client, Client: client, Scope: Service, ID: order.NewID(),
		Issued: now.Unix(), Expires: now.Add(i.life).Unix(), Credential: credential,
	}
	if credential != "" {
		a.Subject = string(credential)
	}
	claims, err := json.Marshal(a)
	if err != nil {
		return "", 0, err
	}
	signed, err := i.signer.Sign(claims)
	if err != nil {
		return "", 0, err
	}
	token, err = signed.CompactSerialize()
	return token, i.life, err
}

// Open verifies a token. The error is ErrToken.
func (i *Issuer) Open(token string, now time.Time) (*Access, error) {
	if len(token) > maxToken {
		return nil, ErrToken
	}
	signed, err := jose.ParseSignedCompact(token, []jose.SignatureAlgorithm{jose.ES256})
	if err != nil || signed.Signatures[0].Protected.ExtraHeaders[jose.HeaderType] != kind {
		return nil, ErrToken
	}
	claims, err := signed.Verify(i.public)
	if err != nil {
		return nil, ErrToken
	}
	var a Access
	if order.Strict(claims, &a, maxToken) != nil || a.Issuer != i.name || a.Audience != i.name || a.Scope != Service || now.Unix() >= a.Expires {
		return nil, ErrToken
	}
	return &a, nil
}
