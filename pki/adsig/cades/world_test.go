package cades_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"sync"
	"testing"
	"time"

	"cnie/internal/ec"
	"cnie/pki/adsig/adsigtest"
	"cnie/pki/adsig/cades"
	"cnie/pki/adsig/revocation"

	"github.com/stretchr/testify/require"
)

var content = []byte("what the signer saw\r\nand nothing else\x00\n")

var rsaKey = sync.OnceValue(func() crypto.Signer {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

func nist(t testing.TB, curve elliptic.Curve) crypto.Signer {
	key, err := ecdsa.GenerateKey(curve, rand.Reader)
	require.NoError(t, err)
	return key
}

// kind is a kind of key and how it signs.
type kind struct {
	name   string
	signer func(*adsigtest.Lab) *adsigtest.Identity
	hash   crypto.Hash
	pss    bool
}

func on(curve *ec.Curve) func(*adsigtest.Lab) *adsigtest.Identity {
	return func(l *adsigtest.Lab) *adsigtest.Identity { return l.OnCurve(curve) }
}

func with(key func() crypto.Signer) func(*adsigtest.Lab) *adsigtest.Identity {
	return func(l *adsigtest.Lab) *adsigtest.Identity { return l.Signer(key()) }
}

func kinds(t testing.TB) []kind {
	p := func(c elliptic.Curve) func() crypto.Signer { return func() crypto.Signer { return nist(t, c) } }
	return []kind{
		{"rsa", with(rsaKey), 0, false},
		{"rsa-sha512", with(rsaKey), crypto.SHA512, false},
		{"rsa-pss", with(rsaKey), 0, true},
		{"rsa-pss-sha384", with(rsaKey), crypto.SHA384, true},
		{"p256", with(p(elliptic.P256())), 0, false},
		{"p384", with(p(elliptic.P384())), 0, false},
		{"p521", with(p(elliptic.P521())), 0, false},
		{"brainpoolP256r1", on(ec.BrainpoolP256r1()), 0, false},
		{"brainpoolP384r1", on(ec.BrainpoolP384r1()), 0, false},
		{"brainpoolP512r1", on(ec.BrainpoolP512r1()), 0, false},
	}
}

// desk is a lab with a signer at work.
type desk struct {
	lab *adsigtest.Lab
	*cades.Signer
}

func newDesk(t testing.TB, k kind) desk {
	lab := adsigtest.New(t)
	id := k.signer(lab)
	return desk{lab, &cades.Signer{Key: id.Key, Chain: lab.Chain(id), Hash: k.hash, PSS: k.pss, At: lab.Now}}
}

func (d desk) augmenter() *cades.Augmenter {
	return &cades.Augmenter{
		Stamp: d.lab.Stamp, Anchors: d.lab.Anchors(),
		Collector: revocation.Collector{
			Source: d.lab, Now: func() time.Time { return d.lab.Now },
			Lists: []string{"http://crl.specimen.example/root.crl", "http://crl.specimen.example/ca.crl"}, Responders: []string{"http://ocsp.specimen.example/"},
		},
	}
}

func (d desk) detached(t testing.TB) []byte {
	message, err := d.SignReader(bytes.NewReader(content))
	require.NoError(t, err)
	return message
}

func digests(h crypto.Hash) ([]byte, error) {
	sum := h.New()
	sum.Write(content)
	return sum.Sum(nil), nil
}
