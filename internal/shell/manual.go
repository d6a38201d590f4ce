package shell

import (
	"os"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

// WriteManual writes a manual page for each command of a program into a folder,
// which it makes if need be. The pages carry no date: the same program writes the
// same pages on every day.
func WriteManual(root *cobra.Command, source, dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	root.DisableAutoGenTag = true
	return doc.GenManTree(root, &doc.GenManHeader{Section: "1", Source: source, Manual: "cnie"}, dir)
}
