package main

import (
	"context"
	"errors"
	"io"
	"io/fs"

	"github.com/spf13/cobra"

	"cnie/internal/shell"
)

// run is the program: arguments in, exit code out.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	return shell.Run(ctx, newRoot(), args, stdout, stderr)
}

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "cnie-sim",
		Short: "Play identity cards that do not exist",
		Long: "cnie-sim plays identity cards that do not exist: it plugs a simulated card\n" +
			"into a virtual PC/SC reader. Every card says SPECIMEN and proves nothing.",
		Args:          cobra.NoArgs,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.AddCommand(newRun(), newCtl(), newPersonas(), newFaults(), newNew(), newGenerate(), newTrust(), newPKI(), newTrace(), newMan(), shell.NewVersion())
	return root
}

// fileFailure says what to do about a path that cannot be used; cause is the
// operating system's.
func fileFailure(act, path string, cause *fs.PathError) error {
	return shell.Failed(shell.ExitFile, "cannot %s %s: %w; check the path and its permissions", act, path, cause.Err)
}

// pathError finds the failed file operation in an error.
func pathError(err error) (of *fs.PathError, found bool) {
	found = errors.As(err, &of)
	return of, found
}
