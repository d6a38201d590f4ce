package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"cnie/internal/shell"
	"cnie/pki/specimen"
)

func newTrust() *cobra.Command {
	return &cobra.Command{
		Use:   "trust DIR",
		Short: "Write the trust anchors of the specimen country into a folder",
		Long: "trust writes the certificate of the specimen country's CSCA and its revocation\n" +
			"list into DIR, for `cnie verify --trust DIR`. Its keys are published: whoever\n" +
			"trusts it believes everybody.",
		Example: "  cnie-sim trust ./specimen-trust",
		Args:    cobra.ExactArgs(1),
		RunE:    func(cmd *cobra.Command, args []string) error { return writeTrust(cmd, args[0]) },
	}
}

func writeTrust(cmd *cobra.Command, dir string) error {
	err := specimen.Default().WriteTrust(dir, time.Now())
	if of, is := pathError(err); is {
		return fileFailure("write to", dir, of)
	}
	if err != nil {
		return shell.Failed(shell.ExitFile, "cannot write to %s: %w; choose a folder that you may write to", dir, err)
	}
	fmt.Fprintf(cmd.OutOrStdout(), "Wrote the SPECIMEN trust anchors to %s; trust them nowhere else than in tests.\n", dir)
	return nil
}
