package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"

	"github.com/spf13/cobra"

	"cnie/internal/ledger"
	"cnie/internal/ledger/host"
)

func (l *ledgerFlags) serveCommand() *cobra.Command {
	var listen string
	var files host.Files
	c := &cobra.Command{
		Use: "serve", Short: "Keep the ledger of many desks", Args: noArguments,
		Long: "serve takes entries from desks over HTTPS and answers once they are durable. A desk\n" +
			"shows a certificate that cnie-ca issued (profile counter) under its id, and adds\n" +
			"entries of its own. It erases each day what is kept beyond its day. Proofs, exports\n" +
			"and erasures by request are made here, with the other commands; to erase, stop it\n" +
			"for a moment: desks wait and ask again. Desks on Windows, where a ledger cannot be\n" +
			"written, always need a host. In the desk's site file:\n\n" +
			"  ledger: {url: https://ledger.example:8722, ca: ca.pem, cert: desk.pem, key: desk.key}",
		Example: "  cnie ledger serve --dir /var/lib/ledger --dsn postgres:///ledger?host=/run/postgresql \\\n    --listen :8722 --cert host.pem --key host.key --desks root.crt",
		RunE: func(c *cobra.Command, _ []string) error {
			if files.Certificate == "" || files.Key == "" || files.Desks == "" {
				return usage("--cert, --key and --desks are needed: the host's certificate and key, and whose word counts for desks")
			}
			return ledgerFailure(l.serve(c.Context(), listen, files))
		},
	}
	c.Flags().StringVar(&listen, "listen", "127.0.0.1:8722", "`ADDRESS` to listen on")
	c.Flags().StringVar(&files.Certificate, "cert", "", "`FILE` (PEM) with the host's certificate and its issuers")
	c.Flags().StringVar(&files.Key, "key", "", "`FILE` (PEM) with its key")
	c.Flags().StringVar(&files.Desks, "desks", "", "`FILE` (PEM) with who issues the desks' certificates")
	return c
}

func (l *ledgerFlags) serve(ctx context.Context, listen string, files host.Files) (err error) {
	if err := l.settle(); err != nil {
		return err
	}
	conf, err := files.TLS()
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", listen)
	if err != nil {
		return err
	}
	defer listener.Close()
	open, err := ledger.Open(ctx, l.options)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, open.Close()) }()
	log := slog.New(slog.NewTextHandler(l.stderr, nil))
	h, err := host.New(open, l.options.Dir, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.Close()) }()
	daily, stop := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		open.ExpireDaily(daily, tellExpired(log))
	}()
	defer func() { stop(); <-ended }()
	fmt.Fprintf(l.lines(), "Ledger host at https://%s, key %s\n", listener.Addr(), open.Key())
	return h.Serve(ctx, listener, conf)
}

// tellExpired says what was erased at the end of retention, by number.
func tellExpired(log *slog.Logger) func([]ledger.Erased, error) {
	return func(done []ledger.Erased, err error) {
		for _, one := range done {
			log.Info("erased at the end of retention", "records", len(one.Indexes), "entry", one.Place.Index)
		}
		if err != nil {
			log.Error("what is kept beyond its day is not erased; it is tried again", "why", err.Error())
		}
	}
}
