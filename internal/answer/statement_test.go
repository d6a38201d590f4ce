package answer

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/pki"
)

func specimen() Statement {
	return Statement{
		Controller: "https://town.example", Desk: "desk-3", Audience: "https://bank.example", Purpose: "open-account",
		Transaction: "t-0001", Nonce: "n-5ab3", Time: time.Unix(1_795_000_000, 0).UTC(), Expiry: time.Unix(1_795_000_300, 0).UTC(),
		Verdict: pki.Accepted, Match: "match", Pseudonym: strings.Repeat("A", 43),
		Question: Question{ID: LivesIn, Arg: "Aït <Specimen>"}, Answer: Yes, Reasons: []string{"answer.commune-named", "names.case"},
	}
}

func expected() Expected {
	return Expected{Audience: "https://bank.example", Nonce: "n-5ab3", Now: time.Unix(1_795_000_010, 0)}
}

func privateKeys(t testing.TB) map[string]crypto.Signer {
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	_, ed, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	return map[string]crypto.Signer{"ES256": ec, "EdDSA": ed}
}

func keysOf(t testing.TB, private crypto.Signer) (*Key, Keys) {
	key, err := NewKey(private)
	require.NoError(t, err)
	set, err := JWKS(key)
	require.NoError(t, err)
	keys, err := ParseKeys(set)
	require.NoError(t, err)
	return key, keys
}

func TestSignAndVerify(t *testing.T) {
	for name, private := range privateKeys(t) {
		der, err := x509.MarshalPKCS8PrivateKey(private)
		require.NoError(t, err)
		key, err := ParseKey(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
		require.NoError(t, err, name)
		_, keys := keysOf(t, private)
		s := specimen()
		s.Question.Arg = "Aït Specimen"
		token, err := key.Sign(s)
		require.NoError(t, err, name)
		got, err := Verify(token, keys, expected())
		require.NoError(t, err, name)
		assert.Equal(t, s, got, name)
	}
}

func TestRefusedByExpectation(t *testing.T) {
	key, keys := keysOf(t, privateKeys(t)["ES256"])
	_, others := keysOf(t, privateKeys(t)["ES256"])
	s := specimen()
	s.Question = Question{ID: Over18}
	token, err := key.Sign(s)
	require.NoError(t, err)
	for name, v := range map[string]struct {
		change func(*Expected)
		want   error
	}{
		"another audience":    {func(e *Expected) { e.Audience = "https://shop.example" }, ErrAudience},
		"audience, capitals":  {func(e *Expected) { e.Audience = "https://Bank.example" }, ErrAudience},
		"audience, prefix":    {func(e *Expected) { e.Audience = "https://bank.exampl" }, ErrAudience},
		"no audience":         {func(e *Expected) { e.Audience = "" }, ErrAudience},
		"another nonce":       {func(e *Expected) { e.Nonce = "n-5ab4" }, ErrNonce},
		"no nonce":            {func(e *Expected) { e.Nonce = "" }, ErrNonce},
		"the second it ends":  {func(e *Expected) { e.Now = time.Unix(1_795_000_300, 0) }, ErrExpired},
		"a year later":        {func(e *Expected) { e.Now = e.Now.AddDate(1, 0, 0) }, ErrExpired},
		"a minute before":     {func(e *Expected) { e.Now = time.Unix(1_795_000_000-61, 0) }, ErrEarly},
		"clocks that differ":  {func(e *Expected) { e.Now = time.Unix(1_795_000_000-60, 0) }, nil},
		"the last second":     {func(e *Expected) { e.Now = time.Unix(1_795_000_299, 0) }, nil},
		"specimens are taken": {func(e *Expected) { e.Specimen = true }, nil},
	} {
		e := expected()
		v.change(&e)
		_, err := Verify(token, keys, e)
		assert.ErrorIs(t, err, v.want, name)
	}
	_, err = Verify(token, others, expected())
	assert.ErrorIs(t, err, ErrStranger)
	s.Specimen = true
	token, err = key.Sign(s)
	require.NoError(t, err)
	_, err = Verify(token, keys, expected())
	assert.ErrorIs(t, err, ErrSpecimen)
}

// forge signs any header and payload with the desk's own key: what is refused is
// refused for its form, not for its signature.
func forge(t testing.TB, private crypto.Signer, head, payload string) string {
	input := base64.RawURLEncoding.EncodeToString([]byte(head)) + "." + base64.RawURLEncoding.EncodeToString([]byte(payload))
	var signature []byte
	switch k := private.(type) {
	case ed25519.PrivateKey:
		signature = ed25519.Sign(k, []byte(input))
	case *ecdsa.PrivateKey:
		h := crypto.SHA256.New()
		h.Write([]byte(input))
		r, s, err := ecdsa.Sign(rand.Reader, k, h.Sum(nil))
		require.NoError(t, err)
		signature = append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...)
	}
	return input + "." + base64.RawURLEncoding.EncodeToString(signature)
}

