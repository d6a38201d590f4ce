package cades_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"cnie/pki/adsig/adsigtest"
	"cnie/pki/adsig/cades"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestOpenSSL has OpenSSL verify signatures of every kind of key, detached and
// attached, and of every level. Its -cades verifies the reference to the
// signer's certificate as well.
func TestOpenSSL(t *testing.T) {
	for _, k := range kinds(t) {
		t.Run(k.name, func(t *testing.T) {
			d := newDesk(t, k)
			verify(t, d, d.detached(t), "-content", adsigtest.File(t, "content", content))
			var attached bytes.Buffer
			require.NoError(t, d.Envelop(t.Context(), &attached, bytes.NewReader(content), cades.BB, nil))
			verify(t, d, attached.Bytes())
		})
	}
	d := newDesk(t, kinds(t)[4])
	for _, level := range []cades.Level{cades.BT, cades.BLT, cades.BLTA} {
		t.Run(level.String(), func(t *testing.T) {
			raised, err := d.augmenter().Augment(t.Context(), d.detached(t), level, digests)
			require.NoError(t, err)
			verify(t, d, raised, "-content", adsigtest.File(t, "content", content))
			var attached bytes.Buffer
			require.NoError(t, d.Envelop(t.Context(), &attached, bytes.NewReader(content), level, d.augmenter()))
			verify(t, d, attached.Bytes())
		})
	}
}

// verify has OpenSSL verify a message and compares the content that it gives.
func verify(t *testing.T, d desk, message []byte, more ...string) {
	t.Helper()
	out := filepath.Join(t.TempDir(), "out")
	arguments := append([]string{
		"cms", "-verify", "-cades", "-binary", "-inform", "DER", "-in", adsigtest.File(t, "message", message), "-out", out,
		"-CAfile", adsigtest.CertFile(t, d.lab.Root),
	}, more...)
	adsigtest.OpenSSL(t, arguments...)
	got, err := os.ReadFile(out)
	require.NoError(t, err)
	assert.Equal(t, content, got)
}

// TestStampByOpenSSL raises a signature with a timestamp that OpenSSL made, and
// has OpenSSL verify it over the signature value.
func TestStampByOpenSSL(t *testing.T) {
	d := newDesk(t, kinds(t)[4])
	a := d.augmenter()
	a.Stamp = d.lab.OpenSSLStamp("")
	raised, err := a.Augment(t.Context(), d.detached(t), cades.BT, nil)
	require.NoError(t, err)
	sd, properties := read(t, raised)
	require.Len(t, properties.SignatureStamps, 1)
	adsigtest.OpenSSL(t, "ts", "-verify", "-token_in", "-in", adsigtest.File(t, "token", properties.SignatureStamps[0]),
		"-data", adsigtest.File(t, "value", sd.Signers[0].Signature), "-CAfile", adsigtest.CertFile(t, d.lab.Root), "-untrusted", adsigtest.CertFile(t, d.lab.CA))
}
