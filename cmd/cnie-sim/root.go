package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"github.com/spf13/cobra"
)

// Exit codes, after sysexits.h.
const (
	exitUsage       = 64
	exitMalformed   = 65
	exitUnavailable = 69
	exitInternal    = 70
	exitFile        = 74
	exitConfig      = 78
	exitInterrupted = 130
)

// failure is an error with the code that the program ends with.
type failure struct {
	code int
	err  error
}

func (f *failure) Error() string { return f.err.Error() }
func (f *failure) Unwrap() error { return f.err }

// failed makes a failure of one sentence.
func failed(code int, format string, args ...any) error {
	return &failure{code, fmt.Errorf(format, args...)}
}

// run is the program: arguments in, exit code out.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	root := newRoot()
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return 0
	}
	fmt.Fprintf(stderr, "cnie-sim: %v\n", err)
	var known *failure
	if errors.As(err, &known) {
		return known.code
	}
	return exitUsage // Cobra's own errors: flags, arguments, commands
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
	root.AddCommand(newRun(), newCtl(), newPersonas(), newFaults(), newNew(), newGenerate(), newTrust(), newPKI(), newTrace(), newMan(), newVersion())
	return root
}

// fileFailure says what to do about a path that cannot be used; cause is the
// operating system's.
func fileFailure(act, path string, cause *fs.PathError) error {
	return failed(exitFile, "cannot %s %s: %w; check the path and its permissions", act, path, cause.Err)
}

// pathError finds the failed file operation in an error.
func pathError(err error) (of *fs.PathError, found bool) {
	found = errors.As(err, &of)
	return of, found
}
