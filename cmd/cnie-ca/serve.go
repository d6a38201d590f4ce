package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"cnie/internal/ca"
)

func newServe() *cobra.Command {
	var at ca.Addresses
	cmd := &cobra.Command{
		Use:   "serve DIR",
		Short: "Take orders and publish, until interrupted",
		Long: "serve takes orders over HTTPS, as smallstep's clients and ACME clients make\n" +
			"them (/1.0/sign, /1.0/renew, /1.0/revoke, /acme/acme/directory, /health), and\n" +
			"publishes over HTTP: the revocation list (/crl), OCSP answers (/ocsp), the\n" +
			"issuer's certificate (/issuer.crt), the root's and its list (/root.crt,\n" +
			"/root.crl; also DIR/root.crl) and, for specimens, RFC 3161 time stamps (/tsa). An interrupt ends it after the requests that are under way.",
		Args: cobra.ExactArgs(1),
		RunE: inFolder(func(cmd *cobra.Command, dir string) error { return serve(cmd, dir, at) }),

		ValidArgsFunction: completeDir,
	}
	cmd.Flags().StringVar(&at.Orders, "listen", "", "take orders at `HOST:PORT` instead of where ca.yaml says")
	cmd.Flags().StringVar(&at.Published, "publish", "", "publish at `HOST:PORT` instead of where ca.yaml says; certificates name ca.yaml's url all the same")
	return cmd
}

func serve(cmd *cobra.Command, dir string, at ca.Addresses) error {
	authority, err := ca.Open(dir)
	if err != nil {
		return err
	}
	err = authority.Serve(cmd.Context(), at, func(at ca.Addresses) error {
		_, err := fmt.Fprintf(cmd.OutOrStdout(), "Serving %s: orders at https://%s, the rest at http://%s\n", authority.Name(), at.Orders, at.Published)
		return err
	})
	closed := authority.Close()
	if err == nil && closed == nil {
		return nil // a signal is how it ends
	}
	return errors.Join(err, closed)
}
