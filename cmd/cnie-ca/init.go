package main

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/spf13/cobra"

	"cnie/internal/ca"
	"cnie/internal/shell"
)

func newInit() *cobra.Command {
	c := ca.Default()
	cmd := &cobra.Command{
		Use:   "init DIR",
		Short: "Make an authority in a folder",
		Long: "init makes an authority in a folder that is empty or not there: a root, an\n" +
			"authority under it, their keys, keys to order certificates with, a database,\n" +
			"and ca.yaml, which may be edited.\n\n" +
			"By default it is an authority of specimens. One made with --specimen=false\n" +
			"enrols counters and agents; it issues no cards and no time stamps.\n\n" +
			"Move DIR/keys/root.key to a safe place. It is needed to revoke the authority, and\n" +
			"once a half-year to renew what the root says of it (DIR/root.crl).",
		Example: "  cnie-ca init ca\n  cnie-ca init ca --specimen=false --name 'Town Hall' --host ca.example --listen :9443 --publish :9080 --url http://ca.example:9080",
		Args:    cobra.ExactArgs(1),
		RunE:    inFolder(func(cmd *cobra.Command, dir string) error { return create(cmd, dir, c) }),

		ValidArgsFunction: completeDir,
	}
	flags := cmd.Flags()
	flags.StringVar(&c.Name, "name", c.Name, "the authority's `NAME` in its certificates")
	flags.BoolVar(&c.Specimen, "specimen", c.Specimen, "certify simulated cards; every name says SPECIMEN")
	flags.StringVar(&c.Listen, "listen", c.Listen, "take orders over HTTPS at `HOST:PORT`")
	flags.StringVar(&c.Publish, "publish", c.Publish, "publish lists, answers and time stamps over HTTP at `HOST:PORT`")
	flags.StringVar(&c.URL, "url", "", "how certificates name what is published: `http://HOST:PORT` (default that of --publish)")
	flags.StringSliceVar(&c.Hosts, "host", c.Hosts, "`HOST`s of the HTTPS server's certificate")
	flags.StringSliceVar(&c.ACMEHosts, "acme-host", c.ACMEHosts, "`HOST`s that may have a certificate by ACME")
	return cmd
}

func create(cmd *cobra.Command, dir string, c ca.Config) error {
	err := ca.Create(dir, c)
	var wrong *ca.ConfigError
	switch {
	case errors.Is(err, ca.ErrNotEmpty):
		return shell.Failed(shell.ExitFile, "%s is not empty; name a new folder", dir)
	case errors.As(err, &wrong):
		return shell.Failed(shell.ExitUsage, "%s; correct the flag", wrong.Reason)
	case errors.Is(err, fs.ErrNotExist):
		return shell.Failed(shell.ExitFile, "the folder above %s is not there; make it first", dir)
	case err != nil:
		return err
	}
	_, err = fmt.Fprintf(cmd.OutOrStdout(), "Made an authority in %s; `cnie-ca serve %s` serves it.\nMove %s/keys/root.key to a safe place; it renews %s/root.crl, which holds for a year.\n", dir, dir, dir, dir)
	return err
}
