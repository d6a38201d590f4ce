package api

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"cnie/internal/site"
	"cnie/internal/wholefile"
)

// ErrNotPaired reports a client without a pairing, or a token that is nobody's.
var ErrNotPaired = errors.New("no such client is paired")

// Pairing is what the counter keeps of a paired client: not the token.
type Pairing struct {
	Client   string    `json:"client"`
	Token    string    `json:"token"` // SHA-256, in hexadecimal; the token has 130 random bits
	Purposes []string  `json:"purposes"`
	Origins  []string  `json:"origins"`
	Paired   time.Time `json:"paired"`
}

// Pairings are files in the counter's own folder, one for each client. They are
// read for each request, so that a pairing is over the moment it is taken back.
type Pairings struct{ dir string }

// OpenPairings keeps pairings in a folder, which is made for its owner alone.
func OpenPairings(dir string) (*Pairings, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	return &Pairings{dir}, nil
}

var clientName = regexp.MustCompile(`^[a-z][a-z0-9-]{0,39}$`) // as in site files

func (p *Pairings) path(client string) string {
	return filepath.Join(p.dir, "client-"+client+".json")
}

// Pair gives a client of the site a new token; the one before is void.
func (p *Pairings) Pair(c site.Client, now time.Time) (token string, err error) {
	if !clientName.MatchString(c.ID) {
		return "", ErrNotPaired
	}
	token = "cnie-" + c.ID + "." + rand.Text()
	content, err := json.MarshalIndent(Pairing{Client: c.ID, Token: hashed(token), Purposes: c.Purposes, Origins: c.Origins, Paired: now.UTC()}, "", "  ")
	if err != nil {
		return "", err
	}
	return token, wholefile.Replace(p.path(c.ID), append(content, '\n'), 0o600)
}

// Unpair takes a pairing back.
func (p *Pairings) Unpair(client string) error {
	if !clientName.MatchString(client) {
		return ErrNotPaired
	}
	err := os.Remove(p.path(client))
	if errors.Is(err, fs.ErrNotExist) {
		return ErrNotPaired
	}
	return err
}

// All lists the pairings.
func (p *Pairings) All() ([]Pairing, error) {
	paths, err := filepath.Glob(p.path("*"))
	if err != nil {
		return nil, err
	}
	var all []Pairing
	for _, path := range paths {
		one, err := readPairing(path)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, nil
}

// find takes a token to its pairing.
func (p *Pairings) find(token string) (Pairing, error) {
	rest, ok := strings.CutPrefix(token, "cnie-")
	client, _, dotted := strings.Cut(rest, ".")
	if !ok || !dotted || len(token) > 100 || !clientName.MatchString(client) {
		return Pairing{}, ErrNotPaired
	}
	found, err := readPairing(p.path(client))
	if errors.Is(err, fs.ErrNotExist) {
		return Pairing{}, ErrNotPaired
	}
	if err != nil {
		return Pairing{}, err
	}
	if found.Client != client || subtle.ConstantTimeCompare([]byte(found.Token), []byte(hashed(token))) != 1 {
		return Pairing{}, ErrNotPaired
	}
	return found, nil
}

func hashed(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

func readPairing(path string) (p Pairing, err error) {
	content, err := wholefile.ReadSecret(path)
	if err != nil {
		return p, err
	}
	if json.Unmarshal(content, &p) != nil {
		return p, fmt.Errorf("%s is no pairing", filepath.Base(path))
	}
	return p, nil
}
