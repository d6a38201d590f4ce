package shell_test

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"syscall"
	"testing"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/assert"

	"cnie/internal/shell"
)

// full is a device without room.
type full struct{}

func (full) Write([]byte) (int, error) {
	return 0, &fs.PathError{Op: "write", Path: "/dev/stdout", Err: syscall.ENOSPC}
}

// What a program could not say is told, whether its command looked or not; what
// else went wrong comes first.
func TestRunOntoAFullDisk(t *testing.T) {
	other := shell.Failed(shell.ExitUnavailable, "no reader")
	for name, c := range map[string]struct {
		ends func(written error) error
		code int
		says string
	}{
		"nobody looked":  {func(error) error { return nil }, shell.ExitFile, "cannot write to standard output: no space left on device"},
		"it was told":    {func(written error) error { return fmt.Errorf("say: %w", written) }, shell.ExitFile, "cannot write to standard output"},
		"something else": {func(error) error { return other }, shell.ExitUnavailable, "no reader"},
		"Cobra's own":    {func(error) error { return errors.New("unknown flag") }, shell.ExitUsage, "unknown flag"},
	} {
		t.Run(name, func(t *testing.T) {
			root := &cobra.Command{Use: "program", SilenceErrors: true, SilenceUsage: true, RunE: func(cmd *cobra.Command, _ []string) error {
				_, err := fmt.Fprintln(cmd.OutOrStdout(), "hello")
				return c.ends(err)
			}}
			var stderr bytes.Buffer
			assert.Equal(t, c.code, shell.Run(t.Context(), root, nil, full{}, &stderr))
			assert.Contains(t, stderr.String(), "program: "+c.says)
		})
	}
}
