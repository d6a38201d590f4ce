package pki

import (
	"fmt"
	"slices"
	"time"

	"cnie/lds"
)

// Outcome is what one check found. The zero value is the absence of a finding.
type Outcome uint8

// The outcomes, from nothing known to not needed.
const (
	NotChecked Outcome = iota
	Passed
	Warned // passed, with a remark that a person should see
	Failed
	NotApplicable
)

var outcomeNames = [...]string{"notChecked", "passed", "warned", "failed", "notApplicable"}

// String is the name used in reports.
func (o Outcome) String() string {
	if int(o) >= len(outcomeNames) {
		return fmt.Sprintf("outcome %d", uint8(o))
	}
	return outcomeNames[o]
}

// MarshalText gives the name to JSON.
func (o Outcome) MarshalText() ([]byte, error) { return []byte(o.String()), nil }

// UnmarshalText is the inverse of MarshalText.
func (o *Outcome) UnmarshalText(text []byte) error {
	i := slices.Index(outcomeNames[:], string(text))
	if i < 0 {
		return fmt.Errorf("unknown outcome %q", text)
	}
	*o = Outcome(i)
	return nil
}

// Axis is one of the questions that a report answers.
type Axis string

// The axes.
const (
	AxisAccess     Axis = "access"     // opened by the strongest protocol, channel intact
	AxisIntegrity  Axis = "integrity"  // the data are those that were signed
	AxisIssuer     Axis = "issuer"     // the signer belongs to the State it names
	AxisChip       Axis = "chip"       // the chip is the original, not a copy of its data
	AxisValidity   Axis = "validity"   // document and certificates are in force
	AxisRevocation Axis = "revocation" // the signer has not been revoked
	AxisHolder     Axis = "holder"     // the holder proved knowledge of a secret
)

// Axes lists all axes in the order in which reports show them.
var Axes = []Axis{AxisAccess, AxisIntegrity, AxisIssuer, AxisChip, AxisValidity, AxisRevocation, AxisHolder}

// required are the axes without which nothing is accepted, unless the policy
// allows one to be open. The holder axis is not among them: a counter compares a
// face instead.
var required = []Axis{AxisAccess, AxisIntegrity, AxisIssuer, AxisChip, AxisValidity, AxisRevocation}

// Check is one finding. ID, Axis and Clause come from the registry.
type Check struct {
	ID      CheckID `json:"id"`
	Axis    Axis    `json:"axis"`
	Outcome Outcome `json:"outcome"`
	Clause  string  `json:"clause"`
	Reason  string  `json:"reason"`
}

// Verdict is what a report comes to.
type Verdict string

// The verdicts.
const (
	Accepted     Verdict = "accepted"
	Refused      Verdict = "refused"
	Inconclusive Verdict = "inconclusive"
)

// Report is the judge's answer: the checks, in the order in which they were
// made, and under which circumstances.
type Report struct {
	Checks   []Check
	At       time.Time // the moment for which the report holds
	Specimen bool      // the issuer is a specimen authority whose keys are public
	// Disguised: only the authorities say so, and not the document signer's own
	// certificate, as when somebody links a real key to a specimen authority.
	Disguised bool
	policy    Policy
	evidence  *Evidence
	intact    map[lds.File]bool // files whose hash was right
	stopped   bool              // before every check was made
}

// Verdict is refused if any check failed, accepted if every required axis
// passed, inconclusive otherwise.
func (r Report) Verdict() Verdict {
	switch {
	case slices.ContainsFunc(r.Checks, func(c Check) bool { return c.Outcome == Failed }):
		return Refused
	case len(r.Open()) == 0:
		return Accepted
	}
	return Inconclusive
}

// Axis sums up one axis: failed if any check on it failed, else notChecked if
// any could not be made or none was, else warned or passed.
func (r Report) Axis(axis Axis) Outcome {
	var found [len(outcomeNames)]int
	for _, check := range r.Checks {
		if check.Axis == axis {
			found[check.Outcome]++
		}
	}
	switch {
	case found[Failed] > 0:
		return Failed
	case found[NotChecked] > 0:
		return NotChecked
	case found[Warned] > 0:
		return Warned
	case found[Passed] > 0:
		return Passed
	case found[NotApplicable] > 0:
		return NotApplicable
	}
	return NotChecked
}

// Open lists the axes that have to pass, and have not. A policy that lets one be
// open speaks of what could not be found out, not of what nobody looked for.
func (r Report) Open() []Axis {
	if r.stopped {
		return r.unpassed(required)
	}
	return r.unpassed(r.policy.must())
}

// Waived lists the axes that did not pass and that the policy allows to be open.
// Whoever shows an accepted report has to name them.
func (r Report) Waived() []Axis { return r.unpassed(r.policy.AllowOpen) }

func (r Report) unpassed(axes []Axis) []Axis {
	var open []Axis
	for _, axis := range axes {
		if o := r.Axis(axis); o != Passed && o != Warned {
			open = append(open, axis)
		}
	}
	return open
}

// Check returns the finding with an id.
func (r Report) Check(id CheckID) (Check, bool) {
	i := slices.IndexFunc(r.Checks, func(c Check) bool { return c.ID == id })
	if i < 0 {
		return Check{}, false
	}
	return r.Checks[i], true
}

// note writes a finding down. A format without arguments is the reason itself.
func (r *Report) note(id CheckID, outcome Outcome, format string, args ...any) {
	reason := format
	if len(args) > 0 {
		reason = fmt.Sprintf(format, args...)
	}
	rule := registry[id]
	r.Checks = append(r.Checks, Check{ID: id, Axis: rule.Axis, Outcome: outcome, Clause: rule.Clause, Reason: reason})
}

// stop notes every check that was not made, but for those of single files.
func (r *Report) stop() {
	r.stopped = true
	for _, rule := range slices.Concat(cardRules, issuerRules, dateRules) {
		if _, made := r.Check(rule.ID); !made {
			r.note(rule.ID, NotChecked, "judging was stopped before this check")
		}
	}
}

// Policy is the policy under which the report was made.
func (r Report) Policy() Policy { return r.policy }
