package ca

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"go.step.sm/crypto/jose"
)

// Profile is a kind of certificate, and the key that orders it.
type Profile string

// The profiles that Issue knows.
const (
	Auth    Profile = "auth"
	Sign    Profile = "sign"
	Counter Profile = "counter"
	Agent   Profile = "agent"
)

// Provisioners that are no profiles: what they do is not ordered by Issue.
const (
	revoking = "revoke"
	cards    = "card"
	acmeName = "acme"
)

// Profiles lists the profiles of an authority: the cards are the specimens' own.
func (c *Config) Profiles() []Profile {
	if c.Specimen {
		return []Profile{Auth, Sign, Counter, Agent}
	}
	return []Profile{Counter, Agent}
}

// tokenLife is how long an order may be under way.
const tokenLife = 5 * time.Minute

// orders are all who hold a key to order with.
func (c *Config) orders() []string {
	names := []string{revoking}
	for _, p := range c.Profiles() {
		names = append(names, string(p))
	}
	return names
}

func orderFile(dir, name string) string { return filepath.Join(dir, "keys", name+".jwk") }

func writeOrderKeys(dir string, c *Config) error {
	for _, name := range c.orders() {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			return err
		}
		jwk := &jose.JSONWebKey{Key: key, Use: "sig", Algorithm: jose.ES256}
		thumbprint, err := jose.Thumbprint(jwk)
		if err != nil {
			return err
		}
		jwk.KeyID = thumbprint
		text, err := json.Marshal(jwk)
		if err != nil {
			return err
		}
		if err := os.WriteFile(orderFile(dir, name), append(text, '\n'), 0o600); err != nil {
			return err
		}
	}
	return nil
}

func readOrderKey(dir, name string) (*jose.JSONWebKey, error) {
	path := orderFile(dir, name)
	text, err := readSecret(path)
	if err != nil {
		return nil, err
	}
	jwk := &jose.JSONWebKey{}
	if err := json.Unmarshal(text, jwk); err != nil || jwk.IsPublic() || !jwk.Valid() {
		return nil, &ConfigError{File: path, Reason: "this is no private key as a JWK"}
	}
	return jwk, nil
}

// order is what the holder of a key wants, as the authority reads it.
type order struct {
	jose.Claims
	Names []string `json:"sans,omitempty"`
}

// sign makes the token that the authority takes once, and only for this subject.
func (c *Config) sign(key *jose.JSONWebKey, name, path, subject string, names []string) (string, error) {
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: key.Key},
		new(jose.SignerOptions).WithType("JWT").WithHeader("kid", key.KeyID))
	if err != nil {
		return "", fmt.Errorf("sign an order: %w", err)
	}
	once := make([]byte, 16)
	if _, err := rand.Read(once); err != nil {
		return "", err
	}
	now := time.Now()
	return jose.Signed(signer).Claims(order{Names: names, Claims: jose.Claims{
		Issuer: name, Subject: subject, Audience: jose.Audience{c.audience(path)}, ID: base64.RawURLEncoding.EncodeToString(once),
		IssuedAt: jose.NewNumericDate(now), NotBefore: jose.NewNumericDate(now), Expiry: jose.NewNumericDate(now.Add(tokenLife)),
	}}).CompactSerialize()
}

// audience names a path of this authority in a token, which has no port: a proxy
// may stand in front.
func (c *Config) audience(path string) string { return "https://" + bracketed(c.Hosts[0]) + path }
