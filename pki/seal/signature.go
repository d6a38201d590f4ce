package seal

import (
	"bytes"
	"encoding/pem"
	"errors"
	"fmt"

	"golang.org/x/crypto/ssh"

	"cnie/pki/trust/sshsig"
)

// namespace keeps a signature that was made for something else from counting.
const namespace = "evidence@cnie"

const (
	armorType  = "SSH SIGNATURE"
	armorBegin = "-----BEGIN " + armorType + "-----\n"
	maxArmor   = 1024 // an Ed25519 signature takes about 320
)

// sign gives the armoured signature over a message.
func (k *Key) sign(message []byte) ([]byte, error) {
	signature, err := sshsig.Sign(k.file.Reveal(), namespace, message)
	if err != nil {
		return nil, fmt.Errorf("sign evidence: %w", err)
	}
	return signature, nil
}

// verify checks an armoured signature over a message and says whose it is.
func verify(message, armored []byte) (PublicKey, error) {
	key, err := signer(armored)
	if err != nil {
		return PublicKey{}, err
	}
	switch err := sshsig.Verify([]byte(key.String()), namespace, message, armored); {
	case errors.Is(err, sshsig.ErrSignature):
		return PublicKey{}, ErrSignature
	case err != nil:
		return PublicKey{}, fmt.Errorf("%w: the signature is not well formed", ErrDamaged)
	}
	return key, nil
}

// signer takes the key out of a signature that names its own. It takes no
// spelling but the one that sign gives: whatever else decodes to the same values
// is not what the terminal wrote.
func signer(armored []byte) (PublicKey, error) {
	block, rest := pem.Decode(armored)
	if block == nil || len(rest) != 0 || len(armored) > maxArmor {
		return PublicKey{}, fmt.Errorf("%w: it does not end with a signature", ErrDamaged)
	}
	if !bytes.Equal(armored, pem.EncodeToMemory(&pem.Block{Type: armorType, Bytes: block.Bytes})) {
		return PublicKey{}, fmt.Errorf("%w: the signature is not written as it should be", ErrDamaged)
	}
	var e struct { // OpenSSH, PROTOCOL.sshsig
		Magic           [6]byte
		Version         uint32
		PublicKey       []byte
		Namespace       string
		Reserved        string // not signed
		Hash, Signature []byte
	}
	var made ssh.Signature
	if ssh.Unmarshal(block.Bytes, &e) != nil || ssh.Unmarshal(e.Signature, &made) != nil || e.Reserved != "" || len(made.Rest) != 0 {
		return PublicKey{}, fmt.Errorf("%w: the signature is not well formed", ErrDamaged)
	}
	key, err := ssh.ParsePublicKey(e.PublicKey)
	if err != nil || key.Type() != ssh.KeyAlgoED25519 {
		return PublicKey{}, fmt.Errorf("%w: the signer's key is not Ed25519", ErrDamaged)
	}
	return PublicKey{string(key.Marshal())}, nil
}
