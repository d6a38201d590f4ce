package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	answers "cnie/internal/answer"
	"cnie/internal/secret"
	"cnie/internal/site"
	"cnie/internal/wholefile"
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
	content, err := wholefile.ReadSecret(path)
	if errors.Is(err, fs.ErrNotExist) {
		made := make([]byte, answers.MinSecret)
		rand.Read(made) // it never fails
		err = errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), wholefile.Create(path, made, 0o600))
		if err == nil || errors.Is(err, fs.ErrExist) { // or another desk was faster
			content, err = wholefile.ReadSecret(path)
		}
	}
	switch {
	case err != nil:
		return secret.Bytes{}, err
	case len(content) < answers.MinSecret:
		return secret.Bytes{}, fmt.Errorf("%s has fewer than %d bytes", path, answers.MinSecret)
	}
	return secret.New(content), nil
}
