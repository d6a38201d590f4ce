package trust

import (
	"time"

	"cnie/pki/cert"
)

// Standing is what the lists say about a member today. An authority that
// expired may leave a list and still vouches for what it signed before; one
// that left while it was in force did so for a reason, which a list does not
// tell. Until the operator records that reason, its signatures prove nothing.
type Standing struct {
	// Vanished says that a list dropped the member before it expired. A judge
	// holds the issuer undecided while Reason is empty.
	Vanished bool      `json:"vanished"`
	Since    time.Time `json:"since,omitzero"`    // date of the first list without it; zero while every list has it
	Reason   string    `json:"reason,omitempty"`  // why, in the operator's words; empty: nobody said
	Sources  []Source  `json:"sources,omitempty"` // where it came from; empty in a store made from loose files
}

// Source is one way by which a certificate came into a managed directory.
type Source struct {
	Name      string    `json:"name"`             // "master list DE/bund", or "operator" for a single file
	Origin    string    `json:"origin"`           // file or address that was read
	Signer    string    `json:"signer,omitempty"` // SHA-256 of the list signer's certificate, hex; empty for a single file
	FirstSeen time.Time `json:"first_seen"`       // date of the first list with it, or of the import
	LastSeen  time.Time `json:"last_seen"`        // date of the last one
	Gone      time.Time `json:"gone,omitzero"`    // date of the first list without it; zero: still listed
	Newest    time.Time `json:"newest,omitzero"`  // date of the publisher's newest list, with or without it; zero for a single file
}

// Standing returns what is known of a member; the zero value for a certificate
// that is none and in a store made from loose files, where nothing can vanish.
func (s *Store) Standing(c *cert.Certificate) Standing { return s.standings[c] }
