package main

import (
	"context"
	"errors"
	"time"

	"cnie/apdu"
	"cnie/cardreader"
	"cnie/cardreader/emrtd"
	"cnie/cardreader/emrtd/access"
	"cnie/lds"
	"cnie/pki"
)

// reading is what came of one card.
type reading struct {
	started  time.Time
	evidence *pki.Evidence
	atr      cardreader.ATR
	counters apdu.Counters
	timing   timing
}

// readCard connects to the card and reads it.
func (v *verification) readCard(ctx context.Context, k keys, terminal *access.Terminal, files []lds.File) (*reading, error) {
	name, err := v.choose(ctx, v.reader, v.wait)
	if err != nil {
		return nil, err
	}
	r := &reading{started: time.Now()}
	capacity := v.capacity(ctx, name)
	card, err := v.system.Connect(ctx, name)
	if err != nil {
		return nil, err
	}
	defer card.Close()
	r.atr, r.timing.Connect = card.ATR(), since(r.started)

	channel := v.channel(card, v.caps)
	progress := v.newProgress(r)
	defer progress.done()
	r.evidence, err = emrtd.Read(ctx, channel, emrtd.Options{
		Password: k.password, CAN: k.can, SpendLastTry: k.spend, Terminal: terminal,
		Files: files, AllowBAC: v.allowBAC, Challenge: v.evidence.challenge,
		ATR: r.atr, MaxData: capacity, Reset: card.Reset, Rand: v.random, Log: v.log(), Progress: progress.update, Timeout: v.timeout,
	})
	progress.done()
	r.counters = channel.Counters()
	if err != nil {
		return nil, errors.Join(err, ctx.Err())
	}
	r.evidence.ATR = r.atr
	return r, nil
}

// capacity asks the reader how many bytes of data fit one APDU: 0 when it does not
// say, or nobody can ask it.
func (p *program) capacity(ctx context.Context, reader string) int {
	system, can := p.system.(interface {
		MaxData(ctx context.Context, reader string) (int, error)
	})
	if !can {
		return 0
	}
	n, err := system.MaxData(ctx, reader)
	if err != nil { // whatever is wrong will show when the card is asked
		return 0
	}
	return n
}
