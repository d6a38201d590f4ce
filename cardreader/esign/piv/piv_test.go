package piv_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"cnie/apdu"
	"cnie/cardreader"
	"cnie/cardreader/esign"
	"cnie/cardreader/esign/esigntest"
	"cnie/cardreader/esign/piv"
	"cnie/simulator"
	"cnie/simulator/persona"
	pretend "cnie/simulator/piv"
)

const pin = "123456"

// desk is one reader in this process, and a card that can be changed.
type desk struct {
	t      testing.TB
	system *simulator.System
	wire   *esigntest.Wire
	app    *pretend.Applet
	chip   *simulator.Chip
	held   cardreader.Card
}

const reader = "Simulated 00"

func newDesk(t testing.TB, contents *pretend.Contents, options ...pretend.Option) *desk {
	d := &desk{t: t, system: simulator.NewSystem("Simulated", nil), wire: &esigntest.Wire{}}
	d.put(contents, options...)
	return d
}

// put makes a card of these contents and lays it on the reader.
func (d *desk) put(contents *pretend.Contents, options ...pretend.Option) {
	d.app = pretend.New(contents, options...)
	d.chip = simulator.New(&persona.Card{BAC: true}, simulator.WithApplet(d.app), simulator.WithWire(d.wire.Wrap))
	d.insert()
}

func (d *desk) insert() { require.NoError(d.t, d.system.Insert(reader, d.chip)) }

// channel connects to the card, as the only one.
func (d *desk) channel() *apdu.Channel {
	d.t.Helper()
	if d.held != nil {
		require.NoError(d.t, d.held.Close())
	}
	var err error
	d.held, err = d.system.Connect(d.t.Context(), reader)
	require.NoError(d.t, err)
	return apdu.NewChannel(d.held)
}

func (d *desk) open(t testing.TB, o esign.Options) *esign.Token {
	t.Helper()
	token, err := piv.Open(t.Context(), d.channel(), o)
	require.NoError(t, err)
	return token
}

func (d *desk) key(slot string, o esign.Options) *esign.Key {
	d.t.Helper()
	keys, err := d.open(d.t, o).Keys(d.t.Context())
	require.NoError(d.t, err)
	for _, key := range keys {
		if key.Description().Slot == slot {
			return key
		}
	}
	require.Fail(d.t, "no such key", slot)
	return nil
}

func specimen(t testing.TB, keys map[pretend.Slot]pretend.Algorithm) *pretend.Contents {
	t.Helper()
	contents, err := pretend.Specimen("SPECIMEN AMINA", keys)
	require.NoError(t, err)
	return contents
}

// The contract, with every algorithm in the place where it matters most.
func TestContract(t *testing.T) {
	names := map[pretend.Algorithm]string{pretend.RSA2048: "RSA-2048", pretend.RSA3072: "RSA-3072", pretend.P256: "P-256", pretend.P384: "P-384"}
	for i, keys := range []map[pretend.Slot]pretend.Algorithm{
		{pretend.Signature: pretend.P256, pretend.Authentication: pretend.RSA2048, pretend.KeyManagement: pretend.RSA3072, pretend.CardAuthentication: pretend.P384, 0x82: pretend.P256, 0x95: pretend.P384},
		{pretend.Signature: pretend.RSA3072, pretend.Authentication: pretend.P384, pretend.CardAuthentication: pretend.P256},
	} {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			contents := specimen(t, keys)
			d := newDesk(t, contents)
			listed := map[string]string{}
			for slot, algorithm := range keys {
				listed[slot.String()] = names[algorithm]
			}
			esigntest.Run(t, esigntest.Bench{
				Open: d.open, Keys: listed, Always: "9C", Once: "9A", Never: "9E", PIN: pin,
				Left: func() int { return d.app.Contents().PIN.Left }, Refill: func() { d.put(contents) },
				Wire: d.wire, Pull: func() { require.NoError(t, d.system.Remove(reader)) }, Insert: d.insert,
			})
		})
	}
}
