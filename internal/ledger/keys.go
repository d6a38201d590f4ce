package ledger

import (
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"cnie/internal/wholefile"
)

// identity is who signs checkpoints, and under which name.
type identity struct {
	signer   note.Signer // nil where the ledger is only looked at
	verifier note.Verifier
	vkey     string
}

func (i *identity) origin() string { return i.verifier.Name() }

// ErrNone reports a folder without a ledger.
var ErrNone = errors.New("there is no ledger in the folder")

// ErrOrigin reports a name that checkpoints cannot carry, or another than the ledger has.
var ErrOrigin = errors.New("the ledger's name is another, or has a space or a +")

// readIdentity reads the public half, ledger.pub.
func readIdentity(dir string) (*identity, error) {
	text, err := os.ReadFile(filepath.Join(dir, "ledger.pub"))
	if errors.Is(err, os.ErrNotExist) {
		return nil, ErrNone
	}
	if err != nil {
		return nil, err
	}
	vkey := strings.TrimSpace(string(text))
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return nil, fmt.Errorf("read ledger.pub: %w", err)
	}
	return &identity{verifier: verifier, vkey: vkey}, nil
}

// openIdentity reads both halves, and makes them in a folder that has none. The
// public half is written last: it says that there is a ledger.
func openIdentity(dir, origin string) (*identity, error) {
	held, err := readIdentity(dir)
	if errors.Is(err, ErrNone) {
		if err := makeIdentity(dir, origin); err != nil {
			return nil, err
		}
		held, err = readIdentity(dir)
	}
	if err != nil {
		return nil, err
	}
	if origin != "" && origin != held.origin() {
		return nil, ErrOrigin
	}
	secret, err := os.ReadFile(filepath.Join(dir, "ledger.key"))
	if err != nil {
		return nil, err
	}
	if held.signer, err = note.NewSigner(strings.TrimSpace(string(secret))); err != nil {
		return nil, errors.New("read ledger.key: it is not a signer's key")
	}
	if held.signer.KeyHash() != held.verifier.KeyHash() {
		return nil, errors.New("ledger.key and ledger.pub are not of one pair")
	}
	return held, nil
}

func makeIdentity(dir, origin string) error {
	if origin == "" {
		origin = "cnie/ledger/" + hex.EncodeToString(random(8))
	}
	if strings.ContainsAny(origin, "+ \t\r\n") {
		return ErrOrigin
	}
	secret, public, err := note.GenerateKey(nil, origin)
	if err != nil {
		return err
	}
	if err := wholefile.Replace(filepath.Join(dir, "ledger.key"), []byte(secret+"\n"), 0o600); err != nil {
		return err
	}
	return wholefile.Replace(filepath.Join(dir, "ledger.pub"), []byte(public+"\n"), 0o644)
}
