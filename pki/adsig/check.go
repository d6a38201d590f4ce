package adsig

import (
	"fmt"

	"cnie/pki"
)

// CheckID names a check. Ids are frozen, like those of package pki.
type CheckID string

// The checks of a signature, and of each timestamp where they apply.
const (
	CheckFormat      CheckID = "signature.format"
	CheckSigner      CheckID = "signature.signer"
	CheckReference   CheckID = "signature.reference"
	CheckDigest      CheckID = "signature.digest"
	CheckValue       CheckID = "signature.value"
	CheckPolicy      CheckID = "signature.policy"
	CheckAlgorithm   CheckID = "signature.algorithm"
	CheckAttributes  CheckID = "signature.attributes"
	CheckTime        CheckID = "signature.time"
	CheckPath        CheckID = "path.found"
	CheckConstraints CheckID = "path.constraints"
	CheckUsage       CheckID = "path.usage"
	CheckValidity    CheckID = "path.validity"
	CheckRevocation  CheckID = "path.revocation"
	CheckStrength    CheckID = "path.algorithms"
)

// Rule is what is known of a check before it is made.
type Rule struct {
	ID      CheckID
	Clause  string
	Meaning string // what it asks, one sentence
}

var rules = []Rule{
	{CheckFormat, "EN 319 102-1 §5.2.2", "Is this a signature whose parts can be read?"},
	{CheckSigner, "EN 319 102-1 §5.2.3", "Is the signer's certificate at hand?"},
	{CheckReference, "EN 319 102-1 §5.2.3", "Do the signed attributes name that certificate and no other?"},
	{CheckPolicy, "EN 319 102-1 §5.2.4", "Can the rules be had under which the signer says to have signed?"},
	{CheckDigest, "EN 319 102-1 §5.2.7", "Is the content what was signed?"},
	{CheckValue, "EN 319 102-1 §5.2.7", "Did the certificate's key make the signature?"},
	{CheckPath, "EN 319 102-1 §5.2.6", "Does a path lead from the certificate to a trust anchor?"},
	{CheckConstraints, "RFC 5280 §6.1.4", "May each certificate on the path issue the one below it?"},
	{CheckUsage, "EN 319 102-1 §5.2.6", "Is the certificate's key for signing such things?"},
	{CheckValidity, "EN 319 102-1 §5.5.4", "Were the certificates in force when the signature is known to have existed?"},
	{CheckRevocation, "EN 319 102-1 §5.6.2.2", "Was none of them revoked by then, as far as a recent answer says?"},
	{CheckStrength, "EN 319 102-1 §5.2.6", "Were the algorithms on the path reliable by then?"},
	{CheckAlgorithm, "EN 319 102-1 §5.2.8", "Were the signature's own algorithms reliable by then?"},
	{CheckAttributes, "EN 319 102-1 §5.2.8", "Has the signature the attributes that its profile asks for, and none that it forbids?"},
	{CheckTime, "EN 319 102-1 §5.5.4", "Do the timestamps hold, and in an order that makes sense?"},
}

// Rules lists the checks in the order in which reports have them.
func Rules() []Rule { return append([]Rule(nil), rules...) }

var clauses = func() map[CheckID]string {
	byID := map[CheckID]string{}
	for _, r := range rules {
		byID[r.ID] = r.Clause
	}
	return byID
}()

// Check is one finding.
type Check struct {
	ID      CheckID       `json:"id"`
	Outcome pki.Outcome   `json:"outcome"`
	Clause  string        `json:"clause"`
	Reason  string        `json:"reason"`
	Sub     SubIndication `json:"sub_indication,omitempty"` // of a check that failed
}

// Checks are findings in the order in which they were made.
type Checks []Check

func (c *Checks) pass(id CheckID, format string, args ...any) {
	c.add(id, pki.Passed, "", format, args...)
}

func (c *Checks) warn(id CheckID, format string, args ...any) {
	c.add(id, pki.Warned, "", format, args...)
}

func (c *Checks) fail(id CheckID, sub SubIndication, format string, args ...any) {
	c.add(id, pki.Failed, sub, format, args...)
}

func (c *Checks) add(id CheckID, outcome pki.Outcome, sub SubIndication, format string, args ...any) {
	*c = append(*c, Check{ID: id, Outcome: outcome, Clause: clauses[id], Reason: fmt.Sprintf(format, args...), Sub: sub})
}

// Find returns the finding with an id.
func (c Checks) Find(id CheckID) (Check, bool) {
	for _, check := range c {
		if check.ID == id {
			return check, true
		}
	}
	return Check{}, false
}

// conclude computes the indication. What proves a signature wrong goes before
// what leaves it open; of each kind the first counts. Nothing passes unless every
// required check was made.
func (c Checks) conclude(required []CheckID) (Indication, SubIndication) {
	indication, sub := TotalPassed, SubIndication("")
	for _, check := range c {
		switch {
		case check.Outcome != pki.Failed:
		case check.Sub.Indication() == TotalFailed:
			return TotalFailed, check.Sub
		case indication == TotalPassed:
			indication, sub = Indeterminate, check.Sub
		}
	}
	for _, id := range required {
		if check, made := c.Find(id); !made || check.Outcome == pki.NotChecked {
			return Indeterminate, sub
		}
	}
	return indication, sub
}
