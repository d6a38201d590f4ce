package main

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"cnie/internal/remake"
	"cnie/internal/shell"
	"cnie/internal/traces"
	"cnie/internal/wholefile"
	"cnie/lds"
)

// redaction is the trace redact command.
type redaction struct {
	tape
	out string
}

func newTraceRedact() *cobra.Command {
	r := &redaction{}
	cmd := &cobra.Command{
		Use:   "redact FILE",
		Short: "Rebuild a recording about somebody who does not exist",
		Long: "redact makes a test of a recording with a person in it. It rebuilds the card with\n" +
			"the same files, lengths, protocols and kinds of keys for a SPECIMEN, signs it with\n" +
			"specimen keys, has it read in the same way with the same mishaps, and writes that\n" +
			"recording, with the times of the original. Nothing of the holder is in it.\n\n" +
			"Both recordings are compared command by command; what could not be made equal\n" +
			"is printed, and stands in the file.\n\n" +
			"Exit codes: 0; 65 no recording, or one that does not play with this CAN or MRZ;\n" +
			"74 the file cannot be written; 77 the wrong identity.",
		Example: "  cnie-sim trace redact --identity age.key --can 204816 card.trace.age -o card.trace",
		Args:    cobra.ExactArgs(1),
		RunE:    func(cmd *cobra.Command, args []string) error { return r.run(cmd, args[0]) },
	}
	r.flags(cmd)
	cmd.Flags().StringVarP(&r.out, "output", "o", "", "the `FILE` to write")
	return cmd
}

func (r *redaction) run(cmd *cobra.Command, file string) error {
	if r.out == "" {
		return shell.Failed(shell.ExitUsage, "name the file to write with --output FILE")
	}
	recorded, err := r.open(file)
	if err != nil {
		return err
	}
	password, err := r.password()
	if err != nil {
		return err
	}
	made, secret, err := remake.Trace(cmd.Context(), recorded, password)
	if d := deviated(err); d != nil {
		return d
	}
	switch {
	case cmd.Context().Err() != nil:
		return shell.Failed(shell.ExitInterrupted, "interrupted; nothing was written")
	case errors.Is(err, remake.ErrSpecimen):
		return shell.Failed(shell.ExitInternal, "%w; this is a defect of the program", err)
	case err != nil:
		return shell.Failed(shell.ExitMalformed, "%s: %w; give a file that `cnie trace record` wrote", file, err)
	}
	var content bytes.Buffer
	if err := traces.Write(&content, made); err != nil {
		return shell.Failed(shell.ExitInternal, "%w; this is a defect of the program", err)
	}
	if err := writeWhole(r.out, content.Bytes()); err != nil {
		return err
	}
	return r.tell(cmd, made.Header.Unequal, secret)
}

func (r *redaction) tell(cmd *cobra.Command, unequal []string, secret remake.Secret) error {
	out := cmd.OutOrStdout()
	if len(unequal) == 0 {
		fmt.Fprintf(out, "Wrote %s: a SPECIMEN, with the commands, lengths, status words and times of the original.\n", r.out)
	} else {
		fmt.Fprintf(out, "Wrote %s: a SPECIMEN, with the commands, lengths, status words and times of the original, but for\n", r.out)
	}
	for _, what := range unequal {
		fmt.Fprintf(out, "  - %s\n", what)
	}
	options := "--can " + secret.CAN
	if secret.MRZ != (lds.MRZKey{}) {
		options = fmt.Sprintf("--doc %s --birth %s --expiry %s", secret.MRZ.DocumentNumber, secret.MRZ.BirthDate, secret.MRZ.ExpiryDate)
	}
	_, err := fmt.Fprintf(out, "Play it with `cnie-sim trace replay %s %s`.\n", options, r.out)
	return err
}

// writeWhole writes a file for its owner, whole or not at all.
func writeWhole(name string, content []byte) error {
	err := wholefile.Replace(name, content, 0o600)
	if of, is := pathError(err); is {
		return fileFailure("write", name, of)
	}
	if err != nil {
		return shell.Failed(shell.ExitFile, "cannot write %s: %w; choose another file", name, errors.Unwrap(err))
	}
	return nil
}
