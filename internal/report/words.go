package report

import (
	"slices"
	"strings"

	"cnie/pki"
)

// advice says what the verdict means and what to do, a sentence each.
func advice(r pki.Report) (sentence, next string) {
	const compare = "Compare the photo with the person in front of you."
	switch waived := r.Waived(); {
	case r.Verdict() == pki.Accepted && len(waived) > 0:
		return "What was checked holds, and the policy accepts that this could not be checked: " + axisList(waived) + ".", compare
	case r.Verdict() == pki.Accepted && expired(r):
		return "The card is genuine and its data are intact; it has expired, which the policy tolerates.", compare
	case r.Verdict() == pki.Accepted:
		return "The card is genuine, its data are intact and it is in force.", compare
	case r.Verdict() == pki.Refused:
		i := slices.IndexFunc(r.Checks, func(c pki.Check) bool { return c.Outcome == pki.Failed })
		return "Do not rely on this card: " + printable(r.Checks[i].Reason) + ".",
			"Keep to your procedure for doubtful documents; reading the card once more is harmless."
	}
	return "Nothing is wrong with the card, but not everything could be checked: " + axisList(r.Open()) + ".",
		"Import what is missing (trust anchors, revocation lists) and read again, or decide by your procedure."
}

// expired reports whether the document is one that the policy tolerates after its
// date.
func expired(r pki.Report) bool {
	dates, found := r.Check(pki.CheckValidityDocument)
	return found && dates.Outcome == pki.Warned
}

func axisList(axes []pki.Axis) string {
	var names []string
	for _, axis := range axes {
		names = append(names, string(axis))
	}
	return strings.Join(names, ", ")
}

// nextAttested is what to do about evidence, whose card and holder are elsewhere.
var nextAttested = map[pki.Verdict]string{
	pki.Accepted:     "Rely on this as far as you rely on the terminal.",
	pki.Refused:      "Do not act upon this evidence.",
	pki.Inconclusive: "Import what is missing (trust anchors, revocation lists) and check again, or decide by your procedure.",
}

var questions = map[pki.Axis]string{
	pki.AxisAccess:     "Was the chip opened safely?",
	pki.AxisIntegrity:  "Are the data those that were signed?",
	pki.AxisIssuer:     "Did the State sign them?",
	pki.AxisChip:       "Is the chip the original?",
	pki.AxisValidity:   "Is everything in force?",
	pki.AxisRevocation: "Is the signer unrevoked?",
	pki.AxisHolder:     "Did the holder prove a PIN?",
}

// Sign is the mark of an outcome, for those who see no colours.
func Sign(o pki.Outcome) string {
	switch o {
	case pki.Passed:
		return "✓"
	case pki.Warned:
		return "!"
	case pki.Failed:
		return "✗"
	case pki.NotApplicable:
		return "–"
	}
	return "?"
}

// verdictSign is the mark of a verdict.
func verdictSign(v pki.Verdict) string {
	switch v {
	case pki.Accepted:
		return Sign(pki.Passed)
	case pki.Refused:
		return Sign(pki.Failed)
	}
	return Sign(pki.NotChecked)
}

// Word is an outcome in words that need no explanation.
func Word(o pki.Outcome) string {
	switch o {
	case pki.Passed:
		return "passed"
	case pki.Warned:
		return "passed, with a remark"
	case pki.Failed:
		return "failed"
	case pki.NotApplicable:
		return "does not apply"
	}
	return "not checked"
}
