package main

import (
	"context"
	"errors"
	"time"

	"github.com/spf13/pflag"

	"cnie/apdu"
	"cnie/cardreader"
	"cnie/cardreader/emrtd"
)

// caps bound what one card may cost, whatever it does.
type caps struct {
	commands, bytes int
	timeout         time.Duration
}

func (c *caps) flags(f *pflag.FlagSet) {
	f.IntVar(&c.commands, "max-apdus", apdu.DefaultLimits.Commands, "give a card up that takes more commands than this")
	f.IntVar(&c.bytes, "max-bytes", apdu.DefaultLimits.Received, "give a card up that answers with more bytes than this in all")
	f.DurationVar(&c.timeout, "timeout", emrtd.DefaultTimeout, "give a card up that takes longer than this to read")
}

func (c *caps) check() error {
	switch {
	case c.timeout <= 0:
		return usage("--timeout takes a time such as 30s")
	case c.commands <= 0:
		return usage("--max-apdus takes a number of commands, at least 1")
	case c.bytes <= 0:
		return usage("--max-bytes takes a number of bytes, at least 1")
	}
	return nil
}

// channel is the transmitter on top of a card.
func (p *program) channel(card cardreader.Card, c caps) *apdu.Channel {
	log := p.log()
	channel := apdu.NewChannel(card,
		apdu.WithLimits(apdu.Limits{Commands: c.commands, Received: c.bytes}),
		apdu.WithTrace(func(e apdu.Exchange) { log.Debug("apdu", "exchange", e) }))
	channel.UseExtendedLength(card.ATR().ExtendedLength())
	return channel
}

// tries asks the card how its PIN or PUK stands, before a person is.
func (p *program) tries(ctx context.Context, reader string, wait time.Duration, kind string, c caps) (left int, err error) {
	name, err := p.choose(ctx, reader, wait)
	if err != nil {
		return -1, err
	}
	card, err := p.system.Connect(ctx, name)
	if err != nil {
		return -1, err
	}
	defer card.Close()
	left, err = emrtd.Tries(ctx, p.channel(card, c), kind, emrtd.Options{Reset: card.Reset, Log: p.log(), Timeout: c.timeout})
	if err != nil {
		return left, errors.Join(err, ctx.Err())
	}
	return left, nil
}
