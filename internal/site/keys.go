package site

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"aead.dev/minisign"
	"golang.org/x/crypto/ssh"
)

// Keys are those whose signatures a site file is believed on. The zero value
// has none.
type Keys struct {
	// File is where they came from, and Writers who may change it, in words.
	File, Writers string
	minisign      []minisign.PublicKey
	ssh           []ssh.PublicKey
}

var (
	// ErrKeyFile reports a file of keys that has none, or none that can be used.
	ErrKeyFile = errors.New("no file of keys: it takes lines as minisign and ssh-keygen write their public keys, Ed25519 only")
	// ErrKeyWritable reports a file of keys that others than its owner may change.
	ErrKeyWritable = errors.New("others than its owner can change it")
	// ErrKeyOverruled reports other keys than those of the system.
	ErrKeyOverruled = errors.New("the keys of this machine are fixed, and no others are taken")
)

const (
	maxKeys    = 16
	maxKeyFile = 1 << 14 // bytes
)

// FindKeys reads the keys of the machine or, where it has none, those of the
// file given or of the user. A machine with keys of its own, which only its
// administrator can change, takes no others, so that a clerk cannot bring both
// a wider site file and the key that signed it.
func FindKeys(given string) (Keys, error) { return findKeys(given, systemKeys(), userKeys()) }

func findKeys(given, system, user string) (Keys, error) {
	_, err := os.Lstat(system)
	switch there := !errors.Is(err, os.ErrNotExist); {
	case system != "" && there && given != "" && !sameFile(given, system):
		return Keys{}, fmt.Errorf("%s: %w", system, ErrKeyOverruled)
	case system != "" && there:
		return ReadKeys(system)
	case given != "":
		return ReadKeys(given)
	}
	if _, err := os.Lstat(user); user == "" || errors.Is(err, os.ErrNotExist) {
		return Keys{}, nil
	}
	return ReadKeys(user)
}

func sameFile(a, b string) bool {
	one, err := os.Stat(a)
	if err != nil {
		return false
	}
	other, err := os.Stat(b)
	return err == nil && os.SameFile(one, other)
}

func userKeys() string {
	dir, err := os.UserConfigDir()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "cnie", "site.pub")
}

// ReadKeys reads a file of public keys, a line each, as minisign and ssh-keygen
// write them. Empty lines and those that begin with # or "untrusted comment:"
// say nothing.
func ReadKeys(path string) (Keys, error) {
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return Keys{}, err
	}
	writers, err := protected(real)
	if err != nil {
		return Keys{}, fmt.Errorf("%s: %w", path, err)
	}
	content, err := readFile(real, maxKeyFile)
	if err != nil {
		return Keys{}, err
	}
	k, err := parseKeys(content)
	if err != nil {
		return Keys{}, fmt.Errorf("%s: %w", path, err)
	}
	k.File, k.Writers = path, writers
	return k, nil
}

func parseKeys(content []byte) (Keys, error) {
	var k Keys
	for line := range bytes.Lines(content) {
		line = bytes.TrimSpace(line)
		if len(line) == 0 || line[0] == '#' || bytes.HasPrefix(line, []byte("untrusted comment:")) {
			continue
		}
		var mini minisign.PublicKey
		if shell, _, _, _, err := ssh.ParseAuthorizedKey(line); err == nil && shell.Type() == ssh.KeyAlgoED25519 {
			k.ssh = append(k.ssh, shell)
		} else if mini.UnmarshalText(line) == nil {
			k.minisign = append(k.minisign, mini)
		} else {
			return Keys{}, ErrKeyFile
		}
	}
	if n := k.Count(); n == 0 || n > maxKeys {
		return Keys{}, ErrKeyFile
	}
	return k, nil
}

// Count is how many keys there are.
func (k Keys) Count() int { return len(k.minisign) + len(k.ssh) }

// Names says each key as its own tool names it.
func (k Keys) Names() []string {
	var names []string
	for _, key := range k.minisign {
		names = append(names, minisignName(key.ID()))
	}
	for _, key := range k.ssh {
		names = append(names, sshName(key))
	}
	return names
}

func minisignName(id uint64) string { return fmt.Sprintf("minisign key %016X", id) }

func sshName(key ssh.PublicKey) string {
	return "OpenSSH key " + ssh.FingerprintSHA256(key)
}
