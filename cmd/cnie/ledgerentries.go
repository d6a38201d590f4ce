package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"cnie/internal/ledger"
)

// chosen are the flags that pick entries.
type chosen struct {
	index                  int64
	transaction, pseudonym string
}

func (s *chosen) flags(c *cobra.Command) {
	c.Flags().Int64Var(&s.index, "index", -1, "the entry at this `PLACE`")
	c.Flags().StringVar(&s.transaction, "transaction", "", "entries of the transaction with this `ID`")
	c.Flags().StringVar(&s.pseudonym, "pseudonym", "", "entries about this `PSEUDONYM`")
}

func (s *chosen) selection() ledger.Selection {
	which := ledger.Selection{Transaction: s.transaction, Pseudonym: s.pseudonym}
	if s.index >= 0 {
		index := uint64(s.index)
		which.Index = &index
	}
	return which
}

func (l *ledgerFlags) proveCommand() *cobra.Command {
	var out string
	c := &cobra.Command{
		Use: "prove INDEX", Short: "Write a file that proves an entry to whoever has the ledger's key",
		Long: "prove writes a C2SP tlog-proof: the record and its salt, the path from its leaf to\n" +
			"the root, and the signed checkpoint. `cnie ledger verify --proof` checks it, and\n" +
			"goes on to after the record is erased. With --witness-key the checkpoint is the\n" +
			"one that the witness signed, if that has come so far.",
		Example: "  cnie ledger prove 1042 --out entry.proof",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage("`cnie ledger prove` takes the place of one entry")
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			index, err := strconv.ParseUint(args[0], 10, 63)
			if err != nil {
				return usage("%q is not the place of an entry: a number from 0 on", args[0])
			}
			return l.look(c.Context(), func(r *ledger.Reader) error {
				proof, err := r.Prove(c.Context(), index)
				if err != nil {
					return err
				}
				if out == "" {
					_, err = l.stdout.Write(proof)
					return err
				}
				return os.WriteFile(out, proof, 0o600)
			})
		},
	}
	c.Flags().StringVar(&out, "out", "", "`FILE` to write; standard output without")
	return c
}

func (l *ledgerFlags) exportCommand() *cobra.Command {
	var s chosen
	c := &cobra.Command{
		Use: "export", Short: "Hand out records: to an inspector, or to the citizen they are about", Args: noArguments,
		Long: "export prints what is recorded of a transaction, about a pseudonym, or everything:\n" +
			"one entry per line, with --json including the salts, from which anybody computes\n" +
			"the leaves. Nothing is printed of records that are erased.",
		Example: "  cnie ledger export --pseudonym 5f2c… --json",
		RunE: func(c *cobra.Command, _ []string) error {
			return l.look(c.Context(), func(r *ledger.Reader) error {
				encoder := l.program.json()
				return r.Export(c.Context(), s.selection(), func(e ledger.Entry) error {
					if l.asJSON {
						return encoder.Encode(e)
					}
					canonical, err := e.Record.Canonical()
					if err == nil {
						_, err = fmt.Fprintf(l.lines(), "%d %s\n", e.Index, canonical)
					}
					return err
				})
			})
		},
	}
	s.flags(c)
	return l.json(c)
}

func (l *ledgerFlags) eraseCommand() *cobra.Command {
	var s chosen
	var reason string
	var expired bool
	c := &cobra.Command{
		Use: "erase", Short: "Destroy records, by request or at the end of their retention", Args: noArguments,
		Long: "erase writes an entry that says which records go and why, overwrites their keys\n" +
			"where they lie, and forgets the rest. The log stays as it is and still adds up.\n" +
			"Nothing brings the records back, short of a backup of the key file: erase there too.\n" +
			"The reason is kept for good: name nobody in it.",
		Example: "  cnie ledger erase --transaction 7d3e… --reason \"asked for by the holder\"\n  cnie ledger erase --expired",
		RunE: func(c *cobra.Command, _ []string) error {
			which := s.selection()
			if expired == (which != ledger.Selection{}) {
				return usage("say which records: --index, --transaction or --pseudonym, or else --expired")
			}
			if !expired && reason == "" {
				return usage("--reason is missing: why the records go; it is kept for good and names nobody")
			}
			return ledgerFailure(l.erase(c.Context(), which, reason, expired))
		},
	}
	s.flags(c)
	c.Flags().StringVar(&reason, "reason", "", "`WHY`, for the entry")
	c.Flags().BoolVar(&expired, "expired", false, "what was to be kept up to a day before today")
	return l.json(c)
}

func (l *ledgerFlags) erase(ctx context.Context, which ledger.Selection, reason string, expired bool) error {
	if err := l.settle(); err != nil {
		return err
	}
	// Open would make a ledger in a folder that has none.
	if _, err := os.Stat(filepath.Join(l.options.Dir, "ledger.pub")); errors.Is(err, os.ErrNotExist) {
		return ledger.ErrNone
	}
	open, err := ledger.Open(ctx, l.options)
	if err != nil {
		return err
	}
	var done []ledger.Erased
	if expired {
		done, err = open.Expire(ctx, time.Now())
	} else {
		done, err = open.Erase(ctx, which, reason)
	}
	trouble := errors.Join(err, open.Close())
	if trouble != nil && len(done) == 0 {
		return trouble
	}
	if l.asJSON {
		return errors.Join(trouble, l.printJSON(done))
	}
	err = nil
	if len(done) == 0 {
		_, err = fmt.Fprintln(l.lines(), "Nothing is kept beyond its day.")
	}
	for _, one := range done {
		_, err = fmt.Fprintf(l.lines(), "Erased %d records; entry %d says so.\n", len(one.Indexes), one.Place.Index)
	}
	return errors.Join(trouble, err)
}
