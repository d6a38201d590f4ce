package jades_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"testing"
	"time"

	"cnie/pki/adsig"
	"cnie/pki/adsig/jades"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// seal makes a signature with any header, and whatever stands where the payload
// stands.
func (d desk) seal(t testing.TB, header map[string]any, payload string) []byte {
	t.Helper()
	raw, err := json.Marshal(header)
	require.NoError(t, err)
	return d.sealRaw(t, raw, payload)
}

func (d desk) sealRaw(t testing.TB, raw []byte, payload string) []byte {
	t.Helper()
	input := base64.RawURLEncoding.EncodeToString(raw) + "." + payload
	sum := sha256.Sum256([]byte(input))
	r, s, err := ecdsa.Sign(rand.Reader, d.id.Key.(*ecdsa.PrivateKey), sum[:])
	require.NoError(t, err)
	value := append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...)
	return []byte(input + "." + base64.RawURLEncoding.EncodeToString(value))
}

// sound is a header that passes.
func (d desk) sound() map[string]any {
	return map[string]any{"alg": "ES256", "iat": d.Now.Unix(), "x5c": []string{
		base64.StdEncoding.EncodeToString(d.id.X509.Raw), base64.StdEncoding.EncodeToString(d.CA.X509.Raw)}}
}

// TestRules: each header that is not as it should be, and what is said of it.
func TestRules(t *testing.T) {
	d := newDesk(t, nil)
	const payload = "d2hhdA"
	sum := sha256.Sum256([]byte("what"))
	encodedSum := sha256.Sum256([]byte(payload))
	hash := base64.RawURLEncoding.EncodeToString
	sigD := func(sum []byte) map[string]any {
		return map[string]any{"mId": "http://uri.etsi.org/19182/ObjectIdByURIHash", "pars": []string{"what.txt"}, "hashM": "S256", "hashV": []string{hash(sum)}}
	}
	with := func(changes map[string]any) map[string]any {
		h := d.sound()
		for name, value := range changes {
			h[name] = value
		}
		return h
	}
	files := beside(map[string]string{"what.txt": "what", "": "what"})
	type set = map[string]any
	otherSum := sha256.Sum256(d.CA.X509.Raw)
	for name, c := range map[string]struct {
		header  map[string]any
		payload string
		content jades.Content
		sub     adsig.SubIndication
	}{
		"sound":                     {d.sound(), payload, nil, ""},
		"sigT":                      {with(set{"iat": nil, "sigT": d.Now.UTC().Format(time.RFC3339), "crit": []string{"sigT"}}), payload, nil, ""},
		"beside, encoded":           {with(set{"sigD": sigD(encodedSum[:]), "crit": []string{"sigD"}}), "", files, ""},
		"beside, as it is":          {with(set{"sigD": sigD(sum[:]), "b64": false, "crit": []string{"sigD", "b64"}}), "", files, ""},
		"right thumbprint":          {with(set{"x5t#S256": hash(sha(d.id.X509.Raw))}), payload, nil, ""},
		"right other thumbprint":    {with(set{"x5t#o": set{"digAlg": "S512", "digVal": hash(sha512of(d.id.X509.Raw))}, "crit": []string{"x5t#o"}}), payload, nil, ""},
		"wrong file":                {with(set{"sigD": sigD(encodedSum[:]), "b64": false, "crit": []string{"sigD", "b64"}}), "", files, adsig.HashFailure},
		"no files":                  {with(set{"sigD": sigD(encodedSum[:]), "crit": []string{"sigD"}}), "", nil, adsig.SignedDataNotFound},
		"by address":                {with(set{"sigD": set{"mId": "http://uri.etsi.org/19182/ObjectIdByURI", "pars": []string{"what.txt"}}, "crit": []string{"sigD"}}), "", files, adsig.SignedDataNotFound},
		"sigD and a payload":        {with(set{"sigD": sigD(encodedSum[:]), "crit": []string{"sigD"}}), payload, files, adsig.FormatFailure},
		"sigD not in crit":          {with(set{"sigD": sigD(encodedSum[:])}), "", files, adsig.FormatFailure},
		"b64 not in crit":           {with(set{"b64": true}), payload, nil, adsig.FormatFailure},
		"more names than hashes":    {with(set{"sigD": set{"mId": "http://uri.etsi.org/19182/ObjectIdByURIHash", "pars": []string{"a", "b"}, "hashM": "S256", "hashV": []string{hash(sum[:])}}, "crit": []string{"sigD"}}), "", files, adsig.FormatFailure},
		"unknown hash":              {with(set{"sigD": set{"mId": "http://uri.etsi.org/19182/ObjectIdByURIHash", "pars": []string{"a"}, "hashM": "MD5", "hashV": []string{"AA"}}, "crit": []string{"sigD"}}), "", files, adsig.FormatFailure},
		"crit that nobody knows":    {with(set{"exp": 1, "crit": []string{"exp"}}), payload, nil, adsig.FormatFailure},
		"crit of what is not there": {with(set{"crit": []string{"sigT"}}), payload, nil, adsig.FormatFailure},
		"crit empty":                {with(set{"crit": []string{}}), payload, nil, adsig.FormatFailure},
		"crit twice":                {with(set{"iat": nil, "sigT": "2026-07-01T00:00:00Z", "crit": []string{"sigT", "sigT"}}), payload, nil, adsig.FormatFailure},
		"no time":                   {with(set{"iat": nil}), payload, nil, adsig.SigConstraintsFailure},
		"two times":                 {with(set{"sigT": "2026-07-01T00:00:00Z", "crit": []string{"sigT"}}), payload, nil, adsig.SigConstraintsFailure},
		"time of another zone":      {with(set{"iat": nil, "sigT": "2026-07-01T00:00:00+01:00", "crit": []string{"sigT"}}), payload, nil, adsig.SigConstraintsFailure},
		"tomorrow":                  {with(set{"iat": d.Now.Unix() + 86400}), payload, nil, adsig.SigConstraintsFailure},
		"a policy":                  {with(set{"sigPId": set{"id": "x"}, "crit": []string{"sigPId"}}), payload, nil, adsig.SignaturePolicyNotAvailable},
		"no certificate":            {with(set{"x5c": nil}), payload, nil, adsig.NoSigningCertificateFound},
		"another's thumbprint":      {with(set{"x5t#S256": hash(otherSum[:])}), payload, nil, adsig.NoSigningCertificateFound},
		"another's other one":       {with(set{"x5t#o": set{"digAlg": "S512", "digVal": "AA"}, "crit": []string{"x5t#o"}}), payload, nil, adsig.NoSigningCertificateFound},
		"another's certificate":     {with(set{"x5c": []string{base64.StdEncoding.EncodeToString(d.CA.X509.Raw)}}), payload, nil, adsig.SigCryptoFailure},
		"algorithm none":            {with(set{"alg": "none"}), payload, nil, adsig.CryptoConstraintsFailure},
		"algorithm HMAC":            {with(set{"alg": "HS256"}), payload, nil, adsig.CryptoConstraintsFailure},
		"algorithm of another key":  {with(set{"alg": "ES384"}), payload, nil, adsig.CryptoConstraintsFailure},
		"algorithm of RSA":          {with(set{"alg": "RS256"}), payload, nil, adsig.SigCryptoFailure},
	} {
		t.Run(name, func(t *testing.T) {
			for key, value := range c.header {
				if value == nil {
					delete(c.header, key)
				}
			}
			_, sub := judge(t, d.seal(t, c.header, c.payload), c.content, d.policy()).Indication()
			assert.Equal(t, c.sub, sub)
		})
	}
	t.Run("twice in the header", func(t *testing.T) {
		raw, err := json.Marshal(d.sound())
		require.NoError(t, err)
		raw = append(raw[:len(raw)-1], `,"iat":5}`...)
		_, sub := judge(t, d.sealRaw(t, raw, payload), nil, d.policy()).Indication()
		assert.Equal(t, adsig.FormatFailure, sub)
	})
	t.Run("revoked", func(t *testing.T) {
		text := d.seal(t, d.sound(), payload)
		d.Revoke(d.id)
		_, sub := judge(t, text, nil, d.policy()).Indication()
		assert.Equal(t, adsig.RevokedNoPOE, sub)
	})
}

func sha(b []byte) []byte { s := sha256.Sum256(b); return s[:] }

func sha512of(b []byte) []byte { h := crypto.SHA512.New(); h.Write(b); return h.Sum(nil) }
