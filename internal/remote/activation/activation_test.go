package activation_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/internal/remote/activation"
	"cnie/internal/remote/order"
)

const (
	issuer  = "https://service.example"
	agent   = "urn:cnie:agent:1"
	consent = order.ID("aaaaaaaaaaaaaaaaaaaaaaaaaa")
)

var noon = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

func newKey(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	return key
}

func newSigner(t testing.TB) *activation.Signer { return signerOf(t, newKey(t)) }

func signerOf(t testing.TB, key *ecdsa.PrivateKey) *activation.Signer {
	t.Helper()
	s, err := activation.NewSigner(key)
	require.NoError(t, err)
	return s
}

func digests(texts ...string) (all [][]byte) {
	for _, text := range texts {
		sum := sha256.Sum256([]byte(text))
		all = append(all, sum[:])
	}
	return all
}

func grant() activation.Grant {
	return activation.Grant{
		Issuer: issuer, Audience: []string{issuer, agent}, ID: consent, Credential: "aaaaaaaaaaaaaaaaaaaaaaaa", Client: "program", Consent: consent,
		Kind: order.Hash, Hash: order.SHA256, Signature: order.ECDSA, Count: 2, Digests: digests("one", "two"),
		Issued: noon.Unix(), Expires: noon.Add(time.Minute).Unix(),
	}
}

func toSign() *order.Order {
	g := grant()
	return &order.Order{
		Stage: order.Sign, Kind: g.Kind, Credential: g.Credential, Requester: order.Requester{ID: g.Client}, Hash: g.Hash, Signature: g.Signature, Consent: consent,
		Documents: []order.Document{{Digest: g.Digests[0]}, {Digest: g.Digests[1]}},
	}
}

func TestOpen(t *testing.T) {
	key := newKey(t)
	s := signerOf(t, key)
	token, err := s.Sign(grant())
	require.NoError(t, err)
	for _, audience := range []string{issuer, agent} {
		g, err := activation.Open(token, s.Keys(), issuer, audience, noon)
		require.NoError(t, err)
		assert.Equal(t, grant(), *g)
		require.NoError(t, g.Covers(toSign()))
	}
	change := func(f func(*activation.Grant)) string {
		g := grant()
		f(&g)
		token, err := s.Sign(g)
		require.NoError(t, err)
		return token
	}
	part := strings.Split(token, ".")
	for name, c := range map[string]struct {
		token    string
		keys     jose.JSONWebKeySet
		audience string
		at       time.Time
		want     error
	}{
		"another key":      {token, newSigner(t).Keys(), agent, noon, activation.ErrForeign},
		"another issuer":   {change(func(g *activation.Grant) { g.Issuer = "https://x" }), s.Keys(), agent, noon, activation.ErrForeign},
		"another agent":    {token, s.Keys(), "urn:cnie:agent:2", noon, activation.ErrAudience},
		"late":             {token, s.Keys(), agent, noon.Add(time.Minute), activation.ErrExpired},
		"early":            {token, s.Keys(), agent, noon.Add(-time.Minute), activation.ErrExpired},
		"miscounted":       {change(func(g *activation.Grant) { g.Count = 3 }), s.Keys(), agent, noon, activation.ErrForeign},
		"of nothing":       {change(func(g *activation.Grant) { g.Count, g.Digests = 0, nil }), s.Keys(), agent, noon, activation.ErrForeign},
		"unsigned":         {part[0] + "." + part[1] + ".", s.Keys(), agent, noon, activation.ErrForeign},
		"other claims":     {part[0] + "." + strings.Split(change(func(g *activation.Grant) { g.Expires++ }), ".")[1] + "." + part[2], s.Keys(), agent, noon, activation.ErrForeign},
		"no algorithm":     {"eyJhbGciOiJub25lIn0." + part[1] + ".", s.Keys(), agent, noon, activation.ErrForeign},
		"too long":         {token + strings.Repeat("A", 1<<16), s.Keys(), agent, noon, activation.ErrForeign},
		"nothing":          {"", s.Keys(), agent, noon, activation.ErrForeign},
		"another type":     {ofType(t, key, "at+jwt"), s.Keys(), agent, noon, activation.ErrForeign},
		"no type":          {ofType(t, key, ""), s.Keys(), agent, noon, activation.ErrForeign},
		"the right type":   {ofType(t, key, "cnie-activation+jwt"), s.Keys(), agent, noon, nil},
		"half a minute is": {change(func(g *activation.Grant) { g.Issued += 20 }), s.Keys(), agent, noon, nil},
	} {
		_, err := activation.Open(c.token, c.keys, issuer, c.audience, c.at)
		assert.ErrorIs(t, err, c.want, name)
	}
}

// ofType is a token with the claims of a grant and a type of its own, or none.
func ofType(t *testing.T, key *ecdsa.PrivateKey, kind string) string {
	t.Helper()
	options := &jose.SignerOptions{}
	if kind != "" {
		options = options.WithType(jose.ContentType(kind))
	}
	public, err := activation.PublicKey(&key.PublicKey)
	require.NoError(t, err)
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: key, KeyID: public.KeyID}}, options)
	require.NoError(t, err)
	claims, err := json.Marshal(grant())
	require.NoError(t, err)
	signed, err := signer.Sign(claims)
	require.NoError(t, err)
	token, err := signed.CompactSerialize()
	require.NoError(t, err)
	return token
}

func TestCovers(t *testing.T) {
	g := grant()
	for name, change := range map[string]func(*order.Order){
		"stage":       func(o *order.Order) { o.Stage = order.Consent },
		"consent":     func(o *order.Order) { o.Consent = "baaaaaaaaaaaaaaaaaaaaaaaaa" },
		"kind":        func(o *order.Order) { o.Kind = order.Doc },
		"credential":  func(o *order.Order) { o.Credential = "b" },
		"requester":   func(o *order.Order) { o.Requester.ID = "b" },
		"hash":        func(o *order.Order) { o.Hash = order.SHA384 },
		"signature":   func(o *order.Order) { o.Signature = order.RSAPSS },
		"fewer":       func(o *order.Order) { o.Documents = o.Documents[:1] },
		"other":       func(o *order.Order) { o.Documents[1].Digest = digests("three")[0] },
		"other order": func(o *order.Order) { o.Documents[0], o.Documents[1] = o.Documents[1], o.Documents[0] },
	} {
		o := toSign()
		change(o)
		assert.ErrorIs(t, g.Covers(o), activation.ErrMismatch, name)
	}
}

func TestKeysOfOtherCurves(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	require.NoError(t, err)
	_, err = activation.NewSigner(key)
	require.Error(t, err)
}

func FuzzOpen(f *testing.F) {
	s := newSigner(f)
	token, err := s.Sign(grant())
	require.NoError(f, err)
	f.Add(token)
	f.Add("a.b.c")
	f.Fuzz(func(t *testing.T, text string) {
		g, err := activation.Open(text, s.Keys(), issuer, agent, noon)
		if err == nil {
			require.Equal(t, grant(), *g, "only what was signed can be opened")
		}
	})
}
