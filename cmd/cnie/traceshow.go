package main

import (
	"io"

	"filippo.io/age"
	"github.com/spf13/cobra"

	"cnie/apdu/trace"
	"cnie/internal/traces"
)

func (p *program) traceShowCommand() *cobra.Command {
	var identityFiles []string
	var asJSON bool
	c := &cobra.Command{
		Use:   "show FILE",
		Short: "Say what happened in a trace, step by step",
		Long: "Say what happened in a trace: which commands, on which files, in which protocol\n" +
			"steps, with which answers, and how long they took. What secure messaging covers\n" +
			"is not decrypted, even where the trace has it; an s marks those commands.\n\n" +
			"Exit codes: 0, 65 a file that is no trace, 77 the wrong identity.",
		Example: "  cnie trace show card.trace\n  cnie trace show --identity age.key card.trace.age",
		Args: func(c *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage("`%s` takes one file; run `%s --help` to see what can be given", c.CommandPath(), c.CommandPath())
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			t, err := openTrace(args[0], identityFiles)
			if err != nil {
				return err
			}
			if asJSON {
				return traces.JSON(plainJSON{p.stdout}, t)
			}
			return traces.Text(p.stdout, t, p.columns())
		},
	}
	c.Flags().StringArrayVar(&identityFiles, "identity", nil, "`FILE` with the age private key that opens the trace")
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

func openTrace(name string, identityFiles []string) (*trace.Trace, error) {
	return openSealed(name, identityFiles, func(r io.Reader, identities ...age.Identity) (*trace.Trace, error) {
		t, _, err := traces.Open(r, identities...)
		return t, err
	}, traceErrors)
}

var traceErrors = []sealedError{
	{traces.ErrNeedsKey, exitNotPermitted, needsIdentity},
	{traces.ErrOtherKey, exitNotPermitted, otherIdentity},
	{traces.ErrDamaged, exitMalformed, damaged},
	{trace.ErrTooLong, exitMalformed, "is longer than a trace can be; it is not what `cnie trace record` wrote"},
	{trace.ErrMalformed, exitMalformed, "is no trace that this version can read; it takes what `cnie trace record` wrote"},
}
