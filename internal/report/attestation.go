package report

import (
	"fmt"
	"time"

	"cnie/pki"
)

// Attestation says whose evidence a report is made from, when it was not this
// program that read the card.
type Attestation struct {
	Terminal  string // fingerprint of its key
	Pinned    bool   // the key is one that the reader of the report had named
	ReadAt    time.Time
	Now       time.Time // by the clock of whoever makes the report
	Challenge string    // in hexadecimal; empty: none
	Compared  bool      // the challenge is the one that the reader of the report had set
	Answered  bool      // the chip itself signed an answer to the challenge: pki.Report.Answers
	Tool      string    // that read and saved
	Verdict   pki.Verdict
	JudgedAt  time.Time // for which the terminal judged
}

// sentences say what a terminal's word is worth, the most important one first:
// what the chip proved needs nobody's word.
func (a Attestation) sentences(r pki.Report) []string {
	var all []string
	if a.proved() {
		all = append(all, "Proved by the chip itself: it is the original, and it signed an answer to your challenge after you had set it.", a.who())
	} else {
		all = append(all, a.who(), a.question())
		all = append(all, a.proofs(r)...)
	}
	all = append(all, a.when(), a.then(r))
	for i := range all {
		all[i] = printable(all[i])
	}
	return all
}

// proved reports whether the chip answered the reader of the report, whoever
// passed the answer on.
func (a Attestation) proved() bool { return a.Answered && a.Compared }

func (a Attestation) heading() string {
	if a.proved() {
		return "Proved by the chip, sent by the terminal"
	}
	return "Attested by the terminal"
}

func (a Attestation) next(v pki.Verdict) string {
	if a.proved() && v == pki.Accepted {
		return "Rely on the card and its data. Who held it, and how it was read, you know from the terminal only."
	}
	return nextAttested[v]
}

// proofs say how far the terminal's word is needed for the chip's being the
// original.
func (a Attestation) proofs(r pki.Report) []string {
	holds := func(id pki.CheckID) bool {
		proof, found := r.Check(id)
		return found && (proof.Outcome == pki.Passed || proof.Outcome == pki.Warned)
	}
	switch {
	case a.Answered:
		return []string{"The chip itself signed an answer to that challenge, so that whoever had set it knows that the original was there since."}
	case holds(pki.CheckActive):
		return []string{"That the chip is the original rests on its own signature, but not on one over a nonce bound to your challenge: when it signed rests on the terminal's word."}
	case holds(pki.CheckChip):
		return []string{"That the chip is the original rests on the terminal's word: whoever holds the ephemeral key of Chip Authentication could have made its transcript up. " +
			"Only Active Authentication over a nonce bound to a challenge would convince a third party, and this evidence has none."}
	case holds(pki.CheckMapping):
		return []string{"That the chip is the original rests on the terminal's word: anybody could have made up what is there of its proof in PACE. " +
			"Only Active Authentication over a nonce bound to a challenge would convince a third party, and this evidence has none."}
	}
	return nil
}

func (a Attestation) who() string {
	attested := "Attested by the terminal "
	if a.proved() {
		attested = "Everything else is attested by the terminal "
	}
	if a.Pinned {
		return attested + a.Terminal + ", one of those you named."
	}
	return attested + a.Terminal + ", which nobody vouches for: compare this with its operator, and name it with --terminal."
}

func (a Attestation) question() string {
	switch {
	case a.Challenge == "":
		return "It answers no challenge, so it can be shown more than once."
	case a.Compared:
		return "It answers your challenge."
	}
	return fmt.Sprintf("It answers the challenge %s; give --challenge to have it compared with yours.", a.Challenge)
}

// when says when the card was read. Clocks may differ a little.
func (a Attestation) when() string {
	read := fmt.Sprintf("Read %s by the terminal's clock, with %s", moment(a.ReadAt), a.Tool)
	if a.ReadAt.After(a.Now.Add(5 * time.Minute)) {
		return read + "; that is in the future, so one of the clocks is wrong."
	}
	return read + "."
}

// then says what the terminal itself came to.
func (a Attestation) then(r pki.Report) string {
	said := fmt.Sprintf("The terminal came to %s, judging for %s", a.Verdict, moment(a.JudgedAt))
	if a.Verdict == r.Verdict() {
		return said + "."
	}
	return said + "; the trust anchors, the policy or the time were others than here."
}

func moment(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }
