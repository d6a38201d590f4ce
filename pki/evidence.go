package pki

import (
	"time"

	"cnie/lds"
)

// Evidence is everything that reading one card yielded, and all that the judge
// gets to see. It is written once, by the reader, and only read afterwards.
//
// It holds personal data and, in a Chip Authentication transcript, a private
// key of the terminal that anyone could use to make such a transcript up. It is
// therefore the terminal's statement, not a proof to third parties, unless the
// chip signed a nonce that somebody else had chosen ([Report.Answers]).
type Evidence struct {
	ReadAt time.Time `json:"read_at"` // when reading began, by the terminal's clock
	// ReadUntil is when it was over.
	ReadUntil time.Time `json:"read_until,omitzero"`
	ATR       []byte    `json:"atr,omitempty"`
	Access    Access    `json:"access"`
	// Asked are the files that the reader tried to read, whether or not it got
	// them: EF.SOD, the data groups that were asked for, and DG14 and DG15,
	// which always are when EF.SOD lists them.
	Asked []lds.File `json:"asked"`
	// Files are the bytes of each file that was read, whole.
	Files map[lds.File][]byte `json:"files"`
	// Denied holds the status word with which the card refused a file.
	Denied map[lds.File]uint16 `json:"denied,omitempty"`
	// Broken names the step ("read EF.DG2") at which secure messaging failed for
	// good, so that nothing after it was read; empty when it held. A forged or
	// damaged response is a finding about the card, not an error of the reader:
	// what was read before it is kept here and the judge refuses it.
	Broken string `json:"broken,omitempty"`
	// Replayed says that no card was there: a recording was played to the reader.
	// Whatever it yields is of use to engineers and proves nothing.
	Replayed bool `json:"replayed,omitempty"`
	// Chip is the chip's proof of being an original, nil when none was tried.
	Chip *ChipAuthentication `json:"chip,omitempty"`
	// Mapping is the proof in PACE with chip authentication mapping, nil when
	// the chip was opened otherwise.
	Mapping *ChipMapping `json:"mapping,omitempty"`
	// Active is the third proof, a signature; nil when none was asked for.
	Active *ActiveAuthentication `json:"active,omitempty"`
	// Terminal is how the terminal proved itself to the chip, nil when it did not.
	Terminal *TerminalAuthentication `json:"terminal,omitempty"`
}

// Names of the protocols that open a chip.
const (
	PACE = "PACE"
	BAC  = "BAC"
)

// Access says how the chip was opened.
type Access struct {
	Protocol   string `json:"protocol"`             // PACE or BAC
	Password   string `json:"password,omitempty"`   // CAN, MRZ, PIN or PUK, never its value
	Mapping    string `json:"mapping,omitempty"`    // PACE: GM, IM or CAM
	Parameters string `json:"parameters,omitempty"` // PACE: name of the curve or group
	Cipher     string `json:"cipher"`               // of secure messaging: 3DES, AES-128 …
	OID        string `json:"oid,omitempty"`        // PACE: the protocol, dotted
}

// ChipOutcome says how a proof by the chip ended at the card.
type ChipOutcome string

// Outcomes of the proofs.
const (
	ChipPerformed ChipOutcome = "performed" // new keys are in use, or there is a signature: it can be verified
	ChipRefused   ChipOutcome = "refused"   // the card answered a status word and goes on
	ChipBroken    ChipOutcome = "broken"    // secure messaging did not survive
)

// ChipAuthentication is the transcript of Chip Authentication version 1, ICAO
// 9303-11 §6.2. The judge derives the session keys again, from the terminal's
// ephemeral key and the chip's public key in the signed EF.DG14, and verifies
// the first response that the chip protected with them.
type ChipAuthentication struct {
	Outcome  ChipOutcome `json:"outcome"`
	Status   uint16      `json:"status,omitempty"`   // of a refusal
	Protocol string      `json:"protocol,omitempty"` // object identifier, dotted
	KeyID    *int        `json:"key_id,omitempty"`   // which key of EF.DG14; nil: the only one
	// EphemeralPrivate is the terminal's scalar, big-endian.
	EphemeralPrivate []byte `json:"ephemeral_private,omitempty"`
	// Command is the first command protected by the new keys, and Response what
	// came back, status word included, whether or not it verified. Their send
	// sequence counters are 1 and 2.
	Command  []byte `json:"command,omitempty"`
	Response []byte `json:"response,omitempty"`
}
