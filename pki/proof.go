package pki

import (
	"fmt"
	"slices"

	"cnie/lds"
)

// finding is the outcome of a check that is not yet written down.
type finding struct {
	outcome Outcome
	reason  string
}

func findingf(o Outcome, format string, args ...any) finding {
	return finding{o, fmt.Sprintf(format, args...)}
}

func (f finding) holds() bool { return f.outcome == Passed || f.outcome == Warned }

// checkProofs judges the chip's proofs of being an original. Copying all files
// of a card is easy; a private key stays in the chip. One proof is enough, and
// one that was tried and failed is one too many.
func (e *examination) checkProofs() {
	agreement, signature := e.judgeAgreement(), e.judgeActive()
	mapping := e.judgeMapping(agreement.holds() || signature.holds())
	e.noteProof(CheckChip, agreement, signature, mapping)
	e.noteProof(CheckActive, signature, agreement, mapping)
	e.noteProof(CheckMapping, mapping, agreement, signature)
}

// noteProof leaves no gap where another proof holds.
func (e *examination) noteProof(id CheckID, f finding, others ...finding) {
	if f.outcome == NotChecked && slices.ContainsFunc(others, finding.holds) {
		f = finding{NotApplicable, f.reason + "; another proof holds"}
	}
	e.note(id, f.outcome, "%s", f.reason)
}

// lists reports whether EF.SOD has the hash of a file.
func (e *examination) lists(file lds.File) bool {
	_, listed := e.object.Hashes[file]
	return listed
}
