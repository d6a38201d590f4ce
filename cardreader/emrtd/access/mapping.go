package access

import (
	"bytes"
	"context"
	"crypto/cipher"
	"encoding/hex"
	"fmt"
	"io"

	"cnie/apdu"
	"cnie/internal/kdf"
	"cnie/lds"
)

// mapNonce makes a generator of the nonce, which only who knows the password
// has. §4.4.3.3.
func (r *pace) mapNonce(ctx context.Context, s []byte) (element, error) {
	if r.mapping == lds.IM {
		return r.mapIntegrated(ctx, s)
	}
	return r.mapGeneric(ctx, s)
}

// mapGeneric is Ĝ = s·G + H, ĝ = g^s·h: §4.4.3.3.1, and §4.4.3.3.3 for the
// mapping with chip authentication.
func (r *pace) mapGeneric(ctx context.Context, s []byte) (element, error) {
	_, chip, h, err := r.agree(ctx, tagMapTerminal, tagMapChip, r.group.base())
	if err != nil {
		return nil, err
	}
	r.mapped = chip.public()
	sg, err := r.group.base().raise(s)
	if err != nil {
		return nil, err
	}
	generator, err := sg.join(h)
	if err != nil {
		return nil, err
	}
	if generator.neutral() {
		return nil, violation("mapped generator is the neutral element")
	}
	return generator, nil
}

// mapIntegrated is Ĝ = f(R(s,t)) with a nonce t of the terminal's, §4.4.3.3.2.
func (r *pace) mapIntegrated(ctx context.Context, s []byte) (element, error) {
	if len(s) != len(constants(r.cipher)[0]) {
		return nil, violation("nonce has not the length that integrated mapping asks for")
	}
	t := make([]byte, r.cipher.KeyLen())
	if _, err := io.ReadFull(r.rand, t); err != nil {
		return nil, fmt.Errorf("random number: %w", err)
	}
	objects, err := r.step(ctx, apdu.CLAChaining, tagMapTerminal, t)
	if err != nil {
		return nil, err
	}
	for _, o := range objects { // DO'82' is empty; some leave it out
		if o.Tag != tagMapChip || len(o.Value) > 0 {
			return nil, violation("card sent mapping data that integrated mapping does not have")
		}
	}
	random, err := pseudorandom(r.cipher, s, t, r.group.size()+64)
	if err != nil {
		return nil, err
	}
	defer clear(random)
	generator, err := r.group.embed(random)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrProtocol, err)
	}
	return generator, nil
}

// The constants c0 and c1 of figure 2, for short and for long keys.
var (
	shortConstants = [2][]byte{
		constant("a668892a7c41e3ca739f40b057d85904"),
		constant("a4e136ac725f738b01c1f60217c188ad"),
	}
	longConstants = [2][]byte{
		constant("d463d65234124ef7897054986dca0a174e28df758cbaa03f240616414d5a1676"),
		constant("54bd7255f0aaf831bec3423fcf39d69b6cbf066677d0faae5aadd99df8e53517"),
	}
)

// constant reads a constant of this file.
func constant(digits string) []byte {
	b, err := hex.DecodeString(digits)
	if err != nil {
		panic("access: constant is not hexadecimal")
	}
	return b
}

func constants(c kdf.Cipher) [2][]byte {
	if c.KeyLen() > len(shortConstants[0]) {
		return longConstants
	}
	return shortConstants
}

// pseudorandom is R(s,t) of figure 2: as many blocks as make up the bits. Each is
// c1 under a key; the first key is s under t, each later one c0 under the one
// before, cut to the length of a key.
func pseudorandom(c kdf.Cipher, s, t []byte, bits int) ([]byte, error) {
	c0, c1 := constants(c)[0], constants(c)[1]
	key, err := encryptCBC(c, t, s)
	var out []byte
	for err == nil && 8*len(out) < bits {
		var block []byte
		key = key[:c.KeyLen()]
		if block, err = encryptCBC(c, key, c1); err == nil {
			out = append(out, block...)
			key, err = encryptCBC(c, key, c0)
		}
	}
	return out, err
}

func encryptCBC(c kdf.Cipher, key, plain []byte) ([]byte, error) {
	block, err := c.NewCipher(key)
	if err != nil {
		return nil, err
	}
	sealed := bytes.Clone(plain)
	cipher.NewCBCEncrypter(block, make([]byte, block.BlockSize())).CryptBlocks(sealed, sealed)
	return sealed, nil
}
