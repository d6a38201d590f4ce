package main

import (
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"cnie/internal/ledger"
)

func (l *ledgerFlags) verifyCommand() *cobra.Command {
	var proof, key string
	c := &cobra.Command{
		Use: "verify", Short: "Compare everything in the ledger with everything else, or check a proof", Args: noArguments,
		Long: "verify computes every hash again: tiles and checkpoint from the leaves, leaves from\n" +
			"the records. It wants an entry for every erasure, times that do not go back, and\n" +
			"what the witness has signed. Without a witness, a ledger that its owner rewrote\n" +
			"and signed again looks sound, and verify says that nobody vouched for it.\n\n" +
			"With --proof it checks a file of `cnie ledger prove`, offline, under the ledger's\n" +
			"key (--key) and, if --witness-key is given, the witness's.\n\n" +
			"Exit codes: 0 sound; 10 something is not as the ledger left it.",
		Example: "  cnie ledger verify --dir ledger --witness http://witness.example:8721 --witness-key witness.pub\n  cnie ledger verify --proof entry.proof --key ledger.pub",
		RunE: func(c *cobra.Command, _ []string) error {
			if proof != "" {
				return ledgerFailure(l.verifyProof(proof, key))
			}
			return l.look(c.Context(), func(r *ledger.Reader) error {
				audit, err := r.Verify(c.Context())
				if err != nil {
					return err
				}
				return l.showAudit(audit)
			})
		},
	}
	c.Flags().StringVar(&proof, "proof", "", "`FILE` of a proof to check instead")
	c.Flags().StringVar(&key, "key", "", "the ledger's verifier `KEY`, or a file with it, for --proof")
	return l.json(c)
}

func (l *ledgerFlags) showAudit(audit *ledger.Audit) error {
	if l.asJSON {
		if err := l.printJSON(audit); err != nil {
			return err
		}
	} else {
		l.auditText(audit)
	}
	if !audit.Sound() {
		return &failure{code: exitRefused}
	}
	return nil
}

func (l *ledgerFlags) auditText(a *ledger.Audit) {
	verdict := "SOUND"
	if !a.Sound() {
		verdict = "NOT SOUND"
	}
	fmt.Fprintf(l.lines(), "%s: %s, %d entries, %d records compared, %d erased.\n", verdict, a.Origin, a.Size, a.Records, a.Erased)
	for _, f := range a.Findings {
		fmt.Fprintf(l.lines(), "  %s: %s\n", f.What, f.Text)
	}
	switch {
	case a.Witness == ledger.None:
		fmt.Fprintln(l.lines(), "Nobody vouched for it: whoever has the ledger's key could have written all of it anew.")
	case a.At == nil:
		fmt.Fprintln(l.lines(), "The witness has signed nothing yet.")
	case a.Witness == ledger.Kept:
		fmt.Fprintf(l.lines(), "The witness signed the first %d entries on %s, by the ledger's own copy; --witness asks it.\n", a.Witnessed, a.At.UTC().Format(time.RFC3339))
	default:
		fmt.Fprintf(l.lines(), "The witness signed the first %d entries on %s.\n", a.Witnessed, a.At.UTC().Format(time.RFC3339))
	}
	if a.Pending > 0 {
		fmt.Fprintf(l.lines(), "%d records of a crash are not in the log; the counter puts them there when it starts.\n", a.Pending)
	}
	if len(a.Doubts) > 0 {
		fmt.Fprintf(l.lines(), "While the clock was behind: %d entries, the first is %d.\n", len(a.Doubts), a.Doubts[0])
	}
}

func (l *ledgerFlags) verifyProof(file, key string) error {
	if key == "" {
		return usage("--key is missing: the ledger's verifier key, from its owner and not from whoever gave the proof")
	}
	key, err := keyText(key)
	if err == nil {
		err = l.settle()
	}
	if err != nil {
		return err
	}
	content, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	proven, err := ledger.CheckProof(content, key, l.options.Vouch)
	if err != nil {
		return err
	}
	if l.asJSON {
		return l.printJSON(proven)
	}
	fmt.Fprintf(l.lines(), "PROVEN: entry %d of %d in %s, leaf %x.\n", proven.Index, proven.Size, proven.Origin, proven.Leaf)
	if proven.Witnessed != nil {
		fmt.Fprintf(l.lines(), "The witness signed on %s.\n", proven.Witnessed.UTC().Format(time.RFC3339))
	}
	if proven.Record == nil {
		fmt.Fprintln(l.lines(), "The record was erased before the proof was made.")
		return nil
	}
	canonical, err := proven.Record.Canonical()
	fmt.Fprintf(l.lines(), "%s\n", canonical)
	return err
}
