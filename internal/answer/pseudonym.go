package answer

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"

	"cnie/internal/secret"
)

// MinSecret is how long the secret of a controller must be, in random bytes.
const MinSecret = 32

// Pseudonym names a person for one purpose of one controller: 43 characters of
// base64url. The same number always gives the same one. It is
//
//	HMAC-SHA-256(key, number),  key = HKDF-SHA-256(secret, no salt, info, 32 bytes)
//
// where info is "cnie pseudonym 1", the controller and the purpose, the last two
// each after its length in two bytes, and number is the CIN in capitals without spaces.
func Pseudonym(root secret.Bytes, controller, purpose, cin string) (string, error) {
	number := bare(cin)
	switch {
	case len(root.Reveal()) < MinSecret:
		return "", fmt.Errorf("secret for pseudonyms has fewer than %d bytes", MinSecret)
	case !isIdentifier(controller) || !isIdentifier(purpose):
		return "", errors.New("controller or purpose for a pseudonym is no identifier")
	case number == "":
		return "", errors.New("no identity number to make a pseudonym of")
	}
	info := []byte("cnie pseudonym 1")
	for _, part := range []string{controller, purpose} {
		info = append(binary.BigEndian.AppendUint16(info, uint16(len(part))), part...)
	}
	key, err := hkdf.Key(sha256.New, root.Reveal(), nil, string(info), sha256.Size)
	if err != nil {
		return "", fmt.Errorf("derive a purpose's key: %w", err)
	}
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(number))
	clear(key)
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)), nil
}
