package main

import (
	"context"
	"errors"
	"time"

	"github.com/spf13/cobra"

	"cnie/cardreader/emrtd"
	"cnie/cardreader/emrtd/access"
	"cnie/lds"
	"cnie/lds/cardspec"
)

// survey is one run of `cnie card inspect`.
type survey struct {
	*program
	reader, can, mrz, spec string
	allowBAC, asJSON       bool
	wait                   time.Duration
	caps
}

func (p *program) cardCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "card", Short: "Look at a card itself, not at its holder", Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(p.inspectCommand(), p.unblockCommand())
	return c
}

func (p *program) inspectCommand() *cobra.Command {
	s := &survey{program: p}
	c := &cobra.Command{
		Use: "inspect", Short: "Say what a card offers, without reading its holder's data", Args: noArguments,
		Long: "Say what a card offers to anybody who lays it on a reader: its answer to reset, the\n" +
			"protocols that open it, the files that need no key and their sizes, how long its\n" +
			"commands may be, its applications. With the CAN or the MRZ the card is opened, and\n" +
			"EF.SOD is read for the list of data groups; none of these is read, so that nothing\n" +
			"about the holder is.\n\n" +
			"With --spec, what the card shows stands beside what is said of its kind, with how\n" +
			"well that is founded. A card that differs is no forgery: the statement may be wrong.\n\n" +
			"Exit codes: 0 done, 13 wrong CAN or MRZ, 64 usage, 69 unavailable, 75 card removed.",
		Example: "  cnie card inspect\n  cnie card inspect --can 123456 --spec cnie2 --json",
		RunE:    func(c *cobra.Command, _ []string) error { return s.run(c.Context()) },
	}
	f := c.Flags()
	f.StringVar(&s.reader, "reader", "", "use the reader whose name contains this `TEXT`")
	f.StringVar(&s.can, "can", "", "open the card with the CAN, six digits on its front")
	f.StringVar(&s.mrz, "mrz", "", "open the card with the machine-readable zone, `LINES` in one")
	f.BoolVar(&s.allowBAC, "allow-bac", false, "open cards that offer no PACE by the weaker Basic Access Control")
	f.StringVar(&s.spec, "spec", "", "compare with what is said of a kind of card: cnie2, passport or residence")
	f.BoolVar(&s.asJSON, "json", false, "print JSON")
	f.DurationVar(&s.wait, "wait", 0, "wait so long for a card")
	s.caps.flags(f)
	return c
}

func (s *survey) run(ctx context.Context) error {
	if err := s.caps.check(); err != nil {
		return err
	}
	password, err := s.password()
	if err != nil {
		return err
	}
	var spec cardspec.Spec
	if s.spec != "" {
		if spec, err = cardspec.ByName(s.spec); err != nil {
			return usage("--spec takes cnie2, passport or residence")
		}
	}
	name, err := s.choose(ctx, s.reader, s.wait)
	if err != nil {
		return err
	}
	shown, err := s.look(ctx, name, password)
	if err != nil {
		return err
	}
	if s.spec != "" {
		shown.Comparison = compared(spec, shown)
	}
	if s.asJSON {
		return s.printJSON(shown)
	}
	return shown.text(s.lines())
}

// password is the zero value when the card is not to be opened.
func (s *survey) password() (access.Password, error) {
	switch {
	case s.can != "" && s.mrz != "":
		return access.Password{}, usage("give --can or --mrz; one way to open the card is enough")
	case s.mrz != "":
		zone, err := lds.ParseMRZ(s.mrz)
		if err != nil {
			return access.Password{}, usage("--mrz is not a whole machine-readable zone: %v; compare it with the card", err)
		}
		return access.MRZ(zone.Key())
	case s.can != "":
		return access.CAN(s.can)
	}
	return access.Password{}, nil
}

// look connects to the card and inspects it.
func (s *survey) look(ctx context.Context, reader string, password access.Password) (*cardShown, error) {
	capacity := s.capacity(ctx, reader)
	card, err := s.system.Connect(ctx, reader)
	if err != nil {
		return nil, err
	}
	defer card.Close()
	atr := card.ATR()
	offer, err := emrtd.Inspect(ctx, s.channel(card, s.caps), emrtd.Options{
		Password: password, AllowBAC: s.allowBAC, ATR: atr, MaxData: capacity, Reset: card.Reset, Rand: s.random, Log: s.log(), Timeout: s.timeout,
	})
	if err != nil {
		return nil, errors.Join(err, ctx.Err())
	}
	return shownOf(reader, atr, capacity, offer), nil
}

// compared sets the card against its specification.
func compared(spec cardspec.Spec, shown *cardShown) *comparison {
	seen := cardspec.Seen{ATR: shown.ATR, PACE: len(shown.PACE) > 0}
	for _, f := range shown.Files {
		seen.Open = append(seen.Open, f.File)
	}
	if shown.Opened != nil {
		seen.Listed = append([]lds.File{}, shown.Opened.Groups...)
		if len(seen.Listed) == 0 {
			seen.Listed = nil // EF.SOD could not be read
		}
	}
	c := &comparison{Spec: spec.Name, Title: spec.Title}
	for _, f := range spec.Compare(seen) {
		c.Findings = append(c.Findings, comparedField{f.Field, f.Mark.String(), f.Said, f.Seen, f.Fits})
	}
	return c
}
