package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"sync"

	answers "cnie/internal/answer"
	"cnie/internal/secret"
	"cnie/internal/site"
	"cnie/pki"
)

// pseudonymsOf is what pseudonyms are derived for beside the purpose. The secret
// is one controller's and no other's, and his name may change.
const pseudonymsOf = "controller"

// pseudonyms names people for purposes that answer instead of showing: who asks
// again recognises the same person, and learns no identity number. Other purposes
// get none: it would link their visits for nobody. The secret is read, or made,
// when it is needed first.
func pseudonyms(place *site.Site, dir string) func(purpose string, h *pki.Holder) (string, error) {
	root := sync.OnceValues(func() (secret.Bytes, error) { return pseudonymSecret(filepath.Join(dir, "pseudonym.key")) })
	answering := map[string]bool{}
	for _, p := range place.Purposes {
		answering[p.ID] = len(p.Answers) > 0
	}
	return func(purpose string, h *pki.Holder) (string, error) {
		if !answering[purpose] || h.CIN == "" {
			return "", nil
		}
		key, err := root()
		if err != nil {
			return "", err
		}
		return answers.Pseudonym(key, pseudonymsOf, purpose, h.CIN)
	}
}

// pseudonymSecret reads the secret, and makes it where there is none. Several desks
// of a controller give one person one name if they have copies of the file.
func pseudonymSecret(path string) (secret.Bytes, error) {
	content, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return newPseudonymSecret(path)
	}
	if err != nil {
		return secret.Bytes{}, err
	}
	seen, err := os.Stat(path)
	switch {
	case err != nil:
		return secret.Bytes{}, err
	case runtime.GOOS != "windows" && seen.Mode().Perm()&0o077 != 0:
		return secret.Bytes{}, fmt.Errorf("%s can be read by others than its owner; make it 0600", path)
	case len(content) < answers.MinSecret:
		return secret.Bytes{}, fmt.Errorf("%s has fewer than %d bytes", path, answers.MinSecret)
	}
	return secret.New(content), nil
}

func newPseudonymSecret(path string) (secret.Bytes, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return secret.Bytes{}, err
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return pseudonymSecret(path) // another desk was faster
	}
	if err != nil {
		return secret.Bytes{}, err
	}
	made := make([]byte, answers.MinSecret)
	rand.Read(made) // it never fails
	_, err = file.Write(made)
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return secret.Bytes{}, errors.Join(err, os.Remove(path)) // names of half a secret would not come again
	}
	return secret.New(made), nil
}
