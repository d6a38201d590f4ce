package main

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"cnie/internal/ca"
	"cnie/internal/shell"
)

func newRevoke() *cobra.Command {
	var serial, reason string
	cmd := &cobra.Command{
		Use:   "revoke DIR --serial SERIAL",
		Short: "Revoke a certificate for good",
		Long: "revoke has a certificate revoked, by the server of the authority or, if none\n" +
			"runs, by itself. The revocation list and the OCSP responder say so at once; an\n" +
			"agent cannot renew what a revoked card has obtained for it.\n\n" +
			"The authority itself is revoked by the serial number of DIR/issuing.crt, with the\n" +
			"root's key in DIR/keys; DIR/root.crl and /root.crl say so, and nothing is issued\n" +
			"any more.",
		Example: "  cnie-ca revoke ca --serial 3FA2…19 --reason keyCompromise",
		Args:    cobra.ExactArgs(1),
		RunE:    inFolder(func(cmd *cobra.Command, dir string) error { return revoke(cmd, dir, serial, ca.Reason(reason)) }),

		ValidArgsFunction: completeDir,
	}
	cmd.Flags().StringVar(&serial, "serial", "", "the `SERIAL` number in hexadecimal, as `openssl x509 -serial` and `cnie-ca list` print it")
	cmd.Flags().StringVar(&reason, "reason", string(ca.Reasons()[0]), fmt.Sprintf("`WHY`: one of %v", ca.Reasons()))
	_ = cmd.MarkFlagRequired("serial")
	_ = cmd.RegisterFlagCompletionFunc("reason", func(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
		var names []cobra.Completion
		for _, r := range ca.Reasons() {
			names = append(names, string(r))
		}
		return names, cobra.ShellCompDirectiveNoFileComp
	})
	return cmd
}

func revoke(cmd *cobra.Command, dir, text string, reason ca.Reason) error {
	serial, err := ca.ParseSerial(text)
	if err != nil {
		return shell.Failed(shell.ExitUsage, "%w", err)
	}
	if !slices.Contains(ca.Reasons(), reason) {
		return shell.Failed(shell.ExitUsage, "there is no reason %q; choose one of %v", reason, ca.Reasons())
	}
	door, err := ca.Dial(cmd.Context(), dir)
	if err != nil {
		return err
	}
	at, already, err := door.Revoke(cmd.Context(), serial, reason)
	if err := errors.Join(err, door.Close()); err != nil {
		return err
	}
	was := "Revoked"
	if already {
		was = "It was revoked already: revoked"
	}
	_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s %s at %s.\n", was, printed(serial), at.UTC().Format(time.RFC3339))
	return err
}
