package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
)

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
	fmt.Fprintf(stderr, "cnie-ca: %s\n", strings.ReplaceAll(err.Error(), "\n", "; "))
	var known *failure
	if errors.As(err, &known) {
		return known.code
	}
	return exitUsage // Cobra's own errors: flags, arguments, commands
}

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "cnie-ca",
		Short: "Certify simulated cards, counters and signing agents",
		Long: "cnie-ca is a certification authority in a folder. By default it is one of\n" +
			"specimens: it certifies cards that do not exist, and proves nothing.",
		Args:          cobra.NoArgs,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.AddCommand(newInit(), newServe(), newIssue(), newRevoke(), newList(), newMan(), newVersion())
	return root
}

// inFolder runs a command on the authority that its first argument names.
func inFolder(work func(cmd *cobra.Command, dir string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		return told(cmd.Context(), args[0], work(cmd, args[0]))
	}
}

// completeDir completes the folder of an authority.
func completeDir(_ *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return nil, cobra.ShellCompDirectiveFilterDirs
}
