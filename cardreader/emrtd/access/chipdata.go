package access

import (
	"bytes"
	"crypto/cipher"

	"cnie/internal/kdf"
	"cnie/pki"
)

// openChipData decrypts the chip authentication data that came with the token.
// Whether they fit the chip's signed key is for the judge to say; where there are
// none, or none that decrypt, the chip announced a proof and did not give it.
func (r *pace) openChipData(shared []byte) *pki.ChipMapping {
	proof := &pki.ChipMapping{
		Outcome: pki.ChipRefused, KeyID: r.info.ParameterID,
		Parameters: r.group.name(), PublicKey: r.mapped,
	}
	key := kdf.Derive(r.cipher, shared, kdf.Enc)
	defer clear(key)
	if data, ok := unsealChipData(r.cipher, key, r.sealed); ok {
		proof.Outcome, proof.Data = pki.ChipPerformed, data
	}
	return proof
}

// unsealChipData is CBC under IV = E(KSEnc, −1), §4.4.3.5.4, padded by method 2.
func unsealChipData(c kdf.Cipher, key, sealed []byte) ([]byte, bool) {
	block, err := c.NewCipher(key)
	if err != nil || len(sealed) == 0 || len(sealed)%block.BlockSize() != 0 {
		return nil, false
	}
	iv := bytes.Repeat([]byte{0xFF}, block.BlockSize())
	block.Encrypt(iv, iv)
	plain := make([]byte, len(sealed))
	cipher.NewCBCDecrypter(block, iv).CryptBlocks(plain, sealed)
	end := bytes.TrimRight(plain, "\x00")
	if len(end) == 0 || end[len(end)-1] != 0x80 || len(plain)-len(end) >= block.BlockSize() {
		return nil, false
	}
	return end[:len(end)-1], true
}
