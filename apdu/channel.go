package apdu

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// ErrLimit says that a card cost more than the session's Limits allow.
var ErrLimit = errors.New("the card exceeded the limits of a session")

// Limits bound what one session with a card may cost. Zero fields take the
// default.
type Limits struct {
	Commands int // exchanged APDUs; 4,000
	Received int // response bytes in all; 512 KiB
	Answer   int // bytes of one answer joined from 61xx pieces; 64 KiB + 256
}

// DefaultLimits are generous for every document and small for an attacker.
var DefaultLimits = Limits{Commands: 4000, Received: 512 << 10, Answer: 64<<10 + 256}

// Counters tell what a session has cost so far.
type Counters struct {
	APDUs    int `json:"apdus"`
	Sent     int `json:"bytes_sent"`
	Received int `json:"bytes_received"`
}

// Channel is the Transmitter at the bottom of the stack. It is not safe for
// concurrent use: a card answers one command at a time.
type Channel struct {
	link     Link
	extended bool
	limits   Limits
	trace    func(Exchange)
	counters Counters
	buffer   []byte
}

// Option changes a Channel when it is made.
type Option func(*Channel)

// WithExtendedLength lets the channel use the extended form. Without it, long
// commands are chained and Ne is cut to 256: ISO 7816-4 §5.2 makes the extended
// form a capability that a card must have announced.
func WithExtendedLength() Option { return func(c *Channel) { c.extended = true } }

// WithLimits replaces DefaultLimits, field by field.
func WithLimits(l Limits) Option {
	return func(c *Channel) {
		c.limits.Commands = positive(l.Commands, c.limits.Commands)
		c.limits.Received = positive(l.Received, c.limits.Received)
		c.limits.Answer = positive(l.Answer, c.limits.Answer)
	}
}

// WithTrace calls f after every exchanged APDU. An Exchange has no content.
func WithTrace(f func(Exchange)) Option { return func(c *Channel) { c.trace = f } }

func positive(n, otherwise int) int {
	if n > 0 {
		return n
	}
	return otherwise
}

// NewChannel makes a Channel over a link. Without options it stays within what
// every card can do: short length fields.
func NewChannel(link Link, options ...Option) *Channel {
	c := &Channel{link: link, limits: DefaultLimits}
	for _, option := range options {
		option(c)
	}
	return c
}

// ExtendedLength reports whether the channel may use the extended form.
func (c *Channel) ExtendedLength() bool { return c.extended }

// UseExtendedLength switches the extended form on or off, once a card has said
// what it takes or has refused it. A session of secure messaging must begin after.
func (c *Channel) UseExtendedLength(on bool) { c.extended = on }

// Replayed reports whether the link says that it plays a recording. Nobody else
// can say so, and nothing above it can take that back.
func (c *Channel) Replayed() bool {
	link, says := c.link.(interface{ Replayed() bool })
	return says && link.Replayed()
}

// Counters returns what was exchanged so far.
func (c *Channel) Counters() Counters { return c.counters }

// Transmit sends the command, as a chain if it must, and returns the whole
// answer, joined from its pieces if the card cut it.
func (c *Channel) Transmit(ctx context.Context, cmd Command) (Response, error) {
	if !c.extended {
		cmd.Ne = min(cmd.Ne, MaxShortNe)
		for len(cmd.Data) > MaxShortNc { // ISO 7816-4 §5.3.3: command chaining
			link := Command{CLA: cmd.CLA | CLAChaining, INS: cmd.INS, P1: cmd.P1, P2: cmd.P2, Data: cmd.Data[:MaxShortNc]}
			cmd.Data = cmd.Data[MaxShortNc:]
			if r, err := c.exchange(ctx, link); err != nil || !r.SW.OK() {
				return r, err
			}
		}
	}
	r, err := c.exchange(ctx, cmd)
	// Repeat once with the length that the card names. An answer with data is
	// whole, and under secure messaging its status word is only a copy.
	if err == nil && r.SW.SW1() == 0x6C && len(r.Data) == 0 && cmd.Ne > 0 {
		cmd.Ne = expected(int(r.SW.SW2()), MaxShortNe)
		r, err = c.exchange(ctx, cmd)
	}
	if err != nil || r.SW.SW1() != 0x61 {
		return r, err
	}
	return c.join(ctx, cmd.CLA, r)
}

// join collects the pieces of an answer with GET RESPONSE, ISO 7816-4 §5.3.4. It
// belongs to the transport below secure messaging: what was protected is the
// whole answer, and a card takes the command for the rest of it in the clear.
func (c *Channel) join(ctx context.Context, cla byte, r Response) (Response, error) {
	answer := append([]byte(nil), r.Data...)
	for r.SW.SW1() == 0x61 {
		ne := expected(int(r.SW.SW2()), MaxShortNe)
		next, err := c.exchange(ctx, Command{CLA: cla &^ (CLAChaining | CLASecureMessaging), INS: INSGetResponse, Ne: ne})
		if err != nil {
			return Response{}, err
		}
		if len(answer)+len(next.Data) > c.limits.Answer {
			return Response{}, fmt.Errorf("answer of more than %d bytes: %w", c.limits.Answer, ErrLimit)
		}
		answer, r = append(answer, next.Data...), next
	}
	return Response{Data: answer, SW: r.SW}, nil
}

// exchange sends one APDU, counts it and traces it.
func (c *Channel) exchange(ctx context.Context, cmd Command) (Response, error) {
	if c.counters.APDUs >= c.limits.Commands || c.counters.Received >= c.limits.Received {
		return Response{}, fmt.Errorf("%d commands, %d bytes: %w", c.counters.APDUs, c.counters.Received, ErrLimit)
	}
	raw, err := cmd.Append(c.buffer[:0], cmd.Extended())
	if err != nil {
		return Response{}, err
	}
	c.buffer = raw
	start := time.Now()
	answer, err := c.link.TransmitRaw(ctx, raw)
	clear(raw) // a command may carry a secret
	if err != nil {
		return Response{}, fmt.Errorf("transmit: %w", err)
	}
	c.counters.APDUs++
	c.counters.Sent += len(raw)
	c.counters.Received += len(answer)
	r, err := ParseResponse(answer)
	if err == nil && c.trace != nil {
		c.trace(newExchange(cmd, r, len(raw), time.Since(start)))
	}
	return r, err
}
