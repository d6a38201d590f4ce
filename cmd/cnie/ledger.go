package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"cnie/internal/ledger"
	"cnie/internal/ledger/host"
	"cnie/internal/ledger/remote"
)

// ledgerFlags say which ledger, and which witness.
type ledgerFlags struct {
	*program
	options ledger.Options
	asJSON  bool
}

func (p *program) ledgerCommand() *cobra.Command {
	l := &ledgerFlags{program: p}
	c := &cobra.Command{
		Use: "ledger", Short: "Verify, prove, erase and hand out what a desk recorded", Args: noArguments,
		Long: "A desk records every verification, refusal, signature and change of configuration.\n" +
			"The log holds salted hashes; the records are apart, each encrypted under a key of\n" +
			"its own, and are erased by destroying that key. A witness on another machine\n" +
			"signs the log's checkpoints, so that its owner cannot rewrite it unseen.\n" +
			"docs/ledger.md is the format.",
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.PersistentFlags().StringVar(&l.options.Dir, "dir", "ledger", "`FOLDER` of the ledger")
	c.PersistentFlags().StringVar(&l.options.DSN, "dsn", "", "postgres://… `DATABASE` of the records, if they are not in the folder")
	c.PersistentFlags().StringVar(&l.options.Witness, "witness", "", "`URL` of the witness, to ask it")
	c.PersistentFlags().StringVar(&l.options.Vouch, "witness-key", "", "the witness's verifier `KEY`, or a file with it")
	c.AddCommand(l.verifyCommand(), l.proveCommand(), l.exportCommand(), l.eraseCommand(), l.statusCommand(), l.serveCommand(), l.witnessCommand())
	return c
}

// json adds --json.
func (l *ledgerFlags) json(c *cobra.Command) *cobra.Command {
	c.Flags().BoolVar(&l.asJSON, "json", false, "print JSON")
	return c
}

// keyText takes a verifier key as it is or the file that it is in.
func keyText(text string) (string, error) {
	if text == "" || strings.Contains(text, "+") {
		return text, nil
	}
	content, err := os.ReadFile(text)
	return strings.TrimSpace(string(content)), err
}

func (l *ledgerFlags) settle() (err error) {
	if l.options.Witness != "" && l.options.Vouch == "" {
		return usage("--witness needs --witness-key: whose signature to expect")
	}
	l.options.Vouch, err = keyText(l.options.Vouch)
	return err
}

// look opens the ledger to read, whoever writes it.
func (l *ledgerFlags) look(ctx context.Context, use func(*ledger.Reader) error) error {
	if err := l.settle(); err != nil {
		return ledgerFailure(err)
	}
	r, err := ledger.OpenReader(ctx, l.options)
	if err != nil {
		return ledgerFailure(err)
	}
	return ledgerFailure(errors.Join(use(r), r.Close()))
}

// ledgerFailure gives an error of a ledger a sentence and a code.
func ledgerFailure(err error) error {
	var file *fs.PathError
	var network *net.OpError
	var said *failure
	switch {
	case err == nil, errors.As(err, &said):
		return err
	case errors.Is(err, ledger.ErrNone):
		return &failure{exitIO, "there is no ledger in the folder; name it with --dir", err}
	case errors.Is(err, ledger.ErrLocked):
		return &failure{exitUnavailable, "another process writes the ledger; stop the counter and try again", err}
	case errors.Is(err, ledger.ErrNothing):
		return &failure{exitMalformed, "no entry answers to that; `cnie ledger export` lists those there are", err}
	case errors.Is(err, ledger.ErrKept):
		return &failure{exitNotPermitted, ledger.ErrKept.Error() + ": the ledger could not be checked without them", err}
	case errors.Is(err, ledger.ErrProof):
		return &failure{exitRefused, err.Error(), err}
	case errors.Is(err, ledger.ErrDSN), errors.Is(err, ledger.ErrOther):
		return &failure{exitConfiguration, err.Error() + "; correct --dsn", err}
	case errors.Is(err, ledger.ErrWitness):
		return &failure{exitUnavailable, fmt.Sprintf("%v; see that it runs, or leave out --witness to rest on the ledger's own copy", err), err}
	case errors.Is(err, remote.ErrUnrecorded), errors.Is(err, host.ErrTrouble):
		return &failure{exitUnavailable, fmt.Sprintf("%v; see that the ledger host runs and is reached", err), err}
	case errors.Is(err, host.ErrNotNamed):
		return &failure{exitNotPermitted, err.Error() + "; it takes one that cnie-ca issued for a counter, named like the desk", err}
	case errors.Is(err, ledger.ErrPlatform):
		return &failure{exitUnavailable, err.Error(), err}
	case errors.As(err, &file):
		return &failure{exitIO, fmt.Sprintf("cannot %s %s: %v; check the path and its permissions", file.Op, file.Path, file.Err), err}
	case errors.As(err, &network):
		return &failure{exitUnavailable, fmt.Sprintf("cannot %s on %v: %v; choose another address", network.Op, network.Addr, network.Err), err}
	}
	return &failure{exitIO, err.Error(), err}
}

func (l *ledgerFlags) statusCommand() *cobra.Command {
	return l.json(&cobra.Command{
		Use: "status", Short: "Say how the ledger stands, without verifying it", Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			return l.look(c.Context(), func(r *ledger.Reader) error {
				s, err := r.Status(c.Context(), time.Now())
				if err != nil {
					return err
				}
				if l.asJSON {
					return l.printJSON(s)
				}
				fmt.Fprintf(l.lines(), "%s: %d entries, %d records erased, %d pending, %d kept beyond their day.\n", s.Origin, s.Size, s.Erased, s.Pending, s.Expired)
				fmt.Fprintf(l.lines(), "Key: %s\n", s.Key)
				if s.At != nil {
					fmt.Fprintf(l.lines(), "The witness signed the first %d on %s, %s ago; %d came after.\n", s.Witnessed, s.At.UTC().Format(time.RFC3339), time.Duration(s.Age)*time.Second, s.Size-s.Witnessed)
				} else {
					fmt.Fprintln(l.lines(), "No signature of a witness is known here; give --witness-key if there is a witness.")
				}
				return nil
			})
		},
	})
}
