package ec_test

import (
	"crypto"
	_ "crypto/sha256"
	_ "crypto/sha512"
	"encoding/asn1"
	"encoding/hex"
	"encoding/json"
	"math/big"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/cryptobyte"
	der "golang.org/x/crypto/cryptobyte/asn1"

	"cnie/internal/ec"
	"cnie/internal/vectors"
)

type hexBytes []byte

func (h *hexBytes) UnmarshalText(text []byte) (err error) {
	*h, err = hex.DecodeString(string(text))
	return err
}

type wycheproof struct {
	NumberOfTests int
	TestGroups    []struct {
		Curve, Sha string
		PublicKey  json.RawMessage
		Tests      []struct {
			TcID                     int
			Comment, Result, Private string
			Flags                    []string
			Public, Shared, Msg, Sig hexBytes
		}
	}
}

func load(t *testing.T, name string) (file wycheproof) {
	require.NoError(t, json.Unmarshal(vectors.File(t, "wycheproof", name), &file))
	require.NotZero(t, file.NumberOfTests)
	return file
}

var wycheproofNames = map[string]string{"secp256r1": "P-256", "secp384r1": "P-384", "secp521r1": "P-521"}

func curveOf(t *testing.T, name string) *ec.Curve {
	if ours, ok := wycheproofNames[name]; ok {
		name = ours
	}
	c, ok := ec.ByName(name)
	require.True(t, ok, name)
	return c
}

func TestWycheproofECDSA(t *testing.T) {
	hashes := map[string]crypto.Hash{
		"SHA-224": crypto.SHA224, "SHA-256": crypto.SHA256, "SHA-384": crypto.SHA384, "SHA-512": crypto.SHA512,
	}
	for _, name := range []string{
		"brainpoolP224r1_sha224", "brainpoolP256r1_sha256", "brainpoolP320r1_sha384", "brainpoolP384r1_sha384",
		"brainpoolP512r1_sha512", "secp256r1_sha256", "secp384r1_sha384", "secp521r1_sha512",
	} {
		t.Run(name, func(t *testing.T) {
			seen := 0
			file := load(t, "ecdsa_"+name+"_test.json")
			for _, group := range file.TestGroups {
				var key struct {
					Curve        string
					Uncompressed hexBytes
				}
				require.NoError(t, json.Unmarshal(group.PublicKey, &key))
				pub, err := curveOf(t, key.Curve).ParsePoint(key.Uncompressed)
				require.NoError(t, err)
				for _, test := range group.Tests {
					seen++
					h := hashes[group.Sha].New()
					h.Write(test.Msg)
					r, s, ok := parseSignature(test.Sig)
					accepted := ok && ec.Verify(pub, h.Sum(nil), r, s)
					assert.Equal(t, test.Result == "valid", accepted, "test %d: %s", test.TcID, test.Comment)
				}
			}
			assert.Equal(t, file.NumberOfTests, seen)
		})
	}
}

// Vectors marked acceptable may be taken or left, but what is taken must be right; and explicit parameters that differ
// from the named curve in anything at all must be left.
func TestWycheproofECDH(t *testing.T) {
	refused := []string{
		"ModifiedGenerator", "ModifiedCurveParameter", "ModifiedCofactor", "ModifiedGroup", "WeakPublicKey", "WrongOrder",
	}
	for _, name := range []string{
		"brainpoolP224r1", "brainpoolP256r1", "brainpoolP320r1", "brainpoolP384r1", "brainpoolP512r1",
	} {
		t.Run(name, func(t *testing.T) {
			c, seen := curveOf(t, name), 0
			file := load(t, "ecdh_"+name+"_test.json")
			acceptable := map[string]bool{} // one key, without a cofactor, is in the files twice and judged both ways
			for _, test := range file.TestGroups[0].Tests {
				acceptable[string(test.Public)] = acceptable[string(test.Public)] || test.Result == "acceptable"
			}
			for _, group := range file.TestGroups {
				for _, test := range group.Tests {
					seen++
					d, ok := new(big.Int).SetString(test.Private, 16)
					require.True(t, ok)
					shared, taken := agree(c, d, test.Public)
					switch {
					case test.Result == "invalid" && !acceptable[string(test.Public)]:
						assert.False(t, taken, "test %d: %s", test.TcID, test.Comment)
					case test.Result == "valid":
						require.True(t, taken, "test %d: %s", test.TcID, test.Comment)
					case slices.ContainsFunc(test.Flags, func(f string) bool { return slices.Contains(refused, f) }):
						assert.False(t, taken, "test %d: %s", test.TcID, test.Comment)
					}
					if taken {
						assert.Equal(t, []byte(test.Shared), shared, "test %d: %s", test.TcID, test.Comment)
					}
				}
			}
			assert.Equal(t, file.NumberOfTests, seen)
		})
	}
}

// agree reads a SubjectPublicKeyInfo strictly, with a named curve or explicit parameters, and computes the secret.
func agree(c *ec.Curve, d *big.Int, spki []byte) (shared []byte, ok bool) {
	var info, algorithm cryptobyte.String
	var key []byte
	var oid asn1.ObjectIdentifier
	input := cryptobyte.String(spki)
	if !input.ReadASN1(&info, der.SEQUENCE) || !input.Empty() || !info.ReadASN1(&algorithm, der.SEQUENCE) ||
		!algorithm.ReadASN1ObjectIdentifier(&oid) || oid.String() != "1.2.840.10045.2.1" ||
		!info.ReadASN1BitStringAsBytes(&key) || !info.Empty() {
		return nil, false
	}
	named, found := c, false
	if algorithm.PeekASN1Tag(der.OBJECT_IDENTIFIER) {
		found = algorithm.ReadASN1ObjectIdentifier(&oid) && algorithm.Empty()
		if found {
			named, found = ec.ByOID(oid)
		}
	} else {
		var err error
		named, err = ec.MatchExplicit(algorithm)
		found = err == nil
	}
	if !found || named != c {
		return nil, false
	}
	pub, err := c.ParsePoint(key)
	if err != nil || len(d.Bytes()) > c.ScalarBytes() {
		return nil, false
	}
	shared, err = ec.ECDH(scalar(c, d), pub)
	return shared, err == nil
}
