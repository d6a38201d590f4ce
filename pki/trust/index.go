package trust

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"cnie/pki/cert"
)

const (
	indexName   = "trust.json"
	indexFormat = "cnie-trust 1"
	maxIndex    = 16 << 20 // bytes
)

// Kind says what a thing in a managed directory is.
type Kind string

// What a managed directory holds.
const (
	MasterList     Kind = "master list"
	DeviationList  Kind = "deviation list"
	RevocationList Kind = "revocation list"
	Authority      Kind = "certificate" // of a country signing authority, given by itself
	Signer         Kind = "signer"      // a certificate that vouches for lists and for nothing else
)

// extensions of the files that hold them.
var extensions = map[Kind]string{MasterList: "ml", DeviationList: "dl", RevocationList: "crl", Authority: "der", Signer: "der"}

// Held is one file of a managed directory and where it came from.
type Held struct {
	Kind     Kind      `json:"kind"`
	Name     string    `json:"name"`   // publisher of a list, subject of a certificate
	SHA256   string    `json:"sha256"` // of the file
	Origin   string    `json:"origin"` // file or address that was read
	Imported time.Time `json:"imported"`
	Date     time.Time `json:"date"`          // of signing, of issue, or the certificate's first day
	Next     time.Time `json:"next,omitzero"` // when the next list is due, or the certificate's last day
	Signer   string    `json:"signer,omitempty"`
	Country  string    `json:"country,omitempty"` // of the authority behind the signer
	Entries  int       `json:"entries,omitempty"`
	Remarks  []string  `json:"remarks,omitempty"` // what is odd and was tolerated
}

func (h Held) file() string { return h.SHA256 + "." + extensions[h.Kind] }

// member is what is remembered of one certificate.
type member struct {
	SHA256 string     `json:"sha256"`
	File   bool       `json:"file,omitempty"` // kept by itself, not within a held list
	Seen   []sighting `json:"seen"`
	Reason string     `json:"reason,omitempty"`
	Noted  time.Time  `json:"noted,omitzero"`
}

// sighting is the time for which one publisher listed a certificate. Vanished
// says that it was still in force when it went.
type sighting struct {
	By       string    `json:"by"`
	First    time.Time `json:"first"`
	Last     time.Time `json:"last"`
	Gone     time.Time `json:"gone,omitzero"`
	Vanished bool      `json:"vanished,omitempty"`
}

// byOperator stands for a publisher where the operator gave a file.
const byOperator = "operator"

// pinnedMark is a signer that the operator vouched for by fingerprint.
type pinnedMark = string

// lineage says which store a copy was filled from.
type lineage struct {
	ID      string    `json:"id"`
	Version int       `json:"version"`
	Made    time.Time `json:"made"`
}

// index is the file that makes loose files one version of a store.
type index struct {
	Format  string       `json:"format"`
	ID      string       `json:"id"`
	Version int          `json:"version"`
	Made    time.Time    `json:"made"`
	Action  string       `json:"action"` // what made this version
	From    *lineage     `json:"from,omitempty"`
	Marks   []pinnedMark `json:"marks,omitempty"`
	Held    []Held       `json:"held"`
	Members []member     `json:"members"`
}

func newIndex() *index {
	id := make([]byte, 16)
	_, _ = rand.Read(id) // never fails since Go 1.24
	return &index{Format: indexFormat, ID: hex.EncodeToString(id)}
}

// encode writes the index, the same bytes for the same content.
func (x *index) encode() ([]byte, error) {
	slices.SortFunc(x.Held, func(a, b Held) int {
		return strings.Compare(string(a.Kind)+a.Name+a.SHA256, string(b.Kind)+b.Name+b.SHA256)
	})
	slices.SortFunc(x.Members, func(a, b member) int { return strings.Compare(a.SHA256, b.SHA256) })
	slices.Sort(x.Marks)
	text, err := json.MarshalIndent(x, "", " ")
	return append(text, '\n'), err
}

var errIndex = fmt.Errorf("%w: index of the trust store", cert.ErrMalformed)

// decodeIndex reads an index and checks that it names files only by their hash.
func decodeIndex(text []byte) (*index, error) {
	if len(text) > maxIndex {
		return nil, fmt.Errorf("%w: %d bytes", errIndex, len(text))
	}
	x := &index{}
	decoder := json.NewDecoder(strings.NewReader(string(text)))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(x); err != nil {
		return nil, fmt.Errorf("%w: %w", errIndex, err)
	}
	if x.Format != indexFormat {
		return nil, fmt.Errorf("%w: format %q, this program reads %q", errIndex, x.Format, indexFormat)
	}
	if x.Version < 1 || len(x.ID) != 32 || len(x.Members) > maxMembers || len(x.Held) > maxMembers {
		return nil, errIndex
	}
	return x, x.check()
}

func (x *index) check() error {
	for _, h := range x.Held {
		if extensions[h.Kind] == "" || !isFingerprint(h.SHA256) {
			return fmt.Errorf("%w: a file of kind %q", errIndex, h.Kind)
		}
	}
	for _, m := range x.Members {
		if !isFingerprint(m.SHA256) || len(m.Seen) == 0 {
			return fmt.Errorf("%w: a certificate that was never seen", errIndex)
		}
	}
	return nil
}

// files names every file that the version needs, with its hash.
func (x *index) files() map[string]string {
	all := map[string]string{}
	for _, h := range x.Held {
		all[h.file()] = h.SHA256
	}
	for _, m := range x.Members {
		if m.File {
			all[m.SHA256+"."+extensions[Authority]] = m.SHA256
		}
	}
	return all
}

func (x *index) held(kind Kind, name string) *Held {
	for i := range x.Held {
		if x.Held[i].Kind == kind && x.Held[i].Name == name {
			return &x.Held[i]
		}
	}
	return nil
}

// fingerprint is the SHA-256 of bytes in hex.
func fingerprint(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

var errFingerprint = errors.New("a SHA-256 fingerprint has 64 hexadecimal digits")

func isFingerprint(text string) bool {
	raw, err := hex.DecodeString(text)
	return err == nil && len(raw) == sha256.Size && strings.ToLower(text) == text
}
