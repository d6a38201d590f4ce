package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"cnie/apdu"
	"cnie/cardreader/emrtd"
	"cnie/cardreader/emrtd/access"
)

// unblocking is one run of `cnie card unblock`.
type unblocking struct {
	*program
	reader     string
	useLastTry bool
	wait       time.Duration
	caps
}

func (p *program) unblockCommand() *cobra.Command {
	u := &unblocking{program: p}
	c := &cobra.Command{
		Use: "unblock", Short: "Give a blocked PIN its tries back with the PUK", Args: noArguments,
		Long: "Open the card with its PUK and give the PIN its tries back; the PIN itself stays\n" +
			"as it is. The PUK is typed by its holder at a terminal, and taken from nowhere\n" +
			"else. Its own tries are counted too: the last is not spent without --use-last-try.\n\n" +
			"Exit codes: 0 done, 13 wrong or blocked PUK, 64 usage, 69 unavailable, 75 card\n" +
			"removed.",
		Example: "  cnie card unblock",
		RunE:    func(c *cobra.Command, _ []string) error { return u.run(c.Context()) },
	}
	f := c.Flags()
	f.StringVar(&u.reader, "reader", "", "use the reader whose name contains this `TEXT`")
	f.BoolVar(&u.useLastTry, "use-last-try", false, "give the PUK even when it would be blocked if it were wrong")
	f.DurationVar(&u.wait, "wait", 0, "wait so long for a card")
	u.caps.flags(f)
	return c
}

func (u *unblocking) run(ctx context.Context) error {
	if err := u.caps.check(); err != nil {
		return err
	}
	who := u.sitting()
	if who == nil {
		return typedOnly("PUK")
	}
	left, err := u.tries(ctx, u.reader, u.wait, access.KindPUK, u.caps)
	var refusal *access.PasswordError
	last := errors.As(err, &refusal) && refusal.State == access.PasswordLastTry
	if err != nil && (!last || !u.useLastTry) {
		return err
	}
	puk, err := ask(ctx, who, access.KindPUK, left)
	if err != nil {
		return err
	}
	if err := u.unblock(ctx, puk); err != nil {
		return err
	}
	_, err = fmt.Fprintln(u.lines(), "The PIN has its tries back.")
	return err
}

func (u *unblocking) unblock(ctx context.Context, puk access.Password) error {
	name, err := u.choose(ctx, u.reader, u.wait)
	if err != nil {
		return err
	}
	card, err := u.system.Connect(ctx, name)
	if err != nil {
		return err
	}
	defer card.Close()
	err = emrtd.UnblockPIN(ctx, u.channel(card, u.caps), emrtd.Options{
		Password: puk, SpendLastTry: u.useLastTry, Reset: card.Reset, Rand: u.random, Log: u.log(), Timeout: u.timeout,
	})
	var said *apdu.StatusError
	if errors.As(err, &said) && said.SW == apdu.StatusConditionsOfUse {
		return &failure{code: exitWrongPassword, sentence: "the PUK has unblocked as often as it may; only the holder's authority can help", cause: err}
	}
	if err != nil {
		return errors.Join(err, ctx.Err())
	}
	return nil
}
