package agent

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"time"

	"github.com/go-jose/go-jose/v4"

	"cnie/cardreader/esign"
)

// tokenLife is how long the card's order may be under way.
const tokenLife = 5 * time.Minute

// Enrol makes an agent of a folder: the card's authentication key orders the
// agent's certificate, for a key that is made here. The card's signing certificate
// is what the agent will offer. The PIN is asked for by the token's own Asker.
func Enrol(ctx context.Context, folder string, a *Authority, authentication, signing *esign.Key) (*Identity, error) {
	if authentication.Certificate() == nil || signing.Certificate() == nil {
		return nil, errors.New("the card has no certificate for one of its keys")
	}
	issuers, err := a.issuers(ctx)
	if err != nil {
		return nil, err
	}
	key, err := newKey()
	if err != nil {
		return nil, err
	}
	// The authority takes the name from the card's certificate, and none from here.
	request, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{Subject: pkix.Name{CommonName: "agent"}}, key)
	if err != nil {
		return nil, fmt.Errorf("make the certificate request: %w", err)
	}
	token, err := a.order(ctx, authentication, complete(authentication.Chain(), issuers))
	if err != nil {
		return nil, err
	}
	chain, err := a.sign(ctx, request, token)
	if err != nil {
		return nil, err
	}
	made, err := certificateFor(chain, key)
	if err != nil {
		return nil, err
	}
	identity := &Identity{Agent: made, Holder: complete(signing.Chain(), issuers)}
	if err := identity.usable(time.Now()); err != nil {
		return nil, err
	}
	return identity, identity.store(folder)
}

// complete adds the issuers that a chain lacks. A root stays out of it: whoever
// needs one has it.
func complete(chain, issuers []*x509.Certificate) []*x509.Certificate {
	for last := chain[len(chain)-1]; len(chain) < 5; last = chain[len(chain)-1] {
		at := slices.IndexFunc(issuers, func(c *x509.Certificate) bool {
			return !c.Equal(last) && last.CheckSignatureFrom(c) == nil
		})
		if at < 0 {
			break
		}
		chain = append(chain, issuers[at])
	}
	return chain
}

// order is the card's request for its agent, an X5C token of smallstep's (RFC 7515
// §4.1.6: the header carries the chain).
func (a *Authority) order(ctx context.Context, key *esign.Key, chain []*x509.Certificate) (string, error) {
	audience, err := a.audience()
	if err != nil {
		return "", err
	}
	var x5c []string
	for _, c := range chain {
		x5c = append(x5c, base64.StdEncoding.EncodeToString(c.Raw))
	}
	holder := &cardSigner{ctx: ctx, key: key}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: holder.way().algorithm, Key: holder},
		(&jose.SignerOptions{}).WithType("JWT").WithHeader("x5c", x5c))
	if err != nil {
		return "", fmt.Errorf("order a certificate: %w", err)
	}
	now := time.Now()
	claims, err := json.Marshal(map[string]any{
		"iss": "card", "aud": audience, "sub": "agent", "jti": rand.Text(),
		"iat": now.Unix(), "nbf": now.Unix(), "exp": now.Add(tokenLife).Unix(),
	})
	if err != nil {
		return "", err
	}
	signed, err := signer.Sign(claims)
	if err != nil {
		return "", fmt.Errorf("order a certificate: %w", err)
	}
	return signed.CompactSerialize()
}

// cardSigner lets a card sign what JOSE has.
type cardSigner struct {
	ctx context.Context
	key *esign.Key
}

var _ jose.OpaqueSigner = (*cardSigner)(nil)

// way is how a kind of key signs for JOSE, RFC 7518 §3.1 and §3.4.
type way struct {
	algorithm jose.SignatureAlgorithm
	hash      crypto.Hash
	half      int // bytes of each of the two numbers of ECDSA; 0: RSA
}

func (s *cardSigner) way() way {
	w, is := map[string]way{"P-256": {jose.ES256, crypto.SHA256, 32}, "P-384": {jose.ES384, crypto.SHA384, 48}, "P-521": {jose.ES512, crypto.SHA512, 66}}[s.key.Algorithm()]
	if !is {
		return way{algorithm: jose.RS256, hash: crypto.SHA256}
	}
	return w
}

func (s *cardSigner) Public() *jose.JSONWebKey { return &jose.JSONWebKey{Key: s.key.Public()} }

func (s *cardSigner) Algs() []jose.SignatureAlgorithm {
	return []jose.SignatureAlgorithm{s.way().algorithm}
}

// SignPayload makes one signature. JOSE writes those of ECDSA as two numbers of
// fixed length (RFC 7518 §3.4).
func (s *cardSigner) SignPayload(payload []byte, _ jose.SignatureAlgorithm) ([]byte, error) {
	way := s.way()
	h := way.hash.New()
	h.Write(payload)
	signature, err := s.key.SignContext(s.ctx, h.Sum(nil), way.hash)
	if err != nil || way.half == 0 {
		return signature, err
	}
	var numbers struct{ R, S *big.Int }
	if _, err := asn1.Unmarshal(signature, &numbers); err != nil {
		return nil, err
	}
	return append(numbers.R.FillBytes(make([]byte, way.half)), numbers.S.FillBytes(make([]byte, way.half))...), nil
}
