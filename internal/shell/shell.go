// Package shell is what the programs have in common as seen from a command line:
// the exit codes, an error that carries one, the version, and manual pages.
//
// Codes 64 to 78 follow sysexits.h. 1 and 2 are never used: Go ends with 2 after a
// panic, and 1 is what a shell or a wrapper makes of anything. What only one
// program says with its exit code, such as a verdict, stays with that program.
package shell

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
)

// Exit codes.
const (
	ExitUsage        = 64
	ExitMalformed    = 65
	ExitUnavailable  = 69 // no reader, no card, a port in use
	ExitInternal     = 70
	ExitFile         = 74 // a file could not be read or written
	ExitNotPermitted = 77
	ExitConfig       = 78
	ExitInterrupted  = 130
)

// Failure is an error with the code that the program ends with.
type Failure struct {
	Code int
	Err  error
}

// Error implements error.
func (f *Failure) Error() string { return f.Err.Error() }

// Unwrap gives the cause.
func (f *Failure) Unwrap() error { return f.Err }

// Failed makes a failure of one sentence.
func Failed(code int, format string, args ...any) error {
	return &Failure{code, fmt.Errorf(format, args...)}
}

// Run executes one command line, says on stderr in one line what went wrong, and
// returns the exit code. An error without a code is one of Cobra's own (an unknown
// flag, argument or command), unless the output was what went wrong.
func Run(ctx context.Context, root *cobra.Command, args []string, stdout, stderr io.Writer) int {
	out := NewOutput(stdout)
	root.SetArgs(args)
	root.SetOut(out)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	if out.Err() != nil && (err == nil || errors.Is(err, out.Err())) {
		err = out.failure()
	}
	if err == nil {
		return 0
	}
	fmt.Fprintf(stderr, "%s: %s\n", root.Name(), strings.ReplaceAll(err.Error(), "\n", "; "))
	var known *Failure
	if errors.As(err, &known) {
		return known.Code
	}
	return ExitUsage
}
