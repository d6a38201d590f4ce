package cert_test

import (
	"crypto"
	"encoding/hex"
	"encoding/json"
	"strings"
	"testing"

	"cnie/internal/vectors"
	"cnie/pki/cert"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var hashNames = map[string]crypto.Hash{
	"SHA-1": crypto.SHA1, "SHA-224": crypto.SHA224, "SHA-256": crypto.SHA256, "SHA-384": crypto.SHA384, "SHA-512": crypto.SHA512,
}

type wycheproofFile struct {
	TestGroups []struct {
		PublicKeyDer string
		Sha, MgfSha  string
		SLen         int
		Tests        []struct {
			TcID             int
			Comment          string
			Msg, Sig, Result string
		}
	}
}

// TestWycheproof runs the signature files through ParseSPKI and Verify.
// "acceptable" marks legacy encodings; refusing them is right as well, and it
// is what is expected here.
func TestWycheproof(t *testing.T) {
	for name, kind := range map[string]cert.Kind{
		"rsa_signature_2048_sha256_test.json":    cert.RSAPKCS1,
		"rsa_signature_3072_sha256_test.json":    cert.RSAPKCS1,
		"rsa_signature_4096_sha512_test.json":    cert.RSAPKCS1,
		"rsa_pss_2048_sha256_mgf1_32_test.json":  cert.RSAPSS,
		"rsa_pss_3072_sha256_mgf1_32_test.json":  cert.RSAPSS,
		"rsa_pss_4096_sha512_mgf1_64_test.json":  cert.RSAPSS,
		"ecdsa_secp256r1_sha256_test.json":       cert.ECDSA,
		"ecdsa_brainpoolP224r1_sha224_test.json": cert.ECDSA,
		"ecdsa_brainpoolP256r1_sha256_test.json": cert.ECDSA,
		"ecdsa_brainpoolP384r1_sha384_test.json": cert.ECDSA,
		"ecdsa_brainpoolP512r1_sha512_test.json": cert.ECDSA,
	} {
		t.Run(strings.TrimSuffix(name, "_test.json"), func(t *testing.T) {
			var file wycheproofFile
			require.NoError(t, json.Unmarshal(vectors.File(t, "wycheproof", name), &file))
			ran := 0
			for _, group := range file.TestGroups {
				key, err := cert.ParseSPKI(unhex(t, group.PublicKeyDer))
				require.NoError(t, err)
				alg := cert.Algorithm{Kind: kind, Hash: hashNames[group.Sha], MGFHash: hashNames[group.MgfSha], SaltLen: group.SLen}
				for _, test := range group.Tests {
					err := key.Verify(alg, alg.Digest(unhex(t, test.Msg)), unhex(t, test.Sig))
					if test.Result == "valid" {
						assert.NoError(t, err, "test %d: %s", test.TcID, test.Comment)
					} else {
						assert.ErrorIs(t, err, cert.ErrSignature, "test %d: %s", test.TcID, test.Comment)
					}
					ran++
				}
			}
			assert.Greater(t, ran, 50)
		})
	}
}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	raw, err := hex.DecodeString(s)
	require.NoError(t, err)
	return raw
}
