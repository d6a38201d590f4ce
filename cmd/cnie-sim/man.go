package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"cnie/internal/shell"
)

func newMan() *cobra.Command {
	return &cobra.Command{
		Use:   "man DIR",
		Short: "Write manual pages into a folder",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			err := shell.WriteManual(cmd.Root(), "cnie-sim", args[0])
			if of, is := pathError(err); is {
				return fileFailure("write to", args[0], of)
			}
			if err != nil {
				return shell.Failed(shell.ExitFile, "cannot write to %s: %w; choose a folder that you may write to", args[0], err)
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "Wrote manual pages into %s.\n", args[0])
			return err
		},
	}
}
