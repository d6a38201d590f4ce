package seal

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/ssh"

	"cnie/internal/secret"
)

// Key is a terminal's signing key. It does not print.
type Key struct {
	file   secret.Bytes // as OpenSSH writes it
	public PublicKey
}

// PublicKey is what a relying party knows a terminal by. It is comparable.
type PublicKey struct{ wire string }

// comment stands behind the key in files, for people.
const comment = "cnie-terminal"

// GenerateKey makes a key and its OpenSSH private key file.
func GenerateKey() (*Key, []byte, error) {
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, nil, fmt.Errorf("make a key: %w", err)
	}
	block, err := ssh.MarshalPrivateKey(private, comment)
	if err != nil {
		return nil, nil, fmt.Errorf("encode the key: %w", err)
	}
	file := pem.EncodeToMemory(block)
	key, err := ParseKey(file)
	return key, file, err
}

// ParseKey reads a private key file such as GenerateKey or
// `ssh-keygen -t ed25519 -N ""` make.
func ParseKey(file []byte) (*Key, error) {
	signer, err := ssh.ParsePrivateKey(file)
	var locked *ssh.PassphraseMissingError
	switch {
	case errors.As(err, &locked):
		return nil, ErrLocked
	case err != nil || signer.PublicKey().Type() != ssh.KeyAlgoED25519:
		return nil, ErrTerminalKey
	}
	return &Key{secret.New(bytes.Clone(file)), PublicKey{string(signer.PublicKey().Marshal())}}, nil
}

// Public is the public part.
func (k *Key) Public() PublicKey { return k.public }

// String says which key it is and nothing secret.
func (k *Key) String() string { return "terminal key " + k.Public().Fingerprint() }

// ParsePublicKeys reads public keys, one a line as `ssh-keygen` writes them;
// empty lines and comments are passed over. There is at least one.
func ParsePublicKeys(file []byte) ([]PublicKey, error) {
	var keys []PublicKey
	for line := range bytes.Lines(file) {
		if line = bytes.TrimSpace(line); len(line) == 0 || line[0] == '#' {
			continue
		}
		key, _, _, _, err := ssh.ParseAuthorizedKey(line)
		if err != nil || key.Type() != ssh.KeyAlgoED25519 {
			return nil, ErrTerminalKey
		}
		keys = append(keys, PublicKey{string(key.Marshal())})
	}
	if len(keys) == 0 {
		return nil, ErrTerminalKey
	}
	return keys, nil
}

// String is the line that ParsePublicKeys and OpenSSH read.
func (k PublicKey) String() string {
	key, err := ssh.ParsePublicKey([]byte(k.wire))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(ssh.MarshalAuthorizedKey(key))) + " " + comment
}

// Fingerprint is the short name, as `ssh-keygen -l` prints it: SHA256:…
func (k PublicKey) Fingerprint() string {
	key, err := ssh.ParsePublicKey([]byte(k.wire))
	if err != nil {
		return ""
	}
	return ssh.FingerprintSHA256(key)
}
