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
	Tool      string    // that read and saved
	Verdict   pki.Verdict
	JudgedAt  time.Time // for which the terminal judged
}

// sentences say what a terminal's word is worth, the most important one first.
func (a Attestation) sentences(r pki.Report) []string {
	all := []string{a.who(), a.question()}
	if proof, found := r.Check(pki.CheckChip); found && proof.Outcome == pki.Passed {
		all = append(all, "That the chip is the original rests on the terminal's word: whoever holds the ephemeral key of Chip Authentication could have made its transcript up. "+
			"Only Active Authentication over a nonce bound to a challenge would convince a third party, and this evidence has none.")
	}
	all = append(all, a.when(), a.then(r))
	for i := range all {
		all[i] = printable(all[i])
	}
	return all
}

func (a Attestation) who() string {
	if a.Pinned {
		return fmt.Sprintf("Attested by the terminal %s, one of those you named.", a.Terminal)
	}
	return fmt.Sprintf("Attested by the terminal %s, which nobody vouches for: compare this with its operator, and name it with --terminal.", a.Terminal)
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