func TestParsingDifferentials(t *testing.T) {
	for name, private := range privateKeys(t) {
		t.Run(name, func(t *testing.T) { differentials(t, private) })
	}
}

func differentials(t *testing.T, private crypto.Signer) {
	key, keys := keysOf(t, private)
	s := specimen()
	s.Question = Question{ID: Over18}
	payload, err := canonical(s.claims())
	require.NoError(t, err)
	head, err := canonical(header{key.public.Algorithm, key.ID(), StatementType})
	require.NoError(t, err)
	_, err = Verify(forge(t, private, string(head), string(payload)), keys, expected())
	require.NoError(t, err, "the forger can write what a desk writes")

	claims := func(from, to string) [2]string {
		changed := strings.Replace(string(payload), from, to, 1)
		require.NotEqual(t, string(payload), changed, from)
		return [2]string{string(head), changed}
	}
	heads := func(from, to string) [2]string {
		changed := strings.Replace(string(head), from, to, 1)
		require.NotEqual(t, string(head), changed, from)
		return [2]string{changed, string(payload)}
	}
	for attack, v := range map[string][2]string{
		"answer twice":             claims(`"answer":"yes"`, `"answer":"no","answer":"yes"`),
		"answer twice, the end":    claims(`"reasons":`, `"answer":"yes","reasons":`),
		"answer in capitals too":   claims(`"answer":"yes"`, `"answer":"yes","Answer":"no"`),
		"answer in capitals":       claims(`"answer"`, `"ANSWER"`),
		"answer escaped":           claims(`"answer"`, `"\u0061nswer"`),
		"value escaped":            claims(`"yes"`, `"\u0079es"`),
		"look-alike member":        claims(`"answer":"yes"`, `"answer":"yes","аnswer":"no"`),
		"unknown member":           claims(`"answer":"yes"`, `"answer":"yes","admin":true`),
		"nested member":            claims(`{"id":"over-18"}`, `{"id":"over-18","id":"over-16"}`),
		"nested argument":          claims(`{"id":"over-18"}`, `{"id":"over-18","arg":"x"}`),
		"unknown question":         claims(`over-18`, `over-17`),
		"unknown answer":           claims(`"yes"`, `"maybe"`),
		"answer true":              claims(`"yes"`, `true`),
		"audience as a list":       claims(`"aud":"https://bank.example"`, `"aud":["https://bank.example","https://shop.example"]`),
		"audience look-alike":      claims(`"aud":"https://bank.example"`, `"aud":"https://bаnk.example"`),
		"audience, full width":     claims(`"aud":"https://bank.example"`, `"aud":"https://bank．example"`),
		"audience, invisible":      claims(`"aud":"https://bank.example"`, "\"aud\":\"https://bank.example\u200b\""),
		"audience, space":          claims(`"aud":"https://bank.example"`, `"aud":"https://bank.example "`),
		"audience, zero":           claims(`"aud":"https://bank.example"`, `"aud":"https://bank.example\u0000"`),
		"controller, right-left":   claims(`https://town.example`, "https://town.example\u202e"),
		"transaction, new line":    claims(`t-0001`, `t-0001\n`),
		"white space":              claims(`,`, `, `),
		"white space at the end":   claims(`"]}`, `"]} `),
		"something after it":       claims(`"]}`, `"]}{}`),
		"another order":            claims(`"iss":"https://town.example","desk":"desk-3"`, `"desk":"desk-3","iss":"https://town.example"`),
		"time as a fraction":       claims(`1795000300`, `1795000300.0`),
		"time as a power":          claims(`1795000300`, `17950003e2`),
		"time as text":             claims(`1795000300`, `"1795000300"`),
		"time that overflows":      claims(`1795000300`, `18446744073709551617`),
		"a century":                claims(`1795000300`, `4795000300`),
		"ends before it begins":    claims(`1795000300`, `1794999999`),
		"card refused":             claims(`"accepted"`, `"refused"`),
		"card inconclusive":        claims(`"accepted"`, `"inconclusive"`),
		"not the holder":           claims(`"match":"match"`, `"match":"no-match"`),
		"reason with a value":      claims(`names.case`, `names.SPECIMEN`),
		"no reasons":               claims(`["answer.commune-named","names.case"]`, `[]`),
		"null reasons":             claims(`["answer.commune-named","names.case"]`, `null`),
		"pseudonym of other size":  claims(strings.Repeat("A", 43), "AAAA"),
		"broken text":              claims(`desk-3`, "desk-\xff"),
		"not an object":            {string(head), `[]`},
		"nothing":                  {string(head), ``},
		"alg none":                 heads(key.public.Algorithm, "none"),
		"alg None":                 heads(key.public.Algorithm, "nOnE"),
		"alg HS256":                heads(key.public.Algorithm, "HS256"),
		"alg RS256":                heads(key.public.Algorithm, "RS256"),
		"alg in small letters":     heads(key.public.Algorithm, strings.ToLower(key.public.Algorithm)),
		"alg twice":                heads(`"alg"`, `"alg":"none","alg"`),
		"typ JWT":                  heads(StatementType, "JWT"),
		"typ in capitals":          heads(StatementType, strings.ToUpper(StatementType)),
		"typ of a media type":      heads(StatementType, "application/"+StatementType),
		"no typ":                   heads(`,"typ":"`+StatementType+`"`, ``),
		"critical extension":       heads(`"typ"`, `"crit":["b64"],"b64":false,"typ"`),
		"key in the header":        heads(`"typ"`, `"jwk":{"kty":"oct","k":"AA"},"typ"`),
		"key from the network":     heads(`"typ"`, `"jku":"https://evil.example","typ"`),
		"certificate":              heads(`"typ"`, `"x5c":[],"typ"`),
		"compressed":               heads(`"typ"`, `"zip":"DEF","typ"`),
		"no key identifier":        heads(`"kid":"`+key.ID()+`",`, ``),
		"another key identifier":   heads(key.ID(), "x"),
		"key identifier, file":     heads(key.ID(), "../../dev/null"),
		"header with white space":  heads(`{`, `{ `),
		"header, unknown member":   heads(`"typ"`, `"cty":"JWT","typ"`),
		"header, member twice":     heads(`"typ"`, `"typ":"JWT","typ"`),
		"header, escaped":          heads(`"typ"`, `"\u0074yp"`),
		"header, other capitals":   heads(`"typ"`, `"Typ"`),
		"header, null byte at end": {string(head) + "\x00", string(payload)},
	} {
		_, err := Verify(forge(t, private, v[0], v[1]), keys, expected())
		assert.Error(t, err, attack)
		if !strings.HasSuffix(attack, "key identifier") && attack != "key identifier, file" {
			assert.ErrorIs(t, err, ErrMalformed, attack)
		}
	}
	envelopes(t, key, keys, s)
}

