package simulator

import (
	"crypto/rsa"
	"io"
	"math/big"

	"cnie/internal/ec"
	"cnie/lds"
	"cnie/simulator/persona"
)

const ifdNonceSize = 8 // of RND.IFD, ICAO 9303-11 §6.1.2.1

// internalAuthenticate answers INTERNAL AUTHENTICATE, ICAO 9303-11 §6.1.3: the
// chip signs the terminal's nonce. A chip without Active Authentication does not
// know the command; one that was copied knows it and has no key.
func (d *document) internalAuthenticate(cmd Command) Response {
	_, announced := d.card.Files[lds.DG15]
	key := d.card.ActiveKey
	switch {
	case key == nil && !announced:
		return fail(swInstruction)
	case !d.readable():
		return fail(swSecurityStatus)
	case cmd.p12() != 0:
		return fail(swIncorrectP1P2)
	case len(cmd.Data) != ifdNonceSize, cmd.Ne == 0:
		return fail(swWrongLength)
	case key == nil:
		return fail(swReferenceNotFound)
	}
	signature, err := d.sign(key, cmd.Data)
	if err != nil {
		return fail(swUnknown)
	}
	return d.whole(signature, cmd)
}

// whole gives all of a signature or says how long it is: a part is of no use.
// What secure messaging makes too long for the answer is cut below it.
func (d *document) whole(signature []byte, cmd Command) Response {
	switch n := len(signature); {
	case n <= cmd.Ne && n <= cmd.Room, cmd.Any && cmd.secured:
		return ok(signature)
	case n < maxShortNe:
		return fail(swExactLength | Status(n))
	}
	return fail(swWrongLength)
}

func (d *document) sign(key *persona.ActiveKey, nonce []byte) ([]byte, error) {
	if key.RSA != nil {
		return d.signWithRecovery(key, nonce)
	}
	h := key.Hash.New()
	h.Write(nonce)
	r, s, err := ec.Sign(key.Curve, key.Private, h.Sum(nil))
	if err != nil {
		return nil, err
	}
	size := key.Curve.ScalarBytes() // both numbers in full, BSI TR-03111 §5.2.1
	signature := make([]byte, 2*size)
	r.FillBytes(signature[:size])
	s.FillBytes(signature[size:])
	return signature, nil
}

// optionTwo are the first bytes of trailers that name their hash function, by its
// length in bytes; SHA-1, of 20, goes without a name. ICAO 9303-11 §6.1.2.2.
var optionTwo = map[int]byte{28: 0x38, 32: 0x34, 48: 0x36, 64: 0x35}

// signWithRecovery is scheme 1 of ISO/IEC 9796-2, made as its annex B.6 says: the
// modulus' length is filled with a header, a nonce of the chip, the hash of both
// nonces and a trailer.
func (d *document) signWithRecovery(key *persona.ActiveKey, nonce []byte) ([]byte, error) {
	h := key.Hash.New()
	trailer := []byte{0xBC}
	if name, named := optionTwo[h.Size()]; named {
		trailer = []byte{name, 0xCC}
	}
	message := make([]byte, key.RSA.Size())
	message[0] = 0x6A
	own := message[1 : len(message)-h.Size()-len(trailer)]
	if _, err := io.ReadFull(d.rand, own); err != nil {
		return nil, err
	}
	h.Write(own)
	h.Write(nonce)
	copy(message[1+len(own):], append(h.Sum(nil), trailer...))
	return private(key.RSA, message), nil
}

// private is the private operation, by the Chinese remainder theorem. Its time
// tells of the key, which is public as all specimen keys are.
func private(key *rsa.PrivateKey, message []byte) []byte {
	m := new(big.Int).SetBytes(message)
	p, q := key.Primes[0], key.Primes[1]
	mp := new(big.Int).Exp(m, key.Precomputed.Dp, p)
	mq := new(big.Int).Exp(m, key.Precomputed.Dq, q)
	mp.Sub(mp, mq).Mul(mp, key.Precomputed.Qinv).Mod(mp, p)
	return mp.Mul(mp, q).Add(mp, mq).FillBytes(message)
}
