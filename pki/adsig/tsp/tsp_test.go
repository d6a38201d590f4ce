package tsp_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/asn1"
	"encoding/hex"
	"errors"
	"math/big"
	"testing"
	"time"

	"cnie/pki/adsig/adsigtest"
	"cnie/pki/adsig/ess"
	"cnie/pki/adsig/tsp"
	"cnie/pki/cms"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var sum = sha256.Sum256([]byte("what was there"))

// TestOpenSSL asks an authority that OpenSSL runs, and has OpenSSL verify what
// came.
func TestOpenSSL(t *testing.T) {
	lab := adsigtest.New(t)
	long := sha512.Sum512([]byte("what was there"))
	for _, c := range []struct {
		extra  string
		hash   crypto.Hash
		digest []byte
	}{
		{"", crypto.SHA256, sum[:]},
		{"", crypto.SHA512, long[:]},
		{"ess_cert_id_chain = yes", crypto.SHA256, sum[:]},
		{"clock_precision_digits = 3", crypto.SHA256, sum[:]},
	} {
		t.Run(c.extra+c.hash.String(), func(t *testing.T) {
			token, err := tsp.Ask(t.Context(), lab.OpenSSLStamp(c.extra), c.hash, c.digest)
			require.NoError(t, err)
			assert.WithinDuration(t, time.Now(), token.Time, time.Minute)
			assert.Equal(t, 1500*time.Millisecond+100*time.Microsecond, token.Accuracy)
			assert.Equal(t, "1.3.6.1.4.1.99999.2", token.Policy.String())
			assert.True(t, token.Ordering)
			verified, err := token.Verify(nil)
			require.NoError(t, err)
			assert.Equal(t, lab.TSA.Cert.Raw, verified.Signer.Raw)
			judge(t, lab, token, c.digest)
		})
	}
}

// judge has OpenSSL verify a token.
func judge(t *testing.T, lab *adsigtest.Lab, token *tsp.Token, digest []byte) {
	t.Helper()
	output := adsigtest.OpenSSL(t, "ts", "-verify", "-token_in", "-in", adsigtest.File(t, "token", token.Raw), "-digest", hex.EncodeToString(digest),
		"-CAfile", adsigtest.CertFile(t, lab.Root), "-untrusted", adsigtest.CertFile(t, lab.CA))
	assert.Contains(t, string(output), "Verification: OK")
}

// TestLab has OpenSSL verify what the lab's own authority makes: other tests rely
// on it.
func TestLab(t *testing.T) {
	lab := adsigtest.New(t)
	token, err := tsp.Ask(t.Context(), lab.Stamp, crypto.SHA256, sum[:])
	require.NoError(t, err)
	assert.Equal(t, lab.Now, token.Time)
	judge(t, lab, token, sum[:])
}

// TestRequest has OpenSSL read a request.
func TestRequest(t *testing.T) {
	r, err := tsp.NewRequest(crypto.SHA256, sum[:])
	require.NoError(t, err)
	r.Policy = asn1.ObjectIdentifier{1, 2, 3}
	der, err := r.Encode()
	require.NoError(t, err)
	text := string(adsigtest.OpenSSL(t, "ts", "-query", "-in", adsigtest.File(t, "request", der), "-text"))
	for _, line := range []string{"Version: 1", "Hash Algorithm: sha256", "Policy OID: 1.2.3", "Certificate required: yes"} {
		assert.Contains(t, text, line)
	}
	_, err = tsp.NewRequest(crypto.SHA512, sum[:])
	assert.ErrorIs(t, err, tsp.ErrImprint)
}

