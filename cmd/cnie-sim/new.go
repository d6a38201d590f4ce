package main

import (
	"fmt"
	"os"
	"regexp"

	"github.com/spf13/cobra"

	"cnie/internal/shell"
	"cnie/simulator/persona"
)

func newNew() *cobra.Command {
	var out string
	cmd := &cobra.Command{
		Use:   "new NAME",
		Short: "Write a persona file to start from",
		Long: "new writes a persona of your own: a YAML file with comments on what may stand\n" +
			"in it. A file that is there already stays as it is.",
		Example: "  cnie-sim new mine\n  cnie-sim run --persona mine.yaml",
		Args:    cobra.ExactArgs(1),
		RunE:    func(cmd *cobra.Command, args []string) error { return writeTemplate(cmd, args[0], out) },
	}
	cmd.Flags().StringVarP(&out, "output", "o", "", "write to this `FILE` instead of NAME.yaml; - is standard output")
	return cmd
}

// personaName keeps what is written into comments and paths harmless.
var personaName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$`)

func writeTemplate(cmd *cobra.Command, name, out string) error {
	if !personaName.MatchString(name) {
		return shell.Failed(shell.ExitUsage, "a persona's name has at most 40 letters, digits and hyphens; choose one such as mine")
	}
	content := persona.Template(name)
	switch out {
	case "-":
		_, err := cmd.OutOrStdout().Write(content)
		return err
	case "":
		out = name + ".yaml"
	}
	if err := writeNew(out, content); err != nil {
		if os.IsExist(err) {
			return shell.Failed(shell.ExitFile, "%s is there already; choose another name, or another file with --output", out)
		}
		if of, is := pathError(err); is {
			return fileFailure("write", out, of)
		}
		return shell.Failed(shell.ExitFile, "cannot write %s: %w; choose another file", out, err)
	}
	_, err := fmt.Fprintf(cmd.OutOrStdout(), "Wrote %s; change it, then run `cnie-sim run --persona %s`.\n", out, out)
	return err
}

// writeNew makes a file that was not there, whole or not at all.
func writeNew(path string, content []byte) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	if closed := file.Close(); err == nil {
		err = closed
	}
	if err != nil {
		_ = os.Remove(path)
	}
	return err
}
