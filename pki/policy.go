package pki

import (
	"errors"
	"time"
)

// Policy says under which circumstances the judge judges. Its zero value is the
// strictest one, but for At, which has no safe default and must be set. Every
// relaxation is a field whose name begins with Allow.
type Policy struct {
	// At is the moment for which the report shall hold, usually now.
	At time.Time
	// AllowBAC accepts a chip that was opened by Basic Access Control, whose
	// keys have little entropy, as long as the chip never offered PACE.
	AllowBAC bool
	// AllowUnverifiedIssuer releases the holder fields of a card whose issuer
	// is not among the anchors, marked as such. The verdict stays inconclusive.
	AllowUnverifiedIssuer bool
}

// ErrNoTime says that Policy.At was not set.
var ErrNoTime = errors.New("a policy needs the time for which it judges")

// Sentences puts the policy in words, one rule each, as a run prints it.
func (p Policy) Sentences() []string {
	s := []string{"Judged for " + p.At.UTC().Format("2006-01-02 15:04 UTC") + "."}
	if p.AllowBAC {
		s = append(s, "Basic Access Control is allowed where the chip offers no PACE.")
	} else {
		s = append(s, "The chip must be opened by PACE.")
	}
	if p.AllowUnverifiedIssuer {
		s = append(s, "Holder fields are shown, watermarked, even if the issuer is unknown.")
	} else {
		s = append(s, "Holder fields are shown only if the issuer is verified.")
	}
	return append(s, "Integrity, issuer, chip, validity and revocation must all pass.")
}
