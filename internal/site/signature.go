package site

import (
	"errors"
	"fmt"
	"os"
	"slices"

	"aead.dev/minisign"
	"golang.org/x/crypto/ssh"

	"cnie/pki/trust/sshsig"
)

// Namespace is what a signature of a site file is made for: ssh-keygen -n, and
// the trusted comment of minisign (-t). A key may serve for other things too,
// and what it signed for those is worth nothing here.
const Namespace = "cnie-site"

var (
	// ErrUnsigned reports a production site without a signature.
	ErrUnsigned = errors.New("a site file for production must be signed, by minisign -t " + Namespace + " or ssh-keygen -Y sign -n " + Namespace)
	// ErrNoKeys reports a signature where no key is known that could have made it.
	ErrNoKeys = errors.New("the site file is signed, and no key is known to verify it with")
	// ErrAnotherKey reports a signature by a key that is not trusted here.
	ErrAnotherKey = errors.New("the site file is signed by a key that is not trusted here")
	// ErrChanged reports a file that is not the one that was signed.
	ErrChanged = errors.New("the site file was changed after it was signed")
	// ErrNamespace reports a signature made for something else.
	ErrNamespace = errors.New("the signature was made for something else, not for " + Namespace)
	// ErrSignature reports bytes that are no signature.
	ErrSignature = errors.New("the signature is malformed")
)

const maxSignature = 1 << 14 // bytes

// verify verifies every signature that lies beside the file, and names who made
// them. No signature gives no name.
func (k Keys) verify(path string, content []byte) (signer string, err error) {
	for _, kind := range []struct {
		ending string
		verify func(content, signature []byte) (string, error)
	}{{".minisig", k.verifyMinisign}, {".sig", k.verifySSH}} {
		signature, err := readFile(path+kind.ending, maxSignature)
		switch {
		case errors.Is(err, os.ErrNotExist):
			continue
		case errors.Is(err, errTooLarge):
			return "", ErrSignature
		case err != nil:
			return "", err
		case k.Count() == 0:
			return "", ErrNoKeys
		}
		name, err := kind.verify(content, signature)
		if err != nil {
			return "", err
		}
		if signer != "" {
			name = signer + " and " + name
		}
		signer = name
	}
	return signer, nil
}

func (k Keys) verifyMinisign(content, text []byte) (string, error) {
	var signature minisign.Signature
	if err := signature.UnmarshalText(text); err != nil {
		return "", ErrSignature
	}
	i := slices.IndexFunc(k.minisign, func(key minisign.PublicKey) bool { return key.ID() == signature.KeyID })
	switch {
	case i < 0:
		return "", ErrAnotherKey
	case !minisign.Verify(k.minisign[i], content, text):
		return "", ErrChanged
	case signature.TrustedComment != Namespace:
		return "", ErrNamespace
	}
	return minisignName(signature.KeyID), nil
}

// verifySSH tries the keys one by one: which of them made the signature is for
// the format to say.
func (k Keys) verifySSH(content, text []byte) (string, error) {
	for _, key := range k.ssh {
		err := sshsig.Verify(ssh.MarshalAuthorizedKey(key), Namespace, content, text)
		switch {
		case err == nil:
			return sshName(key), nil
		case errors.Is(err, sshsig.ErrAnotherKey):
			continue
		case errors.Is(err, sshsig.ErrNamespace):
			return "", ErrNamespace
		case errors.Is(err, sshsig.ErrMalformed):
			return "", fmt.Errorf("%w: %w", ErrSignature, err)
		}
		return "", ErrChanged
	}
	return "", ErrAnotherKey
}
