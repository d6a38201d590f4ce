package pki

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// Policy says under which circumstances the judge judges. Its zero value is the
// strict one, but for At, which has no safe default and must be set. Every
// relaxation is a field whose name begins with Allow, and whatever passes only
// because of one is warned, never passed. Package policyfile reads policies
// from files.
type Policy struct {
	// At is the moment for which the report shall hold, usually now.
	At time.Time
	// Name says which policy this is, to people.
	Name string
	// AllowBAC accepts a chip that was opened by Basic Access Control, whose
	// keys have little entropy, as long as the chip never offered PACE.
	AllowBAC bool
	// AllowUnverifiedIssuer releases the holder fields of a card whose issuer
	// is not among the anchors, marked as such. The verdict stays inconclusive.
	AllowUnverifiedIssuer bool
	// AllowSigningOutsideKeyUse tolerates a document or a document signer that
	// was signed before or after its signer's private key usage period.
	AllowSigningOutsideKeyUse bool
	// AllowOtherDocumentType tolerates a document of a type that its signer's
	// document type list does not name.
	AllowOtherDocumentType bool
	// AllowCountries names, for an issuing state as in the MRZ, the countries
	// whose certificates may sign its documents besides its own: CHN: HK.
	AllowCountries map[string][]string
	// AllowAlgorithms is used instead of StrictFloors from its first date on; it
	// is ordered by date.
	AllowAlgorithms []Floor
	// AllowExpiredDocument is how long after its date of expiry a document is
	// tolerated.
	AllowExpiredDocument time.Duration
	// AllowCRLAge is how old a revocation list may be, whatever it says of the
	// next one. Zero: until the next one is due, and at most StrictAge.
	AllowCRLAge time.Duration
	// AllowTrustAge is how long ago the trust anchors may have been updated.
	// Zero: StrictAge.
	AllowTrustAge time.Duration
	// AllowOpen lists axes that need not pass for a card to be accepted: chip,
	// validity or revocation. What fails on them still refuses it.
	AllowOpen []Axis
}

// StrictAge is how old revocation lists and anchors may be by default: a State
// issues a new list every 90 days at the latest. ICAO 9303-12 §4.1.5.
const StrictAge = 90 * 24 * time.Hour

// ErrNoTime says that Policy.At was not set.
var ErrNoTime = errors.New("a policy needs the time for which it judges")

// ErrPolicy says that a policy asks for what no policy can have.
var ErrPolicy = errors.New("impossible policy")

// waivable are the axes that AllowOpen may name. Data that nobody vouches for
// are not accepted under any policy.
var waivable = []Axis{AxisChip, AxisValidity, AxisRevocation}

// Check reports, as ErrPolicy, what the judge would not know how to follow.
func (p Policy) Check() error {
	for _, age := range []time.Duration{p.AllowExpiredDocument, p.AllowCRLAge, p.AllowTrustAge} {
		if age < 0 {
			return fmt.Errorf("%w: a negative age", ErrPolicy)
		}
	}
	for _, axis := range p.AllowOpen {
		if !slices.Contains(waivable, axis) {
			return fmt.Errorf("%w: nothing is accepted with the axis %q open", ErrPolicy, axis)
		}
	}
	if !slices.IsSortedFunc(p.AllowAlgorithms, func(a, b Floor) int { return a.From.Compare(b.From) }) {
		return fmt.Errorf("%w: algorithms are not ordered by date", ErrPolicy)
	}
	return nil
}

// must lists the axes that have to pass.
func (p Policy) must() []Axis {
	return slices.DeleteFunc(slices.Clone(required), func(a Axis) bool { return slices.Contains(p.AllowOpen, a) })
}

// crlAge is the age beyond which a revocation list does not count.
func (p Policy) crlAge() time.Duration {
	if p.AllowCRLAge != 0 {
		return p.AllowCRLAge
	}
	return StrictAge
}

func (p Policy) trustAge() time.Duration {
	if p.AllowTrustAge != 0 {
		return p.AllowTrustAge
	}
	return StrictAge
}
