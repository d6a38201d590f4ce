package pades

import (
	"fmt"
	"time"

	"cnie/pki"
	"cnie/pki/adsig"
	"cnie/pki/adsig/pades/revision"
)

// The checks that a signature in a PDF takes besides those of package adsig.
const (
	CheckRange    adsig.CheckID = "pdf.range"    // it covers every byte up to its end but its own digits
	CheckRevision adsig.CheckID = "pdf.revision" // the bytes up to there are a document, with the signature where it is now
	CheckChanges  adsig.CheckID = "pdf.changes"  // nothing was changed since but what may be
	CheckProfile  adsig.CheckID = "pdf.profile"  // the signature dictionary is as the baseline profile asks
)

var clauses = map[adsig.CheckID]string{
	CheckRange: "ISO 32000-2 §12.8.1", CheckRevision: "ISO 32000-2 §7.5.6", CheckChanges: "ISO 32000-2 §12.8.2", CheckProfile: "EN 319 142-1 §6.3",
}

// Scope is how much of the document that is seen today a signature speaks for.
type Scope string

// The scopes.
const (
	// WholeFile: to the last byte.
	WholeFile Scope = "whole file"
	// WholeDocument: since then came only what shows nothing and says nothing of
	// the content: material for validation, timestamps, further signatures.
	WholeDocument Scope = "whole document"
	// EarlierRevision: the document was different when it was signed.
	EarlierRevision Scope = "earlier revision"
	// Nothing: what is covered cannot be told.
	Nothing Scope = "nothing"
)

// Place is where a signature stands in its document, and what became of the
// document since.
type Place struct {
	Field    string            `json:"field"`
	Revision int               `json:"revision"` // of the signed ones, from 1
	Covers   int64             `json:"covers"`   // bytes, from the first on
	Scope    Scope             `json:"scope"`
	Changes  []revision.Change `json:"changes,omitempty"`
	// Permission is what a certifying signature lets happen to the document (ISO
	// 32000-2 table 257): 1 nothing, 2 filling in and signing, 3 annotating
	// besides; 0 for a signature that does not certify.
	Permission int `json:"permission,omitempty"`
}

// Report is what validating one signature came to.
type Report struct {
	adsig.Report
	Place
	Format   string     // PAdES, or what else it is
	Stated   *time.Time // when the dictionary says it was made
	Name     string     // all three as the signer wrote them
	Reason   string
	Location string
}

// Timestamp is what validating one document timestamp came to.
type Timestamp struct {
	adsig.StampReport
	Place
}

// Document is what validating every signature of a file came to, each list in
// the order in which it was signed.
type Document struct {
	Signatures []Report
	Timestamps []Timestamp
}

func check(id adsig.CheckID, outcome pki.Outcome, sub adsig.SubIndication, format string, args ...any) adsig.Check {
	return adsig.Check{ID: id, Outcome: outcome, Clause: clauses[id], Reason: fmt.Sprintf(format, args...), Sub: sub}
}

func pass(id adsig.CheckID, format string, args ...any) adsig.Check {
	return check(id, pki.Passed, "", format, args...)
}
