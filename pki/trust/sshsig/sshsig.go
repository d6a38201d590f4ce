// Package sshsig makes and verifies detached signatures of files in the format
// of ssh-keygen -Y: whoever has OpenSSH can sign for this program, with a key in
// an agent or on a token if he likes, and verify what it signed.
//
// A signature carries the key that made it, which proves nothing; Verify is
// told which key to expect. It also carries a namespace, so that a signature
// made for one purpose is worth nothing for another. Only Ed25519 keys are
// taken. The format is described in OpenSSH's PROTOCOL.sshsig.
package sshsig

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/pem"
	"errors"
	"fmt"
	"hash"

	"golang.org/x/crypto/ssh"
)

var (
	// ErrSignature reports a signature that is not of this key over these bytes.
	ErrSignature = errors.New("signature does not verify")
	// ErrAnotherKey reports a signature by another key, ErrNamespace one for
	// another purpose. Both are kinds of ErrSignature.
	ErrAnotherKey = fmt.Errorf("%w: another key made it", ErrSignature)
	ErrNamespace  = fmt.Errorf("%w: made for another purpose", ErrSignature)
	// ErrMalformed reports bytes that are no signature.
	ErrMalformed = errors.New("malformed signature")
	// ErrKey reports a key that cannot be used: unreadable, locked by a
	// passphrase or not Ed25519.
	ErrKey = errors.New("not a usable Ed25519 key in OpenSSH's format")
)

const (
	magic      = "SSHSIG"
	version    = 1
	armour     = "SSH SIGNATURE"
	maxArmour  = 16 << 10
	hashOfSign = "sha512"
)

// hashes are those that the format allows.
var hashes = map[string]func() hash.Hash{"sha256": sha256.New, "sha512": sha512.New}

// envelope is the signature, after its magic.
type envelope struct {
	Version   uint32
	PublicKey []byte
	Namespace string
	Reserved  string
	Hash      string
	Signature []byte
}

// toSign is what the key signs, after the magic.
type toSign struct {
	Namespace, Reserved, Hash string
	Digest                    []byte
}

func covered(namespace, hashName string, message []byte) []byte {
	h := hashes[hashName]()
	h.Write(message)
	return append([]byte(magic), ssh.Marshal(toSign{Namespace: namespace, Hash: hashName, Digest: h.Sum(nil)})...)
}

// Sign signs a message for a namespace, with a private key as ssh-keygen writes
// it, without passphrase. The same input gives the same signature.
func Sign(privateKey []byte, namespace string, message []byte) ([]byte, error) {
	key, err := ssh.ParsePrivateKey(privateKey)
	if err != nil || key.PublicKey().Type() != ssh.KeyAlgoED25519 {
		return nil, errors.Join(ErrKey, passphrase(err))
	}
	signature, err := key.Sign(rand.Reader, covered(namespace, hashOfSign, message))
	if err != nil {
		return nil, fmt.Errorf("sign: %w", err)
	}
	blob := append([]byte(magic), ssh.Marshal(envelope{
		Version: version, PublicKey: key.PublicKey().Marshal(), Namespace: namespace, Hash: hashOfSign,
		Signature: ssh.Marshal(signature),
	})...)
	return pem.EncodeToMemory(&pem.Block{Type: armour, Bytes: blob}), nil
}

// passphrase keeps what an error may say about a key to this: that it is locked.
func passphrase(err error) error {
	var missing *ssh.PassphraseMissingError
	if errors.As(err, &missing) {
		return errors.New("it is locked by a passphrase")
	}
	return nil
}

// Verify verifies a signature over a message by the key of a line such as
// "ssh-ed25519 AAAA… name".
func Verify(publicKey []byte, namespace string, message, signature []byte) error {
	key, _, _, _, err := ssh.ParseAuthorizedKey(publicKey)
	if err != nil || key.Type() != ssh.KeyAlgoED25519 {
		return ErrKey
	}
	e, made, err := parse(signature)
	if err != nil {
		return err
	}
	switch {
	case !bytes.Equal(e.PublicKey, key.Marshal()):
		return ErrAnotherKey
	case e.Namespace != namespace:
		return fmt.Errorf("%w: for %q, not for %q", ErrNamespace, e.Namespace, namespace)
	case key.Verify(covered(namespace, e.Hash, message), made) != nil:
		return fmt.Errorf("%w: the content differs from what was signed", ErrSignature)
	}
	return nil
}

func parse(signature []byte) (envelope, *ssh.Signature, error) {
	var e envelope
	var made ssh.Signature
	if len(signature) > maxArmour {
		return e, nil, ErrMalformed
	}
	block, rest := pem.Decode(signature)
	if block == nil || block.Type != armour || len(bytes.TrimSpace(rest)) != 0 || !bytes.HasPrefix(block.Bytes, []byte(magic)) {
		return e, nil, ErrMalformed
	}
	if ssh.Unmarshal(block.Bytes[len(magic):], &e) != nil || ssh.Unmarshal(e.Signature, &made) != nil {
		return e, nil, ErrMalformed
	}
	if e.Version != version || hashes[e.Hash] == nil || len(made.Blob) != ed25519.SignatureSize {
		return e, nil, fmt.Errorf("%w: of a kind that is not known here", ErrMalformed)
	}
	return e, &made, nil
}
