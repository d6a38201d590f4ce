package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

func newMan() *cobra.Command {
	return &cobra.Command{
		Use:   "man DIR",
		Short: "Write manual pages into a folder",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			err := os.MkdirAll(args[0], 0o755)
			if err == nil {
				root := cmd.Root()
				root.DisableAutoGenTag = true // the same pages on every day
				err = doc.GenManTree(root, &doc.GenManHeader{Section: "1", Source: "cnie-sim", Manual: "cnie"}, args[0])
			}
			if of, is := pathError(err); is {
				return fileFailure("write to", args[0], of)
			}
			if err != nil {
				return failed(exitFile, "cannot write to %s: %w; choose a folder that you may write to", args[0], err)
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "Wrote manual pages into %s.\n", args[0])
			return err
		},
	}
}
