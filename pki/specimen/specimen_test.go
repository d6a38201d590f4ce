package specimen

import (
	"crypto"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/internal/ec"
)

func fingerprint(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// TestFingerprintsNeverChange pins the bytes: pki/trust knows the CSCA by its
// fingerprint, and cards that were made yesterday must verify tomorrow.
func TestFingerprintsNeverChange(t *testing.T) {
	signer, err := Default().IssueDSC(DSCOptions{})
	require.NoError(t, err)
	sod, err := signer.SignSOD(groups, SODOptions{SigningTime: duringUse})
	require.NoError(t, err)
	list, err := Default().CRL(duringUse, duringUse.Add(CRLValidity), Default().Revoked...)
	require.NoError(t, err)
	rsa, err := Default().IssueDSC(DSCOptions{Label: "RSA", Key: Algorithm{RSA: 2048, PSS: true}})
	require.NoError(t, err)
	rsaSOD, err := rsa.SignSOD(groups, SODOptions{})
	require.NoError(t, err)
	assert.Equal(t, map[string]string{
		"CSCA":    "1eac6c613f91466ef098a27e3d7dfeb9bf3fcca7260a37fe767d63e00a884695",
		"DSC":     "d18b9b4e38185c3b0766e1019e783f459ad5e89f14d096de7f1aae54d0a1ded3",
		"SOD":     "9365d8e68fae4c9b6daafb03b822f96c0423a6fd52415e7a6d3fa77159e48b0b",
		"CRL":     "b0d128075458c1d197badbca7da8c8ef3c20a17d44d1a8378bb8d3c0ad75bb0d",
		"RSA SOD": "4b90301c2f1826f35e7cef4b6ee5df7e751d343e61c3946ca3d6c67867d7a5d6",
	}, map[string]string{
		"CSCA": fingerprint(Default().Certificate), "DSC": fingerprint(signer.Certificate),
		"SOD": fingerprint(sod), "CRL": fingerprint(list), "RSA SOD": fingerprint(rsaSOD),
	})
}

func TestSeedsGiveDifferentCountries(t *testing.T) {
	one, err := New("one", Options{})
	require.NoError(t, err)
	two, err := New("two", Options{})
	require.NoError(t, err)
	again, err := New("one", Options{})
	require.NoError(t, err)
	assert.NotEqual(t, one.Certificate, two.Certificate)
	assert.NotEqual(t, one.key.id(), two.key.id())
	assert.Equal(t, one.Certificate, again.Certificate)
}

func TestImpossibleOptions(t *testing.T) {
	for name, o := range map[string]Options{
		"hash":      {Key: Algorithm{Hash: crypto.MD5}},
		"two keys":  {Key: Algorithm{Curve: ec.P256(), RSA: 2048}},
		"short RSA": {Key: Algorithm{RSA: 512}},
		"odd RSA":   {Key: Algorithm{RSA: 2047}},
		"dates":     {NotAfter: day(2020, 1, 1)},
	} {
		_, err := New("seed", o)
		assert.Error(t, err, name)
	}
	signer, err := Default().IssueDSC(DSCOptions{})
	require.NoError(t, err)
	_, err = signer.SignSOD(nil, SODOptions{})
	assert.ErrorContains(t, err, "at least one data group")
	_, err = signer.SignSOD(groups, SODOptions{Hash: crypto.MD5})
	assert.ErrorContains(t, err, "hash")
}

func TestWriteTrust(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "trust")
	require.NoError(t, Default().WriteTrust(dir, duringUse))
	require.NoError(t, Default().WriteTrust(dir, duringUse), "a second time replaces the files")
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	assert.Equal(t, []string{"CSCA-SPECIMEN-01.crl", "CSCA-SPECIMEN-01.der"}, names)
	written, err := os.ReadFile(filepath.Join(dir, "CSCA-SPECIMEN-01.der"))
	require.NoError(t, err)
	assert.Equal(t, Default().Certificate, written)

	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	assert.ErrorContains(t, Default().WriteTrust(file, duringUse), "make trust folder")
}

func TestDER(t *testing.T) {
	for want, got := range map[string][]byte{
		"020100":           small(0),
		"02020080":         small(128),
		"03020780":         namedBits(1),      // digitalSignature
		"03020106":         namedBits(96),     // keyCertSign, cRLSign
		"0303070080":       namedBits(1 << 8), // decipherOnly, the ninth bit
		"3003020101":       sequence(small(1)),
		"3106020101020102": setOf(small(2), small(1)),
	} {
		assert.Equal(t, want, hex.EncodeToString(got))
	}
	long := octets(make([]byte, 300))
	assert.Equal(t, "0482012c", hex.EncodeToString(long[:4]))
	assert.Equal(t, "048180", hex.EncodeToString(octets(make([]byte, 128))[:3]))
	assert.Equal(t, "18", hex.EncodeToString(moment(day(2050, 1, 1))[:1]))
	assert.Equal(t, "17", hex.EncodeToString(moment(day(2049, 12, 31))[:1]))
}
