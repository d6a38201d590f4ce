//go:build !noserve

package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"cnie/internal/remote/courier"
	"cnie/internal/remote/server"
)

func (p *program) remoteCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "remote", Short: "Run a service of remote signing", Args: noArguments,
		Long: "A service between programs that want documents signed and the agents of those\n" +
			"who sign them. Programs speak the API v2 of the Cloud Signature Consortium;\n" +
			"agents connect from beside the card (`cnie agent`). The service holds no key that\n" +
			"signs documents and sees no PIN. A signature is asked for in two steps, consent\n" +
			"and then the signature, and the token in between is good for these documents,\n" +
			"this card and one use. No conformity with EN 419 241 is claimed.",
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(p.remoteInitCommand(), p.remoteServeCommand())
	return c
}

func (p *program) remoteInitCommand() *cobra.Command {
	var authority string
	c := &cobra.Command{
		Use: "init DIR", Short: "Make the folder of a service for this machine",
		Long: "init writes remote.yaml with a comment at every key, a certificate for localhost,\n" +
			"the key that signs tokens, and one program with its secret (program.secret). The\n" +
			"service lets in agents whose certificates are of the authority given, and signs\n" +
			"with cards of the same one; both can be changed in remote.yaml.",
		Example: "  cnie remote init service --authority ca/root.crt\n  cnie remote serve --config service/remote.yaml",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage("`cnie remote init` takes one folder")
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error { return p.initRemote(args[0], authority) },
	}
	c.Flags().StringVar(&authority, "authority", "", "`FILE` with the certificate of the agents' authority, PEM: the root that cnie-ca has made")
	return c
}

func (p *program) initRemote(dir, authority string) error {
	if authority == "" {
		return usage("--authority is missing: the root certificate of those who certify agents, as `cnie-ca init` makes it")
	}
	root, err := os.ReadFile(authority)
	if err == nil {
		err = server.Create(dir, root)
	}
	if err != nil {
		return remoteFailure(err)
	}
	key, err := server.TokenKey(dir)
	if err != nil {
		return remoteFailure(err)
	}
	_, err = fmt.Fprintf(p.lines(), "Made %s. Start it with\n  cnie remote serve --config %s\nTell agents its key for tokens (service-key):\n  %s\n", dir, filepath.Join(dir, server.ConfigName), key)
	return err
}

func (p *program) remoteServeCommand() *cobra.Command {
	var config string
	c := &cobra.Command{
		Use: "serve", Short: "Serve programs and agents until interrupted", Args: noArguments,
		Long: "serve takes requests of programs over HTTPS (/csc/v2/…, /oauth2/…, /healthz) and\n" +
			"of agents over HTTPS with client certificates. Interrupted, it lets what is under\n" +
			"way finish. Several may run side by side with one PostgreSQL and one NATS cluster;\n" +
			"any of them may be stopped, or die, at any time.\n\n" +
			"Exit codes: 69 an address in use, no database or no broker; 74 a file cannot be\n" +
			"read; 78 a mistake in the configuration, with its line.",
		Example: "  cnie remote serve --config service/remote.yaml",
		RunE:    func(c *cobra.Command, _ []string) error { return p.serveRemote(c.Context(), config) },
	}
	c.Flags().StringVar(&config, "config", "", "`FILE` that `cnie remote init` has made")
	return c
}

func (p *program) serveRemote(ctx context.Context, file string) error {
	if file == "" {
		return usage("--config is missing; `cnie remote init` makes one")
	}
	config, err := server.Load(file)
	if err != nil {
		return remoteFailure(err)
	}
	service, err := server.Open(ctx, config, p.serviceLog())
	if err != nil {
		return remoteFailure(err)
	}
	err = service.Serve(ctx, func(at server.Addresses) error {
		_, err := fmt.Fprintf(p.lines(), "Serving %s: programs at https://%s, agents at https://%s\n", config.URL, at.Programs, at.Agents)
		return err
	})
	if err = errors.Join(err, service.Close()); err != nil {
		return remoteFailure(err)
	}
	return nil // a signal is how it ends
}

// serviceLog tells what is asked and answered: names of requests, never content.
func (p *program) serviceLog() *slog.Logger {
	level := slog.LevelInfo
	if p.debug {
		level = slog.LevelDebug
	}
	return slog.New(slog.NewTextHandler(p.stderr, &slog.HandlerOptions{Level: level}))
}

// remoteFailure gives an error of the service a sentence and a code.
func remoteFailure(err error) error {
	var wrong *server.ConfigError
	var file *fs.PathError
	var network *net.OpError
	var database *server.StateError
	switch {
	case errors.As(err, &wrong):
		return &failure{exitConfiguration, wrong.Error(), err}
	case errors.Is(err, server.ErrNotEmpty):
		return &failure{exitIO, "the folder is not empty; name one that is, or that is not there", err}
	case errors.Is(err, courier.ErrUnreachable):
		return &failure{exitUnavailable, "the NATS broker does not answer, or has no JetStream; look after broker in the configuration", err}
	case errors.As(err, &database):
		return &failure{exitUnavailable, fmt.Sprintf("%v; look after state in the configuration", database), err}
	case errors.As(err, &file):
		return &failure{exitIO, fmt.Sprintf("cannot %s %s: %v; check the path and its permissions", file.Op, file.Path, file.Err), err}
	case errors.As(err, &network):
		return &failure{exitUnavailable, fmt.Sprintf("cannot %s on %v: %v; choose another address", network.Op, network.Addr, network.Err), err}
	}
	return err
}
