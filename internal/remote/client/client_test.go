package client

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/asn1"
	"encoding/base64"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/internal/secret"
)

var (
	first  = sha256.Sum256([]byte("first"))
	second = sha256.Sum256([]byte("second"))
	third  = sha256.Sum256([]byte("third"))
)

func (f *fake) options() Options {
	return Options{HTTP: f.server.Client(), ID: "office", Secret: secret.New([]byte("s3cret"))}
}

func (f *fake) dial(o Options) *Key {
	f.t.Helper()
	c, err := Dial(f.t.Context(), f.base(), o)
	require.NoError(f.t, err)
	key, err := c.Key(f.t.Context(), "amina")
	require.NoError(f.t, err)
	return key
}

// Only the digest travels, and the permission is for that digest.
func TestSigns(t *testing.T) {
	f := newFake(t, elliptical(t))
	key := f.dial(f.options())
	assert.Equal(t, f.key.Public(), key.Public())
	assert.Len(t, key.Chain(), 1)
	_, err := key.For("lease.pdf").Sign(nil, first[:], crypto.SHA256)
	require.NoError(t, err)
	assert.Equal(t, []string{"info", "credentials/info", "credentials/authorize", "signatures/signHash"}, f.named())
	hash := base64.StdEncoding.EncodeToString(first[:])
	authorize := f.calls[2].body
	assert.Equal(t, []any{hash}, authorize["hashes"])
	assert.Equal(t, "lease.pdf", authorize["description"])
	assert.Equal(t, "2.16.840.1.101.3.4.2.1", authorize["hashAlgorithmOID"])
	assert.Equal(t, "1.2.840.10045.4.3.2", f.calls[3].body["signAlgo"])
}

// A service that has to wait for the holder is waited for, at both steps; one with
// metadata is found; one that writes ECDSA as two numbers is understood.
func TestOtherHabits(t *testing.T) {
	for name, change := range map[string]func(*fake){
		"waits":             func(f *fake) { f.pending = 2 },
		"answers later":     func(f *fake) { f.pending, f.later = 2, true },
		"metadata":          func(f *fake) { f.issuer = true },
		"two numbers":       func(f *fake) { f.raw = true },
		"any hash with ECC": func(f *fake) { f.algorithms = []string{"1.2.840.10045.2.1"} },
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t, elliptical(t))
			change(f)
			_, err := f.dial(f.options()).SignContext(t.Context(), first[:], crypto.SHA256)
			require.NoError(t, err)
		})
	}
}

// RSA, both ways: the parameters of PSS are those of RFC 4055 §3.1.
func TestRSA(t *testing.T) {
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	f := newFake(t, rsaKey)
	key := f.dial(f.options())
	_, err = key.Sign(nil, first[:], crypto.SHA256)
	require.NoError(t, err)
	_, err = key.Sign(nil, first[:], &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash, Hash: crypto.SHA256})
	require.NoError(t, err)
	parameters, err := base64.StdEncoding.DecodeString(f.calls[len(f.calls)-1].body["signAlgoParams"].(string))
	require.NoError(t, err)
	var outer asn1.RawValue
	rest, err := asn1.Unmarshal(parameters, &outer)
	require.NoError(t, err)
	assert.Empty(t, rest)
	assert.Contains(t, string(parameters), "\x02\x01\x20", "a salt of 32 bytes")
	_, err = key.Sign(nil, make([]byte, 64), crypto.SHA512)
	assert.ErrorIs(t, err, ErrUnsupported)
}

// As many at a time as the service allows.
func TestSeveral(t *testing.T) {
	f := newFake(t, elliptical(t))
	f.multisign = 2
	signatures, err := f.dial(f.options()).SignAll(t.Context(), [][]byte{first[:], second[:], third[:]}, crypto.SHA256)
	require.NoError(t, err)
	assert.Len(t, signatures, 3)
	assert.Equal(t, 2, strings.Count(strings.Join(f.named(), " "), "credentials/authorize"))
}

// What the holder is asked for here is passed on, and is not asked for twice.
func TestExplicit(t *testing.T) {
	f := newFake(t, elliptical(t))
	f.objects = []any{
		map[string]any{"type": "Password", "id": "PIN", "label": "PIN\x1b[2J"},
		map[string]any{"type": "ChallengeResponse", "id": "Q", "label": "Question"},
	}
	_, err := f.dial(f.options()).SignContext(t.Context(), first[:], crypto.SHA256)
	require.ErrorIs(t, err, ErrNoAnswer)

	var asked []Prompt
	o := f.options()
	o.Answer = func(_ context.Context, p Prompt) (secret.Bytes, error) {
		asked = append(asked, p)
		return secret.New([]byte("4711")), nil
	}
	_, err = f.dial(o).SignContext(t.Context(), first[:], crypto.SHA256)
	require.NoError(t, err)
	require.Len(t, asked, 2)
	assert.Equal(t, "PIN[2J", asked[0].Label, "nothing that a terminal obeys")
	assert.Equal(t, "What was the name of your school?", asked[1].Challenge)

	o.Answer = func(context.Context, Prompt) (secret.Bytes, error) { return secret.New([]byte("0000")), nil }
	_, err = f.dial(o).SignContext(t.Context(), first[:], crypto.SHA256)
	var refused *Error
	require.ErrorAs(t, err, &refused)
	assert.Equal(t, "invalid_authentication_data", refused.Code)
}
