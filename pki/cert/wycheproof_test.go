package cert_test

import (
	"crypto"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
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
	NumberOfTests int
	TestGroups    []struct {
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

// kinds are the files' schemes by how their names begin.
var kinds = map[string]cert.Kind{"rsa_signature_": cert.RSAPKCS1, "rsa_pss_": cert.RSAPSS, "ecdsa_": cert.ECDSA}

// TestWycheproof runs every signature file through ParseSPKI and Verify. Where
// a file says "acceptable" of a legacy encoding (a DigestInfo without NULL) it
// leaves the choice; refusing is the choice here.
func TestWycheproof(t *testing.T) {
	files := 0
	for prefix, kind := range kinds {
		names, err := filepath.Glob(filepath.Join(vectors.Shared(t, "wycheproof"), prefix+"*.json"))
		require.NoError(t, err)
		for _, name := range names {
			files++
			t.Run(strings.TrimSuffix(filepath.Base(name), "_test.json"), func(t *testing.T) { runWycheproof(t, name, kind) })
		}
	}
	assert.GreaterOrEqual(t, files, 14)
}

func runWycheproof(t *testing.T, name string, kind cert.Kind) {
	raw, err := os.ReadFile(name)
	require.NoError(t, err)
	var file wycheproofFile
	require.NoError(t, json.Unmarshal(raw, &file))
	ran := 0
	for _, group := range file.TestGroups {
		key, err := cert.ParseSPKI(unhex(t, group.PublicKeyDer))
		require.NoError(t, err)
		alg := cert.Algorithm{Kind: kind, Hash: hashNames[group.Sha], MGFHash: hashNames[group.MgfSha], SaltLen: group.SLen}
		for _, test := range group.Tests {
			ran++
			digest, signature := alg.Digest(unhex(t, test.Msg)), unhex(t, test.Sig)
			err := key.Verify(alg, digest, signature)
			if test.Result == "valid" {
				assert.NoError(t, err, "test %d: %s", test.TcID, test.Comment)
			} else {
				assert.ErrorIs(t, err, cert.ErrSignature, "test %d: %s", test.TcID, test.Comment)
			}
			if kind == cert.RSAPSS { // our own arithmetic, which Verify uses for rare parameters, judges the same
				assert.Equal(t, err == nil, cert.VerifyEMSA(key.RSA, alg, digest, signature), "test %d: %s", test.TcID, test.Comment)
			}
		}
	}
	assert.Equal(t, file.NumberOfTests, ran)
}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	raw, err := hex.DecodeString(s)
	require.NoError(t, err)
	return raw
}
