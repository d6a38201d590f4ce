//go:build noserve

package main

import "github.com/spf13/cobra"

// remoteCommand of a lean program: counters need neither a database nor a broker,
// which make two thirds of the whole one.
func (p *program) remoteCommand() *cobra.Command {
	return &cobra.Command{
		Use: "remote", Short: "Run a service of remote signing (not in this build)",
		DisableFlagParsing: true,
		RunE: func(*cobra.Command, []string) error {
			return usage("this cnie was built without the service of remote signing; build it without the tag noserve")
		},
	}
}
