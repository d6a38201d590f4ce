package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"cnie/internal/shell"
	"cnie/simulator"
	"cnie/simulator/control"
	"cnie/simulator/persona"
	"cnie/simulator/vpcd"
)

// play is the run command.
type play struct {
	persona string
	dump    string
	faults  []string
	vpcd    string
	listen  string
	control string
	state   string
	json    bool
	debug   bool
}

func newRun() *cobra.Command {
	p := &play{}
	cmd := &cobra.Command{
		Use:   "run [CARD]...",
		Short: "Put simulated cards into virtual readers until a signal",
		Long: "run puts simulated cards into virtual readers (vpcd of the vsmartcard project,\n" +
			"under pcscd), prints what is needed to open them, and answers for them\n" +
			"until it is interrupted, which pulls them out.\n\n" +
			"A CARD is a persona, and its faults after commas. Each is in a reader of its\n" +
			"own: the first at the port of --vpcd, the next at the port after that; - leaves\n" +
			"a reader empty. With --listen there is no PC/SC: each card answers at a port of\n" +
			"its own. `cnie-sim ctl` pulls cards and puts others in, through the socket that\n" +
			"--control makes.",
		Example: "  cnie-sim run\n  cnie-sim run bac-only\n  cnie-sim run specimen expired,slow=20ms -\n" +
			"  cnie-sim run --fault torn@30 --control ./hand\n  cnie-sim run --listen 127.0.0.1:7000 --state ./cards.json\n  cnie-sim run --lds ./dump",
		ValidArgsFunction: completeOrder,
		RunE:              func(cmd *cobra.Command, args []string) error { return p.run(cmd, args) },
	}
	p.flags(cmd)
	return cmd
}

func (p *play) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&p.persona, "persona", persona.Names()[0], "the card where none is named: a `NAME` of `cnie-sim personas`, or a YAML file")
	f.StringVar(&p.dump, "lds", "", "play the files in this `DIR` instead: DG1.bin, EF_SOD.bin …")
	f.StringArrayVar(&p.faults, "fault", nil, "what is wrong with every card, `NAME[=ARG][@N]` of `cnie-sim faults`; may be repeated")
	f.StringVar(&p.vpcd, "vpcd", vpcd.DefaultAddr, "where the first virtual reader listens, `HOST:PORT`")
	f.StringVar(&p.listen, "listen", "", "no PC/SC: the first card listens at `HOST:PORT` itself, in the same frames")
	f.StringVar(&p.control, "control", "", "make a socket at `PATH` for `cnie-sim ctl`")
	f.StringVar(&p.state, "state", "", "keep PINs, their counters and new keys in `FILE` from one run to the next")
	f.BoolVar(&p.json, "json", false, "print one JSON object a line")
	f.BoolVar(&p.debug, "debug", false, "log every command on standard error: header, lengths and status, no content")
	cmd.MarkFlagsMutuallyExclusive("persona", "lds")
	cmd.MarkFlagsMutuallyExclusive("vpcd", "listen")
	_ = cmd.RegisterFlagCompletionFunc("persona", completeOrder)
	_ = cmd.RegisterFlagCompletionFunc("fault", completeFault)
	_ = cmd.MarkFlagDirname("lds")
}

// run gets everything ready that can fail before the first card can be seen.
func (p *play) run(cmd *cobra.Command, cards []string) error {
	cards, err := p.cards(cmd, cards)
	if err != nil {
		return err
	}
	box := &box{dump: p.dump, stderr: cmd.ErrOrStderr(), figures: map[string]*figure{}}
	if box.every, err = parseFaults(p.faults); err != nil {
		return err
	}
	if p.debug {
		box.log = logged(cmd.ErrOrStderr())
	}
	if p.state != "" {
		if box.state, err = openState(p.state); err != nil {
			return err
		}
	}
	d := &desk{play: p, box: box, say: newSpeaker(cmd.OutOrStdout(), p.json)}
	if err := d.set(cards); err != nil {
		return err
	}
	return d.open(cmd.Context())
}

// cards are the orders, one for each seat.
func (p *play) cards(cmd *cobra.Command, named []string) ([]string, error) {
	for _, flag := range []string{"persona", "lds"} {
		if cmd.Flags().Changed(flag) && len(named) > 0 {
			return nil, shell.Failed(shell.ExitUsage, "--%s says which card there is; name no others", flag)
		}
	}
	if len(named) == 0 {
		named = []string{p.persona}
	}
	return named, nil
}

// controlled makes the control socket; nil when none is wanted.
func (p *play) controlled() (net.Listener, error) {
	if p.control == "" {
		return nil, nil
	}
	l, err := control.Listen(p.control)
	switch {
	case err == nil:
		return l, nil
	case errors.Is(err, control.ErrTaken):
		return nil, shell.Failed(shell.ExitUnavailable, "another cnie-sim is controlled through %s; choose another path", p.control)
	case errors.Is(err, control.ErrNotSocket):
		return nil, shell.Failed(shell.ExitFile, "%s is there and is no socket; choose another path", p.control)
	}
	var cause syscall.Errno
	if errors.As(err, &cause) {
		err = cause
	}
	return nil, shell.Failed(shell.ExitFile, "cannot make the socket %s: %w; check the path and its permissions", p.control, err)
}

// readerFailure says what to do about a virtual reader.
func readerFailure(ctx context.Context, addr string, err error) error {
	switch {
	case err == nil, ctx.Err() != nil:
		return nil // a signal is how this ends
	case errors.Is(err, syscall.ECONNREFUSED):
		return shell.Failed(shell.ExitUnavailable, "no virtual reader listens at %s; start pcscd with the vpcd driver (package vsmartcard-vpcd), then run this again", addr)
	}
	return shell.Failed(shell.ExitUnavailable, "%w; see that pcscd runs with the vpcd driver, then run this again", err)
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