// envelopes tries other ways to write the same token.
func envelopes(t *testing.T, key *Key, keys Keys, s Statement) {
	token, err := key.Sign(s)
	require.NoError(t, err)
	parts := strings.Split(token, ".")
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	require.NoError(t, err)
	loose := []byte(parts[2])
	loose[len(loose)-1]++ // the last two or four bits of a 64 byte signature belong to nothing
	for name, changed := range map[string]string{
		"padded":           token + "==",
		"two parts":        parts[0] + "." + parts[1],
		"four parts":       token + "." + parts[2],
		"no signature":     parts[0] + "." + parts[1] + ".",
		"new line":         token + "\n",
		"inner new line":   parts[0] + ".\n" + parts[1] + "." + parts[2],
		"standard base64":  parts[0] + "." + parts[1] + "." + base64.RawStdEncoding.EncodeToString(append(signature[:61:61], 0xFB, 0xEF, 0xFF)),
		"other last bits":  parts[0] + "." + parts[1] + "." + string(loose),
		"zero signature":   parts[0] + "." + parts[1] + "." + base64.RawURLEncoding.EncodeToString(make([]byte, 64)),
		"short signature":  parts[0] + "." + parts[1] + "." + base64.RawURLEncoding.EncodeToString(signature[:63]),
		"detached":         parts[0] + ".." + parts[2],
		"JSON":             `{"payload":"` + parts[1] + `","protected":"` + parts[0] + `","signature":"` + parts[2] + `"}`,
		"too long":         token + strings.Repeat("A", maxToken),
		"empty":            "",
		"dots":             "..",
		"DER signature":    parts[0] + "." + parts[1] + "." + base64.RawURLEncoding.EncodeToString(append([]byte{0x30, 0x44, 2, 32}, signature...)),
		"payload of other": parts[0] + "." + base64.RawURLEncoding.EncodeToString([]byte(`{"answer":"yes"}`)) + "." + parts[2],
	} {
		_, err := Verify(changed, keys, expected())
		assert.Error(t, err, name)
	}
	for i := range token {
		changed := []byte(token)
		changed[i] ^= 1
		_, err := Verify(string(changed), keys, expected())
		require.Error(t, err, "character %d", i)
	}
}