// TestWrongAnswers gives answers that are not to the request.
func TestWrongAnswers(t *testing.T) {
	lab := adsigtest.New(t)
	request, err := tsp.NewRequest(crypto.SHA256, sum[:])
	require.NoError(t, err)
	other := sha256.Sum256([]byte("something else"))
	answer := func(change func(*tsp.Request)) []byte {
		altered := request
		change(&altered)
		der, err := altered.Encode()
		require.NoError(t, err)
		response, err := lab.Stamp(t.Context(), der)
		require.NoError(t, err)
		return response
	}
	right := answer(func(*tsp.Request) {})
	_, err = request.ParseResponse(right)
	require.NoError(t, err)
	for name, c := range map[string]struct {
		response []byte
		want     error
	}{
		"another digest": {answer(func(r *tsp.Request) { r.Digest = other[:] }), tsp.ErrMismatch},
		"another nonce":  {answer(func(r *tsp.Request) { r.Nonce = big.NewInt(1) }), tsp.ErrMismatch},
		"refused":        {[]byte("\x30\x0c\x30\x0a\x02\x01\x02\x30\x00\x03\x03\x00\x20\x00"), tsp.ErrRefused},
		"no token":       {[]byte("\x30\x05\x30\x03\x02\x01\x00"), tsp.ErrMalformed},
		"trailing byte":  {append(bytes.Clone(right), 0), tsp.ErrMalformed},
		"cut short":      {right[:len(right)-1], tsp.ErrMalformed},
		"nothing":        {nil, tsp.ErrMalformed},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := request.ParseResponse(c.response)
			assert.ErrorIs(t, err, c.want)
		})
	}
	request.Policy = asn1.ObjectIdentifier{1, 2, 3}
	_, err = request.ParseResponse(right)
	assert.ErrorIs(t, err, tsp.ErrMismatch, "another policy")
	lost := errors.New("line is down")
	_, err = tsp.Ask(t.Context(), func(context.Context, []byte) ([]byte, error) { return nil, lost }, crypto.SHA256, sum[:])
	assert.ErrorIs(t, err, lost)
}

// TestWrongSigners has certificates make timestamps that are not for it.
func TestWrongSigners(t *testing.T) {
	lab := adsigtest.New(t)
	stamping := asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 3, 8}
	for name, r := range map[string]adsigtest.Request{
		"no extended usage":  {Name: "A"},
		"also for something": {Name: "B", Critical: []asn1.ObjectIdentifier{stamping, {1, 3, 6, 1, 5, 5, 7, 3, 4}}},
		"for something else": {Name: "C", Critical: []asn1.ObjectIdentifier{{1, 3, 6, 1, 5, 5, 7, 3, 4}}},
		"usage not critical": {Name: "D", Purpose: adsigtest.TimeStamping},
	} {
		t.Run(name, func(t *testing.T) {
			tsa := lab.Issue(lab.CA, r)
			_, err := tsp.Ask(t.Context(), func(_ context.Context, request []byte) ([]byte, error) { return lab.StampBy(tsa, request) }, crypto.SHA256, sum[:])
			assert.ErrorIs(t, err, tsp.ErrSigner)
		})
	}
}

// TestDamaged flips each byte of a token: none that is taken for good says
// anything else than the original.
func TestDamaged(t *testing.T) {
	lab := adsigtest.New(t)
	token, err := tsp.Ask(t.Context(), lab.Stamp, crypto.SHA256, sum[:])
	require.NoError(t, err)
	for i := range token.Raw {
		damaged := bytes.Clone(token.Raw)
		damaged[i] ^= 0x04
		got, err := tsp.Parse(damaged)
		if err != nil {
			continue
		}
		verified, err := got.Verify(nil)
		if err == nil {
			assert.Equal(t, token.Message.Content, got.Message.Content, "byte %d", i)
			assert.Equal(t, lab.TSA.Cert.Raw, verified.Signer.Raw, "byte %d", i)
		}
	}
}

// TestOtherSigner brings the certificate from elsewhere, and one that only
// shares the name and number.
func TestOtherSigner(t *testing.T) {
	lab := adsigtest.New(t)
	token, err := tsp.Ask(t.Context(), lab.Stamp, crypto.SHA256, sum[:])
	require.NoError(t, err)
	own := token.Message.Certificates
	token.Message.Certificates = nil
	_, err = token.Verify(nil)
	assert.ErrorIs(t, err, cms.ErrNoSigner)
	_, err = token.Verify(own)
	assert.NoError(t, err)
	twin := *own[0]
	twin.Raw = append(bytes.Clone(twin.Raw), 0)
	token.Message.Certificates = nil
	_, err = token.Verify(append(own[:0:0], &twin))
	assert.ErrorIs(t, err, ess.ErrMismatch)
}

// FuzzParse looks for panics in answers and tokens.
func FuzzParse(f *testing.F) {
	lab := adsigtest.New(f)
	request, err := tsp.NewRequest(crypto.SHA256, sum[:])
	require.NoError(f, err)
	der, err := request.Encode()
	require.NoError(f, err)
	response, err := lab.Stamp(f.Context(), der)
	require.NoError(f, err)
	token, err := request.ParseResponse(response)
	require.NoError(f, err)
	f.Add(response)
	f.Add(token.Raw)
	f.Fuzz(func(t *testing.T, der []byte) {
		if got, err := request.ParseResponse(der); err == nil {
			assert.Equal(t, sum[:], got.Imprint)
		}
		if got, err := tsp.Parse(der); err == nil {
			_, _ = got.Verify(nil)
		}
	})
}
