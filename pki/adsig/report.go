package adsig

import (
	"time"

	"cnie/pki/adsig/cades"
	"cnie/pki/adsig/path"
	"cnie/pki/cert"
)

// Report is what validating one signature came to.
type Report struct {
	Checks
	At      time.Time         // the moment for which it holds
	Signer  *cert.Certificate // nil when not known
	Path    path.Path         // to the anchor; nil when there is none
	Claimed *time.Time        // when the signer says to have signed
	// Proven is the earliest moment at which something proves that the
	// signature existed: At when nothing does.
	Proven time.Time
	Level  cades.Level // that it has, by what was found to hold
	Stamps []StampReport
}

// required are the checks without which no signature passes.
var required = []CheckID{
	CheckFormat, CheckSigner, CheckReference, CheckPolicy, CheckDigest, CheckValue, CheckPath, CheckConstraints,
	CheckUsage, CheckValidity, CheckRevocation, CheckStrength, CheckAlgorithm, CheckAttributes, CheckTime,
}

// Indication is computed from the checks each time it is asked for. A report
// without checks is INDETERMINATE.
func (r Report) Indication() (Indication, SubIndication) { return r.conclude(required) }

// Kind is what a timestamp is over.
type Kind string

// The kinds.
const (
	ContentStamp   Kind = "content"   // before signing: the signature is not older
	SignatureStamp Kind = "signature" // the signature value
	ArchiveStamp   Kind = "archive"   // the signature and what came with it
	DocumentStamp  Kind = "document"  // a file that holds the signature
)

// StampReport is what validating one timestamp came to (EN 319 102-1 §5.4).
type StampReport struct {
	Checks
	Kind      Kind
	Time      time.Time // that it states; zero when it could not be read
	Accuracy  time.Duration
	Authority *cert.Certificate
	Path      path.Path
}

var requiredOfStamps = []CheckID{
	CheckFormat, CheckDigest, CheckValue, CheckPath, CheckConstraints, CheckUsage, CheckValidity, CheckRevocation, CheckStrength, CheckAlgorithm,
}

// Indication is computed like a Report's.
func (s StampReport) Indication() (Indication, SubIndication) { return s.conclude(requiredOfStamps) }

func (s StampReport) passed() bool {
	i, _ := s.Indication()
	return i == TotalPassed
}
