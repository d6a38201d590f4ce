package main

import (
	"os"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

func newMan() *cobra.Command {
	return &cobra.Command{
		Use:   "man DIR",
		Short: "Write manual pages into a folder",
		Args:  cobra.ExactArgs(1),
		RunE: inFolder(func(cmd *cobra.Command, dir string) error {
			if err := os.MkdirAll(dir, 0o755); err != nil {
				return err
			}
			root := cmd.Root()
			root.DisableAutoGenTag = true // the same pages on every day
			return doc.GenManTree(root, &doc.GenManHeader{Section: "1", Source: "cnie-ca", Manual: "cnie"}, dir)
		}),
	}
}
