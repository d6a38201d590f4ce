package shell

import (
	"encoding/json"
	"fmt"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// build is what the Go tool stamped into a program.
type build struct {
	Version  string `json:"version"` // (devel) when built from a work tree
	Go       string `json:"go"`
	Revision string `json:"revision"`
}

// readBuild looks at the program that is running.
func readBuild() build {
	b := build{Version: "(devel)"}
	stamped, ok := debug.ReadBuildInfo()
	if !ok {
		return b
	}
	b.Go = stamped.GoVersion
	if stamped.Main.Version != "" {
		b.Version = stamped.Main.Version
	}
	for _, setting := range stamped.Settings {
		if setting.Key == "vcs.revision" {
			b.Revision = setting.Value
		}
	}
	return b
}

// NewVersion is the command "version".
func NewVersion() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			b := readBuild()
			if asJSON {
				return json.NewEncoder(cmd.OutOrStdout()).Encode(b)
			}
			_, err := fmt.Fprintf(cmd.OutOrStdout(), "%s %s (%s)\n", cmd.Root().Name(), b.Version, b.Go)
			return err
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}
