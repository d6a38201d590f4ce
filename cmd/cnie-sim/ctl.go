package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"cnie/internal/shell"
	"cnie/simulator/control"
)

// ctl is the command that reaches into a run.
type ctl struct {
	path  string
	slot  int
	clear bool
	json  bool
}

func newCtl() *cobra.Command {
	c := &ctl{}
	cmd := &cobra.Command{
		Use:   "ctl",
		Short: "Pull cards, put others in and switch faults on, in a running simulator",
		Long: "ctl reaches into a `cnie-sim run --control PATH` that is running. It returns\n" +
			"when the thing is done: after insert and swap, when the reader has seen the\n" +
			"card. A virtual reader looks every 400 ms and does not notice that a card was\n" +
			"away for less; between two cards, or the same one twice, a second passes.",
		Example: "  cnie-sim run --control ./hand &\n  cnie-sim ctl --control ./hand fault slow=50ms\n  cnie-sim ctl --control ./hand remove\n" +
			"  cnie-sim ctl --control ./hand insert expired,torn@30\n  cnie-sim ctl --control ./hand status --json",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.PersistentFlags().StringVar(&c.path, "control", "", "the socket of the run, `PATH`")
	cmd.PersistentFlags().IntVar(&c.slot, "slot", 0, "the `NUMBER` of the slot, counted from 0")
	cmd.PersistentFlags().BoolVar(&c.json, "json", false, "print JSON")
	fault := c.command(control.Fault+" [FAULT]...", "Switch faults on for the card in a slot", cobra.ArbitraryArgs)
	fault.Flags().BoolVar(&c.clear, "clear", false, "switch off those that are on, before")
	fault.ValidArgsFunction = completeFault
	insert := c.command(control.Insert+" [CARD]", "Put a card into an empty slot: this one, or the one that was there last", cobra.MaximumNArgs(1))
	swap := c.command(control.Swap+" [CARD]", "Take the card out and put this one in, or the same again", cobra.MaximumNArgs(1))
	insert.ValidArgsFunction, swap.ValidArgsFunction = completeOrder, completeOrder
	cmd.AddCommand(insert, c.command(control.Remove, "Pull the card out of a slot", cobra.NoArgs), swap, fault,
		c.command(control.Status, "Tell what is in the slots", cobra.NoArgs))
	return cmd
}

func (c *ctl) command(use, short string, args cobra.PositionalArgs) *cobra.Command {
	return &cobra.Command{Use: use, Short: short, Args: args, RunE: func(cmd *cobra.Command, args []string) error {
		return c.ask(cmd, c.request(cmd.Name(), args))
	}}
}

// request is what the arguments ask for. Files are named from the folder that the
// program was started in.
func (c *ctl) request(do string, args []string) control.Request {
	r := control.Request{Do: do, Slot: c.slot, Clear: c.clear}
	switch {
	case do == control.Fault:
		r.Faults = args
	case len(args) > 0:
		r.Card = absolute(args[0])
	}
	return r
}

func (c *ctl) ask(cmd *cobra.Command, r control.Request) error {
	if c.path == "" {
		return shell.Failed(shell.ExitUsage, "name the socket of the run with --control PATH")
	}
	reply, err := control.Ask(cmd.Context(), c.path, r)
	switch {
	case cmd.Context().Err() != nil:
		return shell.Failed(shell.ExitInterrupted, "interrupted; look with status what was done")
	case errors.Is(err, control.ErrNobody):
		return shell.Failed(shell.ExitUnavailable, "no cnie-sim is controlled through %s; start one with `cnie-sim run --control %s`", c.path, c.path)
	case err != nil:
		return shell.Failed(shell.ExitUnavailable, "%w; see whether cnie-sim still runs", err)
	case reply.Err() != nil:
		return &shell.Failure{Code: reply.Exit, Err: reply.Err()}
	}
	return c.tell(cmd.OutOrStdout(), reply)
}

func (c *ctl) tell(out io.Writer, reply control.Answer) error {
	if c.json {
		return json.NewEncoder(out).Encode(reply.Slots)
	}
	for _, s := range reply.Slots {
		if _, err := fmt.Fprintf(out, "Slot %d at %s: %s\n", s.Slot, s.At, described(s)); err != nil {
			return err
		}
	}
	return nil
}

func described(s control.Slot) string {
	if s.Card == "" {
		return "empty"
	}
	said := s.Card + ", not seen by the reader yet"
	if s.Seen {
		said = s.Card + ", seen by the reader"
	}
	said += fmt.Sprintf(", %d commands", s.Commands)
	if len(s.Faults) > 0 {
		said += ", faults " + strings.Join(s.Faults, " ")
	}
	return said
}