// What Verify would refuse, a desk does not sign.
func TestNotSigned(t *testing.T) {
	key, _ := keysOf(t, privateKeys(t)["EdDSA"])
	for name, change := range map[string]func(*Statement){
		"no audience":             func(s *Statement) { s.Audience = "" },
		"controller, look-alike":  func(s *Statement) { s.Controller = "tоwn" },
		"life":                    func(s *Statement) { s.Expiry = s.Time.Add(MaxLife + time.Second) },
		"no time":                 func(s *Statement) { s.Time = time.Time{} },
		"question":                func(s *Statement) { s.Question.ID = "over-21" },
		"markup in a place":       func(s *Statement) {},
		"two scripts in a place":  func(s *Statement) { s.Question.Arg = "Specimen سبيسيمن" },
		"glyphs in a place":       func(s *Statement) { s.Question.Arg = "ﺳﻼ" },
		"marks apart":             func(s *Statement) { s.Question.Arg = "Ai\u0308t" },
		"card refused":            func(s *Statement) { s.Question.Arg, s.Verdict = "Aït", pki.Refused },
		"nonce":                   func(s *Statement) { s.Question.Arg, s.Nonce = "Aït", "a b" },
		"a reason that is a name": func(s *Statement) { s.Question.Arg, s.Reasons = "Aït", []string{"SPECIMEN"} },
	} {
		s := specimen()
		change(&s)
		_, err := key.Sign(s)
		assert.ErrorIs(t, err, ErrMalformed, name)
	}
}

func TestKeys(t *testing.T) {
	weak, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	other, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	require.NoError(t, err)
	for _, private := range []crypto.Signer{weak, other} {
		_, err := NewKey(private)
		assert.ErrorIs(t, err, ErrKey)
	}
	good := privateKeys(t)["ES256"]
	key, _ := keysOf(t, good)
	set := func(change func(*jose.JSONWebKey)) []byte {
		k := *key
		change(&k.public)
		out, err := JWKS(&k)
		require.NoError(t, err)
		return out
	}
	for name, in := range map[string][]byte{
		"private key":    set(func(k *jose.JSONWebKey) { k.Key = good }),
		"secret key":     set(func(k *jose.JSONWebKey) { k.Key, k.Algorithm = []byte("secret"), "HS256" }),
		"RSA":            set(func(k *jose.JSONWebKey) { k.Key, k.Algorithm = weak.Public(), "RS256" }),
		"algorithm":      set(func(k *jose.JSONWebKey) { k.Algorithm = "ES384" }),
		"no algorithm":   set(func(k *jose.JSONWebKey) { k.Algorithm = "" }),
		"other kid":      set(func(k *jose.JSONWebKey) { k.KeyID = "desk-3" }),
		"for encrypting": set(func(k *jose.JSONWebKey) { k.Use = "enc" }),
		"empty":          []byte(`{"keys":[]}`),
		"not JSON":       []byte("x"),
		"keys twice":     []byte(strings.Replace(string(set(func(*jose.JSONWebKey) {})), `"kty"`, `"kty":"oct","kty"`, 1)),
	} {
		_, err := ParseKeys(in)
		assert.ErrorIs(t, err, ErrKey, name)
	}
	for _, file := range []string{"", "x", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"} {
		_, err := ParseKey([]byte(file))
		assert.ErrorIs(t, err, ErrKey)
	}
	assert.Len(t, key.String(), 43)
}

func FuzzVerify(f *testing.F) {
	key, keys := keysOf(f, ed25519.NewKeyFromSeed(make([]byte, 32)))
	s := specimen()
	s.Question = Question{ID: Over18}
	token, err := key.Sign(s)
	require.NoError(f, err)
	f.Add(token)
	f.Add("..")
	f.Add("e30.e30.e30")
	f.Fuzz(func(t *testing.T, in string) {
		got, err := Verify(in, keys, expected())
		if err != nil {
			require.Equal(t, Statement{}, got)
			return
		}
		require.Equal(t, token, in, "Ed25519 is deterministic, and there is one spelling")
	})
}
