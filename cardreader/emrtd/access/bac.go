package access

import (
	"context"
	"crypto/cipher"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"

	"cnie/apdu"
	"cnie/internal/kdf"
	"cnie/internal/mac"
	"cnie/pki"
)

// Lengths of Basic Access Control, ICAO 9303-11 §4.3.1.
const (
	bacNonce   = 8
	bacKey     = 16
	bacMessage = 2*bacNonce + bacKey
	bacMAC     = 8
)

// BAC runs Basic Access Control in the selected eMRTD application. The password
// must be an MRZ.
func BAC(ctx context.Context, t apdu.Transmitter, p Password, rand io.Reader) (*Opening, error) {
	if p.kind != KindMRZ {
		return nil, ErrNeedsMRZ
	}
	nonce, err := apdu.Do(ctx, t, apdu.Command{INS: apdu.INSGetChallenge, Ne: bacNonce})
	if err != nil {
		return nil, fmt.Errorf("get challenge: %w", err)
	}
	if len(nonce) != bacNonce {
		return nil, violation("challenge is not eight bytes long")
	}
	b, err := newBAC(p)
	if err != nil {
		return nil, err
	}
	shared, ssc, err := b.authenticate(ctx, t, nonce, rand)
	if err != nil {
		return nil, fmt.Errorf("external authenticate: %w", p.wrongBACKey(err))
	}
	o := &Opening{
		Access:   pki.Access{Protocol: pki.BAC, Password: p.kind, Cipher: kdf.TDES.String()},
		identity: p.number.Reveal(),
	}
	o.Session, err = newSession(t, kdf.TDES, shared, ssc)
	return o, err
}

// bac holds the document basic access keys, ICAO 9303-11 §9.7.2.
type bac struct {
	block cipher.Block
	mac   *mac.Retail
}

func newBAC(p Password) (*bac, error) {
	seed := p.key.Reveal()
	if len(seed) < 16 {
		return nil, fmt.Errorf("%w: it was wiped", ErrPassword)
	}
	enc, auth := kdf.Derive(kdf.TDES, seed[:16], kdf.Enc), kdf.Derive(kdf.TDES, seed[:16], kdf.Mac)
	defer clear(enc)
	defer clear(auth)
	block, err := kdf.TDES.NewCipher(enc)
	if err != nil {
		return nil, err
	}
	retail, err := mac.NewRetail(auth)
	return &bac{block, retail}, err
}

// authenticate proves knowledge of the keys both ways and returns the shared
// secret and the counter's start. ICAO 9303-11 §4.3.1 steps 2 to 5, §9.8.6.3.
func (b *bac) authenticate(ctx context.Context, t apdu.Transmitter, chip []byte, rand io.Reader) (shared, ssc []byte, err error) {
	s := make([]byte, bacMessage) // RND.IFD || RND.IC || K.IFD
	defer clear(s)
	terminal, key := s[:bacNonce], s[2*bacNonce:]
	copy(s[bacNonce:], chip)
	if _, err := io.ReadFull(rand, terminal); err != nil {
		return nil, nil, fmt.Errorf("random number: %w", err)
	}
	if _, err := io.ReadFull(rand, key); err != nil {
		return nil, nil, fmt.Errorf("random number: %w", err)
	}
	command := apdu.Command{INS: apdu.INSMutualAuthenticate, Data: b.seal(s), Ne: bacMessage + bacMAC}
	answer, err := apdu.Do(ctx, t, command)
	if err != nil {
		return nil, nil, err
	}
	r, err := b.open(answer) // RND.IC || RND.IFD || K.IC
	if err != nil {
		return nil, nil, err
	}
	if subtle.ConstantTimeCompare(r[:bacNonce], chip)&subtle.ConstantTimeCompare(r[bacNonce:2*bacNonce], terminal) != 1 {
		return nil, nil, violation("answer is to another challenge")
	}
	shared = r[2*bacNonce:]
	subtle.XORBytes(shared, shared, key)
	return shared, append(append([]byte{}, chip[4:]...), terminal[4:]...), nil
}

// seal returns E(s) || MAC(E(s)), ICAO 9303-11 §4.3.3.
func (b *bac) seal(s []byte) []byte {
	out := make([]byte, bacMessage, bacMessage+bacMAC)
	cipher.NewCBCEncrypter(b.block, make([]byte, b.block.BlockSize())).CryptBlocks(out, s)
	return b.sum(out, out)
}

func (b *bac) open(answer []byte) ([]byte, error) {
	if len(answer) != bacMessage+bacMAC {
		return nil, violation("answer is not forty bytes long")
	}
	sealed, code := answer[:bacMessage], answer[bacMessage:]
	if subtle.ConstantTimeCompare(b.sum(nil, sealed), code) != 1 {
		return nil, violation("checksum of the answer is wrong")
	}
	plain := make([]byte, bacMessage)
	cipher.NewCBCDecrypter(b.block, make([]byte, b.block.BlockSize())).CryptBlocks(plain, sealed)
	return plain, nil
}

func (b *bac) sum(dst, message []byte) []byte {
	b.mac.Reset()
	b.mac.Write(message)
	return b.mac.Sum(dst)
}

// wrongBACKey reads a refusal. The standard names no status word for a wrong
// key; these are the ones that chips use.
func (p Password) wrongBACKey(err error) error {
	var refusal *apdu.StatusError
	if !errors.As(err, &refusal) {
		return err
	}
	switch refusal.SW {
	case apdu.StatusSecurityNotSatisfied, apdu.StatusSMIncorrect, apdu.StatusConditionsOfUse, apdu.StatusWrongData:
		return fmt.Errorf("%w: %w", ErrWrongPassword, err)
	}
	return p.wrong(err)
}
