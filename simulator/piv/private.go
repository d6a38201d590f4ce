package piv

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"io"
	"math/big"

	"cnie/simulator"
)

// private uses a private key as a card does: what is hashed or padded, and how,
// is the terminal's business.
type private struct{ key crypto.Signer }

// answer signs a digest with ECDSA, or applies the RSA private key to a padded
// block or cryptogram (SP 800-73-5 part 2 appendix A.3 to A.5).
func (p private) answer(challenge []byte, random io.Reader) ([]byte, simulator.Status) {
	switch key := p.key.(type) {
	case *rsa.PrivateKey:
		return power(key, challenge)
	case *ecdsa.PrivateKey:
		if len(challenge) > (key.Curve.Params().BitSize+7)/8 {
			return nil, swIncorrectData
		}
		signature, err := ecdsa.SignASN1(random, key, challenge)
		if err != nil {
			return nil, swUnknown
		}
		return signature, swOK
	}
	return nil, swUnknown
}

// power is the bare RSA operation, which no library offers any more. It takes a
// time that depends on the key; the key of a specimen is no secret.
func power(key *rsa.PrivateKey, block []byte) ([]byte, simulator.Status) {
	m := new(big.Int).SetBytes(block)
	if len(block) != key.Size() || m.Cmp(key.N) >= 0 {
		return nil, swIncorrectData
	}
	return m.Exp(m, key.D, key.N).FillBytes(make([]byte, key.Size())), swOK
}

// agree is the Diffie-Hellman operation on a curve: the x coordinate of the
// shared point (SP 800-73-5 part 2 appendix A.5.2).
func (p private) agree(point []byte) ([]byte, simulator.Status) {
	key, is := p.key.(*ecdsa.PrivateKey)
	if !is {
		return nil, swIncorrectData
	}
	mine, err := key.ECDH()
	if err != nil {
		return nil, swUnknown
	}
	peer, err := mine.Curve().NewPublicKey(point)
	if err != nil {
		return nil, swIncorrectData
	}
	secret, err := mine.ECDH(peer)
	if err != nil {
		return nil, swIncorrectData
	}
	return secret, swOK
}

// publicObjects is the content of the public key template 7F49, SP 800-73-5 part 2
// §3.3.2.
func publicObjects(key crypto.PublicKey) []byte {
	switch public := key.(type) {
	case *rsa.PublicKey:
		modulus := put(nil, 0x81, public.N.Bytes()...)
		return put(modulus, 0x82, big.NewInt(int64(public.E)).Bytes()...)
	case *ecdsa.PublicKey:
		if point, err := uncompressed(public); err == nil {
			return put(nil, 0x86, point...)
		}
	}
	return nil
}

func uncompressed(public *ecdsa.PublicKey) ([]byte, error) {
	key, err := public.ECDH()
	if err != nil {
		return nil, err
	}
	return key.Bytes(), nil
}
