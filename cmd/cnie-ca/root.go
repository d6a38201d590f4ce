package main

import (
	"context"
	"io"

	"github.com/spf13/cobra"

	"cnie/internal/shell"
)

// run is the program: arguments in, exit code out.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	return shell.Run(ctx, newRoot(), args, stdout, stderr)
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
	root.AddCommand(newInit(), newServe(), newIssue(), newRevoke(), newList(), newMan(), shell.NewVersion())
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
