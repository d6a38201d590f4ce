package piv_test

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/des"
	"encoding/hex"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/simulator/piv"
)

var factoryKey, _ = hex.DecodeString("010203040506070801020304050607080102030405060708")

func blockOf(t testing.TB, algorithm piv.Algorithm, key []byte) cipher.Block {
	t.Helper()
	make := aes.NewCipher
	if algorithm == piv.TDES {
		make = des.NewTripleDESCipher
	}
	block, err := make(key)
	require.NoError(t, err)
	return block
}

func header(algorithm piv.Algorithm) string {
	return "87" + hex.EncodeToString([]byte{byte(algorithm)}) + "9b"
}

// mutual authenticates both ways and returns the last status.
func (x *terminal) mutual(algorithm piv.Algorithm, key []byte) string {
	x.t.Helper()
	block := blockOf(x.t, algorithm, key)
	n := block.BlockSize()
	answer, sw := x.whole(header(algorithm), object(0x7C, object(0x80)))
	require.Equal(x.t, "9000", sw)
	witness := value(x.t, 0x80, value(x.t, 0x7C, answer))
	require.Len(x.t, witness, n)
	block.Decrypt(witness, witness)
	challenge, expected := bytes.Repeat([]byte{0xC4}, n), make([]byte, n)
	block.Encrypt(expected, challenge)
	answer, sw = x.whole(header(algorithm), object(0x7C, object(0x80, witness), object(0x81, challenge)))
	if sw == "9000" {
		assert.Equal(x.t, expected, value(x.t, 0x82, value(x.t, 0x7C, answer)))
	}
	return sw
}

// external authenticates the terminal alone.
func (x *terminal) external(algorithm piv.Algorithm, key []byte) string {
	x.t.Helper()
	answer, sw := x.whole(header(algorithm), object(0x7C, object(0x81)))
	require.Equal(x.t, "9000", sw)
	challenge := value(x.t, 0x81, value(x.t, 0x7C, answer))
	blockOf(x.t, algorithm, key).Encrypt(challenge, challenge)
	_, sw = x.whole(header(algorithm), object(0x7C, object(0x82, challenge)))
	return sw
}

func manage(t testing.TB, x *terminal) { require.Equal(t, "9000", x.mutual(piv.AES192, factoryKey)) }

const empty9E = "00db3fff075c035fc1015300" // deletes an object, if allowed

func TestManagementKey(t *testing.T) {
	for algorithm, n := range map[piv.Algorithm]int{piv.TDES: 24, piv.AES128: 16, piv.AES192: 24, piv.AES256: 32} {
		contents := specimen(t, curves)
		key := bytes.Repeat([]byte{0x11, 0x23, 0x45, 0x67, 0x89, 0xAB, 0xCD, 0xEF}, 4)[:n]
		contents.Management = piv.ManagementKey{Algorithm: algorithm, Key: key}
		other := bytes.Clone(key)
		other[3] ^= 0x10
		for name, run := range map[string]func(*terminal, piv.Algorithm, []byte) string{"mutual": (*terminal).mutual, "external": (*terminal).external} {
			x := insert(t, contents)
			assert.Equal(t, "6982", run(x, algorithm, other), "%s %02X", name, byte(algorithm))
			assert.Equal(t, "6982", x.send(empty9E))
			assert.Equal(t, "9000", run(x, algorithm, key), "%s %02X", name, byte(algorithm))
			assert.Equal(t, "9000", x.send(empty9E))
			assert.Equal(t, "6982", run(x, algorithm, other), "a failure ends it")
			assert.Equal(t, "6982", x.send(empty9E))
			require.Equal(t, "9000", run(x, algorithm, key))
			x.steps([2]string{selectOther, "9000"}, [2]string{selectPIV, "*"}, [2]string{empty9E, "6982"})
		}
	}
}

func TestManagementKeyUnder3DESHasTwoNumbers(t *testing.T) {
	contents := specimen(t, curves)
	contents.Management.Algorithm = piv.TDES
	answer, sw := insert(t, contents).whole("87009b", object(0x7C, object(0x80)))
	assert.Equal(t, "9000", sw)
	assert.Len(t, value(t, 0x80, value(t, 0x7C, answer)), 8)
}

func TestManagementKeyRefusals(t *testing.T) {
	zeros := hex.EncodeToString(make([]byte, 16))
	for _, c := range []struct {
		name  string
		steps [][2]string
	}{
		{"another algorithm", [][2]string{{"0087039b047c02800000", "6a86"}, {"0087009b047c02810000", "6a86"}, {"00870c9b047c02800000", "6a86"}}},
		{"no template", [][2]string{{"00870a9b02800000", "6a80"}, {"00870a9b", "6a80"}}},
		{"empty template", [][2]string{{"00870a9b027c0000", "6a80"}}},
		{"unknown object", [][2]string{{"00870a9b047c02830000", "6a80"}}},
		{"both at once", [][2]string{{"00870a9b067c0480008100" + "00", "6a80"}}},
		{"witness out of nowhere", [][2]string{{"00870a9b267c248010" + zeros + "8110" + zeros + "00", "6982"}}},
		{"response out of nowhere", [][2]string{{"00870a9b147c128210" + zeros + "00", "6982"}}},
		{"challenge too short", [][2]string{{"00870a9b047c02800000", "*"}, {"00870a9b177c158010" + zeros + "810100" + "00", "6a80"}}},
		{"something between", [][2]string{{"00870a9b047c02810000", "*"}, {"00200080", "63c3"}, {"00870a9b147c128210" + zeros + "00", "6982"}}},
		// Whoever may have a block of his choice encrypted has the card answer its
		// own challenge.
		{"the card as its own helper", [][2]string{{"00870a9b047c02810000", "*"}, {"00870a9b167c148110" + zeros + "8200" + "00", "6a80"}, {"00870a9b147c128110" + zeros + "00", "6a80"}}},
	} {
		t.Run(c.name, func(t *testing.T) { insert(t, nil).steps(append(c.steps, [2]string{empty9E, "6982"})...) })
	}
}

// A challenge serves for one answer.
func TestManagementReplay(t *testing.T) {
	fixed := bytes.Repeat([]byte{7}, 64)
	x := insert(t, nil, piv.WithRand(bytes.NewReader(fixed)))
	block := blockOf(t, piv.AES192, factoryKey)
	response := make([]byte, 16)
	block.Encrypt(response, fixed[:16])
	good := "00870a9b147c128210" + hex.EncodeToString(response) + "00"
	ask := "00870a9b047c02810000"
	x.steps([2]string{ask, "7c128110" + hex.EncodeToString(fixed[:16]) + "9000"}, [2]string{good, "9000"}, [2]string{good, "6982"}, [2]string{empty9E, "6982"})
	x.steps([2]string{ask, "*"}, [2]string{ask, "*"}, [2]string{good, "9000"}, [2]string{ask, "*"}, [2]string{ask, "6f00"})
}
