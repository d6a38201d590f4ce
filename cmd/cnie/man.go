package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
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
			if err := os.MkdirAll(args[0], 0o755); err != nil {
				return cannotWrite(args[0], err)
			}
			root := c.Root()
			root.DisableAutoGenTag = true // the same pages on every day
			header := &doc.GenManHeader{Section: "1", Source: "cnie " + version, Manual: "cnie"}
			if err := doc.GenManTree(root, header, args[0]); err != nil {
				return cannotWrite(args[0], err)
			}
			_, err := fmt.Fprintf(p.stdout, "Wrote manual pages into %s.\n", args[0])
			return err
		},
	}
}
