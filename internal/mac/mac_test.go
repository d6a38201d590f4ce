package mac_test

import (
	"crypto/aes"
	"crypto/des"
	"encoding/hex"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/internal/mac"
	"cnie/internal/vectors"
)

func newCMAC(t testing.TB, key []byte) *mac.CMAC {
	block, err := aes.NewCipher(key)
	require.NoError(t, err)
	return mac.NewCMAC(block)
}

func newRetail(t testing.TB, key []byte) *mac.Retail {
	m, err := mac.NewRetail(key)
	require.NoError(t, err)
	return m
}

func sum(t testing.TB, m mac.MAC, message []byte) []byte {
	m.Reset()
	n, err := m.Write(message)
	require.NoError(t, err)
	require.Equal(t, len(message), n)
	return m.Sum(nil)
}

func TestCMACVectors(t *testing.T) {
	for _, name := range []string{"cmac-aes128", "cmac-aes192", "cmac-aes256"} {
		v := vectors.Load(t, name)
		m := newCMAC(t, v["key"])
		for length, key := range map[int]string{0: "tag-0", 16: "tag-16", 40: "tag-40", 64: "tag-64"} {
			assert.Equal(t, v[key], sum(t, m, v["message"][:length]), "%s, %d bytes", name, length)
		}
	}
}

func TestRetailVector(t *testing.T) {
	v := vectors.Load(t, "retailmac-9303-d3")
	assert.Equal(t, v["tag"], sum(t, newRetail(t, v["key"]), v["message"]))
}

// The definition of ISO/IEC 9797-1 algorithm 3, written block by block over the padded text.
func TestRetailAgainstDefinition(t *testing.T) {
	key := []byte("0123456789abcdef")
	k1, _ := des.NewCipher(key[:8])
	k2, _ := des.NewCipher(key[8:])
	m := newRetail(t, key)
	for length := range 40 {
		message := make([]byte, length)
		for i := range message {
			message[i] = byte(i * 7)
		}
		padded := append(append([]byte{}, message...), 0x80)
		for len(padded)%8 != 0 {
			padded = append(padded, 0)
		}
		state := make([]byte, 8)
		for i, b := range padded {
			state[i%8] ^= b
			if i%8 == 7 {
				k1.Encrypt(state, state)
			}
		}
		k2.Decrypt(state, state)
		k1.Encrypt(state, state)
		assert.Equal(t, state, sum(t, m, message), "%d bytes", length)
	}
}

func TestRetailKeyLength(t *testing.T) {
	for _, n := range []int{0, 8, 15, 17, 24} {
		_, err := mac.NewRetail(make([]byte, n))
		assert.Error(t, err, "%d bytes", n)
	}
}

// A message gives the same code however it is cut into writes, and Sum does not disturb what follows.
func TestPieces(t *testing.T) {
	key := []byte("0123456789abcdef")
	message := make([]byte, 1500)
	for i := range message {
		message[i] = byte(i * i)
	}
	for _, m := range []mac.MAC{newCMAC(t, key), newRetail(t, key)} {
		for _, length := range []int{0, 1, 7, 8, 15, 16, 17, 31, 32, 33, 500, 512, 513, 528, 1024, 1500} {
			want := sum(t, m, message[:length])
			for _, piece := range []int{1, 3, 8, 16, 17, 511, 512, 600} {
				m.Reset()
				for rest := message[:length]; len(rest) > 0; {
					n := min(piece, len(rest))
					m.Write(rest[:n])
					rest = rest[n:]
					m.Sum(nil)
				}
				require.Equal(t, want, m.Sum([]byte{1})[1:], "%T, %d bytes by %d", m, length, piece)
			}
		}
	}
}

func TestNoAllocation(t *testing.T) {
	key, message, tag := make([]byte, 16), make([]byte, 333), make([]byte, 0, 16)
	for _, m := range []mac.MAC{newCMAC(t, key), newRetail(t, key)} {
		assert.Zero(t, testing.AllocsPerRun(100, func() {
			m.Reset()
			m.Write(message)
			tag = m.Sum(tag[:0])
		}), "%T", m)
		assert.NotEmpty(t, tag)
	}
}

func TestWycheproof(t *testing.T) {
	var file struct {
		TestGroups []struct {
			TagSize int
			Tests   []struct {
				TcID                           int
				Comment, Key, Msg, Tag, Result string
			}
		}
	}
	require.NoError(t, json.Unmarshal(vectors.File(t, "wycheproof", "aes_cmac_test.json"), &file))
	seen := 0
	for _, group := range file.TestGroups {
		for _, test := range group.Tests {
			seen++
			key, msg, tag := unhex(t, test.Key), unhex(t, test.Msg), unhex(t, test.Tag)
			block, err := aes.NewCipher(key)
			accepted := err == nil && string(sum(t, mac.NewCMAC(block), msg)[:group.TagSize/8]) == string(tag)
			assert.Equal(t, test.Result == "valid", accepted, "test %d: %s", test.TcID, test.Comment)
		}
	}
	assert.NotZero(t, seen)
}

func unhex(t *testing.T, s string) []byte {
	b, err := hex.DecodeString(s)
	require.NoError(t, err)
	return b
}

func TestCMACRefusesOtherBlocks(t *testing.T) {
	block, err := des.NewCipher(make([]byte, 8))
	require.NoError(t, err)
	assert.Panics(t, func() { mac.NewCMAC(block) })
}
