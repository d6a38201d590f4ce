package simulator_test

import (
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha1"
	"encoding/binary"
	"testing"

	"github.com/stretchr/testify/require"

	"cnie/internal/ec"
	"cnie/internal/kdf"
)

// runPACE runs ECDH with generic mapping. The answer to the token comes back raw,
// so that a wrong password can be seen.
func runPACE(t testing.TB, transmit func([]byte) []byte, curve *ec.Curve, c kdf.Cipher, reference byte, password []byte) (session, []byte) {
	t.Helper()
	o := openWith(t, transmit, pace(curve, c), curve.ParameterID(), reference, password)
	return o.session, o.sw
}

// runBAC is a terminal's run of Basic Access Control.
func runBAC(t testing.TB, transmit func([]byte) []byte, seed []byte) (session, []byte) {
	t.Helper()
	digest := sha1.Sum(seed)
	keys := derived(kdf.TDES, digest[:16])
	keys.ssc = nil
	rndIC := send(t, transmit, unhex(t, "0084000008"))
	s := make([]byte, 32)
	_, _ = rand.Read(s)
	copy(s[8:16], rndIC)
	rndIFD, kIFD := append([]byte{}, s[:8]...), append([]byte{}, s[16:]...)
	cipher.NewCBCEncrypter(keys.enc, make([]byte, 8)).CryptBlocks(s, s)
	answer := transmit(apdu("00820000", append(s, keys.code(s)...), 0x28))
	if len(answer) == 2 {
		return session{}, answer
	}
	r := answer[:32]
	require.Equal(t, keys.code(r), answer[32:40])
	cipher.NewCBCDecrypter(keys.enc, make([]byte, 8)).CryptBlocks(r, r)
	require.Equal(t, append(append([]byte{}, rndIC...), rndIFD...), r[:16])
	for i := range kIFD {
		kIFD[i] ^= r[16+i]
	}
	next := derived(kdf.TDES, kIFD)
	binary.BigEndian.PutUint32(next.ssc, binary.BigEndian.Uint32(rndIC[4:]))
	binary.BigEndian.PutUint32(next.ssc[4:], binary.BigEndian.Uint32(rndIFD[4:]))
	return next, []byte{0x90, 0}
}
