//go:build cgo

package esigntest_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/cardreader/esign/esigntest"
	"cnie/cardreader/pcsc"
	"cnie/simulator"
	"cnie/simulator/persona"
	pretend "cnie/simulator/piv"
	"cnie/simulator/vpcd"
)

// poll is how often the virtual reader looks for its card.
const poll = 400 * time.Millisecond

// card lies in a virtual reader of a real PC/SC service. Its chip can be exchanged
// behind the reader's back, as if time had gone by.
type card struct {
	t        testing.TB
	contents *pretend.Contents
	options  []pretend.Option
	reader   string
	address  string
	wire     *esigntest.Wire

	mu   sync.Mutex
	app  *pretend.Applet
	chip *simulator.Chip
	stop context.CancelFunc
	gone chan struct{}
}

// The methods of vpcd.Card.
func (c *card) ATR() []byte                    { return c.current().ATR() }
func (c *card) Power(on bool)                  { c.current().Power(on) }
func (c *card) Reset()                         { c.current().Reset() }
func (c *card) Transmit(command []byte) []byte { return c.current().Transmit(command) }

func (c *card) current() *simulator.Chip {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.chip
}

// refill makes the card what it was at first.
func (c *card) refill() {
	document := document(c.t)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.app = pretend.New(c.contents, c.options...)
	c.chip = simulator.New(document, simulator.WithApplet(c.app), simulator.WithWire(c.wire.Wrap))
}

// document is the travel document of a card, with the answer to reset.
func document(t testing.TB) *persona.Card {
	citizen, err := persona.Load("specimen")
	require.NoError(t, err)
	document, err := citizen.Card()
	require.NoError(t, err)
	return document
}

func (c *card) left() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.app.Contents().PIN.Left
}

func (c *card) insert() {
	ctx, stop := context.WithCancel(context.Background())
	gone := make(chan struct{})
	c.stop, c.gone = stop, gone
	go func() {
		defer close(gone)
		assert.NoError(c.t, vpcd.Serve(ctx, c.address, c))
	}()
	c.await(true)
}

// remove takes the card out, and waits until that has been noticed.
func (c *card) remove() {
	c.stop()
	<-c.gone
	c.await(false)
	time.Sleep(2 * poll) // one that comes back sooner is not seen as another
}

// pull is remove out of a command: the reader gets no answer.
func (c *card) pull() {
	go c.stop()
	time.Sleep(50 * time.Millisecond)
}

func (c *card) await(there bool) {
	require.Eventually(c.t, func() bool {
		readers, err := pcsc.New().Readers(context.Background())
		if err != nil {
			return false
		}
		for _, r := range readers {
			if r.Name == c.reader {
				return r.HasCard == there
			}
		}
		return false
	}, 10*time.Second, 20*time.Millisecond)
}
