package esigntest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/cardreader/esign"
)

const message = "SPECIMEN of a text that is signed"

func digest(hash crypto.Hash) []byte {
	h := hash.New()
	h.Write([]byte(message))
	return h.Sum(nil)
}

func lists(r run) {
	token, someone := r.token(r.PIN)
	keys, err := token.Keys(r.Context())
	require.NoError(r, err)
	found := map[string]string{}
	for _, key := range keys {
		certificate := key.Certificate()
		if certificate == nil {
			continue
		}
		slot := key.Description().Slot
		found[slot] = key.Algorithm()
		assert.Equal(r, certificate.PublicKey, key.Public())
		assert.Equal(r, certificate, key.Chain()[0])
		assert.Contains(r, key.Description().Name(), slot+" (")
	}
	assert.Equal(r, r.Keys, found)
	assert.Zero(r, someone.times(), "a list needs no PIN")
}

// way is one way to sign, and how to tell others of it.
type way struct {
	opts   crypto.SignerOpts
	x509   x509.SignatureAlgorithm
	dgst   string
	sigopt []string
}

func ways(public crypto.PublicKey) (all []way) {
	pss := []string{"-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:auto"}
	for i, hash := range []crypto.Hash{crypto.SHA256, crypto.SHA384, crypto.SHA512} {
		name := fmt.Sprintf("-sha%d", hash.Size()*8)
		if _, is := public.(*ecdsa.PublicKey); is {
			all = append(all, way{hash, x509.ECDSAWithSHA256 + x509.SignatureAlgorithm(i), name, nil})
			continue
		}
		all = append(all,
			way{hash, x509.SHA256WithRSA + x509.SignatureAlgorithm(i), name, nil},
			way{&rsa.PSSOptions{Hash: hash, SaltLength: rsa.PSSSaltLengthEqualsHash}, x509.SHA256WithRSAPSS + x509.SignatureAlgorithm(i), name, pss},
			way{&rsa.PSSOptions{Hash: hash, SaltLength: 20}, x509.UnknownSignatureAlgorithm, name, pss},
			way{&rsa.PSSOptions{Hash: hash, SaltLength: rsa.PSSSaltLengthAuto}, x509.UnknownSignatureAlgorithm, name, pss})
	}
	return all
}

// signs signs in every way with every key, and has others judge.
func signs(r run) {
	token, _ := r.token(r.PIN)
	for slot := range r.Keys {
		key := r.key(token, slot)
		for _, w := range ways(key.Public()) {
			signature, err := key.Sign(nil, digest(w.opts.HashFunc()), w.opts)
			require.NoError(r, err, "%s %v", slot, w)
			if w.x509 != x509.UnknownSignatureAlgorithm {
				assert.NoError(r, key.Certificate().CheckSignature(w.x509, []byte(message), signature), "%s %v", slot, w)
			}
			r.openssl(key, w, signature)
		}
	}
}

// openssl has the command line tool verify a signature.
func (r run) openssl(key *esign.Key, w way, signature []byte) {
	r.Helper()
	spki, err := x509.MarshalPKIXPublicKey(key.Public())
	require.NoError(r, err)
	dir := r.TempDir()
	file := func(name string, content []byte) string {
		path := filepath.Join(dir, name)
		require.NoError(r, os.WriteFile(path, content, 0o600))
		return path
	}
	arguments := append([]string{"dgst", w.dgst}, w.sigopt...)
	arguments = append(arguments, "-verify", file("key.pem", pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: spki})),
		"-signature", file("signature", signature), file("text", []byte(message)))
	out, err := exec.Command("openssl", arguments...).CombinedOutput()
	require.NoError(r, err, "%v: %s", arguments, out)
	assert.Contains(r, string(out), "Verified OK")
}

func unacceptable(r run) {
	token, someone := r.token(r.PIN)
	key := r.key(token, r.Always)
	for name, c := range map[string]struct {
		digest []byte
		opts   crypto.SignerOpts
	}{
		"no options":   {digest(crypto.SHA256), nil},
		"no hash":      {[]byte(message), crypto.Hash(0)},
		"SHA-1":        {make([]byte, 20), crypto.SHA1},
		"too short":    {make([]byte, 31), crypto.SHA256},
		"too long":     {make([]byte, 33), crypto.SHA256},
		"nothing":      {nil, crypto.SHA256},
		"another hash": {digest(crypto.SHA256), crypto.SHA512},
	} {
		_, err := key.Sign(nil, c.digest, c.opts)
		assert.ErrorIs(r, err, esign.ErrUnsupported, name)
	}
	for slot := range r.Keys {
		curve := r.key(token, slot)
		if _, is := curve.Public().(*ecdsa.PublicKey); is {
			_, err := curve.Sign(nil, digest(crypto.SHA256), &rsa.PSSOptions{Hash: crypto.SHA256})
			assert.ErrorIs(r, err, esign.ErrUnsupported, "PSS on a curve")
		}
	}
	assert.Zero(r, someone.times())
}

// good signs with SHA-256 and expects it to work; the signature was verified.
func (r run) good(key *esign.Key) {
	r.Helper()
	signature, err := key.SignContext(r.Context(), digest(crypto.SHA256), crypto.SHA256)
	require.NoError(r, err)
	assert.NotEmpty(r, signature)
}

// bad signs with SHA-256 and expects it to fail.
func (r run) bad(key *esign.Key, target error) error {
	r.Helper()
	signature, err := key.SignContext(r.Context(), digest(crypto.SHA256), crypto.SHA256)
	require.ErrorIs(r, err, target)
	assert.Nil(r, signature)
	assert.NotContains(r, err.Error(), r.PIN)
	return err
}

// manyAtOnce has several people at one card. Whoever comes second waits, so that
// no key gets the PIN that was meant for another.
func manyAtOnce(r run) {
	token, _ := r.token(r.PIN)
	var all sync.WaitGroup
	for slot := range r.Keys {
		key := r.key(token, slot)
		for range 3 {
			all.Go(func() {
				_, err := key.Sign(nil, digest(crypto.SHA384), crypto.SHA384)
				assert.NoError(r, err, slot)
			})
		}
	}
	all.Wait()
}
