package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"cnie/internal/ledger/witness"
	"cnie/internal/wholefile"
)

func (l *ledgerFlags) witnessCommand() *cobra.Command {
	var name, listen string
	var logs []string
	c := &cobra.Command{
		Use: "witness FOLDER", Short: "Run a witness: on another machine, by other people",
		Long: "witness signs checkpoints of the ledgers it is told of, if they extend what it\n" +
			"signed before (C2SP tlog-witness). It makes its key in the folder when first run;\n" +
			"witness.pub there is what the desks and inspectors need. Whoever runs it should\n" +
			"not be whoever runs the ledger, and its folder is not to be put back from a backup:\n" +
			"a witness that lost its memory gets a new key. Behind a network that others reach,\n" +
			"put it behind TLS; what it hears and says holds no personal data.",
		Example: "  cnie ledger witness /var/lib/witness --name witness.example --log ledger.pub --listen 192.0.2.7:8721",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage("`cnie ledger witness` takes one folder")
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			if len(logs) == 0 {
				return usage("--log is missing: the verifier key of each ledger to sign for, as `cnie ledger status` shows it")
			}
			return ledgerFailure(l.runWitness(c.Context(), args[0], name, listen, logs))
		},
	}
	c.Flags().StringVar(&name, "name", "cnie-witness", "`NAME` of a new witness's key")
	c.Flags().StringVar(&listen, "listen", "127.0.0.1:8721", "`ADDRESS` to listen on")
	c.Flags().StringArrayVar(&logs, "log", nil, "verifier `KEY` of a ledger, or a file with it; may be given again")
	return c
}

func (l *ledgerFlags) runWitness(ctx context.Context, dir, name, listen string, logs []string) error {
	for i := range logs {
		var err error
		if logs[i], err = keyText(logs[i]); err != nil {
			return err
		}
	}
	secret, public, err := witnessKey(dir, name)
	if err != nil {
		return err
	}
	w, err := witness.New(dir, secret, logs...)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", listen)
	if err != nil {
		return err
	}
	server := &http.Server{Handler: w.Handler(), ReadTimeout: 10 * time.Second, WriteTimeout: time.Minute, IdleTimeout: time.Minute}
	closed := make(chan error, 1)
	stop := context.AfterFunc(ctx, func() {
		graceful, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		closed <- server.Shutdown(graceful)
	})
	fmt.Fprintf(l.lines(), "Witness at http://%s, key %s\n", listener.Addr(), public)
	err = server.Serve(listener)
	if stop() { // it ended by itself
		return err
	}
	return <-closed // whom it listens to is answered
}

// witnessKey reads the key, or makes one.
func witnessKey(dir, name string) (secret, public string, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", "", err
	}
	private, shared := filepath.Join(dir, "witness.key"), filepath.Join(dir, "witness.pub")
	content, err := os.ReadFile(private)
	if errors.Is(err, os.ErrNotExist) {
		if secret, public, err = witness.Keys(name); err != nil {
			return "", "", err
		}
		return secret, public, errors.Join(wholefile.Replace(shared, []byte(public+"\n"), 0o644), wholefile.Create(private, []byte(secret+"\n"), 0o600))
	}
	if err != nil {
		return "", "", err
	}
	known, err := os.ReadFile(shared)
	return strings.TrimSpace(string(content)), strings.TrimSpace(string(known)), err
}
