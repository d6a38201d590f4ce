package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"cnie/internal/shell"
)

func (p *program) manCommand() *cobra.Command {
	return &cobra.Command{
		Use: "man DIR", Short: "Write manual pages into a folder",
		Args: func(c *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage("`%s` takes the folder to write to, such as `cnie man ~/.local/share/man/man1`", c.CommandPath())
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			if err := shell.WriteManual(c.Root(), "cnie "+version, args[0]); err != nil {
				return cannotWrite(args[0], err)
			}
			_, err := fmt.Fprintf(p.lines(), "Wrote manual pages into %s.\n", args[0])
			return err
		},
	}
}
