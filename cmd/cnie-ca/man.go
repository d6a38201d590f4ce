package main

import (
	"github.com/spf13/cobra"

	"cnie/internal/shell"
)

func newMan() *cobra.Command {
	return &cobra.Command{
		Use:   "man DIR",
		Short: "Write manual pages into a folder",
		Args:  cobra.ExactArgs(1),
		RunE:  inFolder(func(cmd *cobra.Command, dir string) error { return shell.WriteManual(cmd.Root(), "cnie-ca", dir) }),
	}
}
