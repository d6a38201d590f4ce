package main

import (
	"encoding/json"
	"fmt"
	"runtime/debug"

	"github.com/spf13/cobra"
)

func newVersion() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return printVersion(cmd, asJSON) },
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// printVersion tells what the Go tool stamped into the program.
func printVersion(cmd *cobra.Command, asJSON bool) error {
	version, compiler, revision := "(devel)", "", ""
	if build, ok := debug.ReadBuildInfo(); ok {
		compiler = build.GoVersion
		if build.Main.Version != "" {
			version = build.Main.Version
		}
		for _, setting := range build.Settings {
			if setting.Key == "vcs.revision" {
				revision = setting.Value
			}
		}
	}
	if asJSON {
		return json.NewEncoder(cmd.OutOrStdout()).Encode(map[string]string{"version": version, "go": compiler, "revision": revision})
	}
	_, err := fmt.Fprintf(cmd.OutOrStdout(), "cnie-ca %s (%s)\n", version, compiler)
	return err
}
