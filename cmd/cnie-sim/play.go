package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"cnie/simulator"
	"cnie/simulator/vpcd"
)

// play is the run command.
type play struct {
	choice
	addr  string
	json  bool
	debug bool
}

func newRun() *cobra.Command {
	p := &play{}
	cmd := &cobra.Command{
		Use:   "run",
		Short: "Put a simulated card into the virtual reader until a signal",
		Long: "run puts a simulated card into a virtual reader (vpcd of the vsmartcard\n" +
			"project, under pcscd), prints what is needed to open it, and answers for it\n" +
			"until it is interrupted, which pulls the card out.",
		Example: "  cnie-sim run\n  cnie-sim run --persona bac-only\n  cnie-sim run --lds ./dump --vpcd 127.0.0.1:35963",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return p.run(cmd) },
	}
	p.flags(cmd)
	cmd.Flags().StringVar(&p.addr, "vpcd", vpcd.DefaultAddr, "where the virtual reader listens, `HOST:PORT`")
	cmd.Flags().BoolVar(&p.json, "json", false, "print one JSON object a line")
	cmd.Flags().BoolVar(&p.debug, "debug", false, "log every command on standard error: header, lengths and status, no content")
	return cmd
}

func (p *play) run(cmd *cobra.Command) error {
	if err := checkAddress(p.addr); err != nil {
		return err
	}
	card, err := p.card()
	if err != nil {
		return err
	}
	say := newSpeaker(cmd.OutOrStdout(), p.json)
	say.card(card)
	var options []simulator.Option
	if p.debug {
		options = append(options, simulator.WithWire(logged(cmd.ErrOrStderr())))
	}
	unseen := time.AfterFunc(3*time.Second, func() {
		fmt.Fprintf(cmd.ErrOrStderr(), "cnie-sim: the reader at %s does not ask for this card; take out the one that is in it\n", p.addr)
	})
	defer unseen.Stop()
	seen := &noticed{Chip: simulator.New(card, options...), tell: func() {
		unseen.Stop()
		say.ready(card, p.addr)
	}}
	return p.serve(cmd.Context(), seen)
}

func (p *play) serve(ctx context.Context, card vpcd.Card) error {
	err := vpcd.Serve(ctx, p.addr, card)
	switch {
	case err == nil, ctx.Err() != nil:
		return nil // a signal is how this ends
	case errors.Is(err, syscall.ECONNREFUSED):
		return failed(exitUnavailable, "no virtual reader listens at %s; start pcscd with the vpcd driver (package vsmartcard-vpcd), then run this again", p.addr)
	}
	return failed(exitUnavailable, "%w; see that pcscd runs with the vpcd driver, then run this again", err)
}

func checkAddress(addr string) error {
	_, port, err := net.SplitHostPort(addr)
	if n, bad := strconv.ParseUint(port, 10, 16); err != nil || bad != nil || n == 0 {
		return failed(exitUsage, "--vpcd wants HOST:PORT, such as %s", vpcd.DefaultAddr)
	}
	return nil
}

// noticed is a chip that tells when the reader first asks for it: before that,
// being connected means little, since a reader takes only one card.
type noticed struct {
	*simulator.Chip
	once sync.Once
	tell func()
}

// ATR implements vpcd.Card.
func (n *noticed) ATR() []byte {
	n.once.Do(n.tell)
	return n.Chip.ATR()
}

// logged is a wire that logs what may be known of each exchange.
func logged(w io.Writer) simulator.Wire {
	log := slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: slog.LevelDebug}))
	return func(next func([]byte) []byte) func([]byte) []byte {
		return func(command []byte) []byte {
			start := time.Now()
			answer := next(command)
			log.Debug("apdu", "header", fmt.Sprintf("%X", command[:min(4, len(command))]),
				"sent", len(command), "received", len(answer),
				"status", fmt.Sprintf("%X", answer[max(0, len(answer)-2):]), "took", time.Since(start).Round(time.Microsecond))
			return answer
		}
	}
}
