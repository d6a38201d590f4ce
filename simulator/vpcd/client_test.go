package vpcd_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"log"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/cardreader"
	"cnie/simulator"
	"cnie/simulator/persona"
	"cnie/simulator/slots"
	"cnie/simulator/vpcd"
)

// playing listens with a card for the rest of the test.
func playing(t testing.TB, card vpcd.Card) (addr string, slot *slots.Slot) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	slot = slots.Listener(l.(*net.TCPListener))
	if card != nil {
		slot.Insert(card)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- slot.Run(ctx) }()
	t.Cleanup(func() { cancel(); assert.NoError(t, <-done) })
	return l.Addr().String(), slot
}

func chip(t testing.TB, options ...simulator.Option) *simulator.Chip {
	t.Helper()
	p, err := persona.Load("specimen")
	require.NoError(t, err)
	card, err := p.Card()
	require.NoError(t, err)
	return simulator.New(card, options...)
}

var readAccess = []byte{0x00, 0xB0, 0x9C, 0x00, 0x02} // EF.CardAccess, which is free to read

func TestClient(t *testing.T) {
	addr, slot := playing(t, chip(t))
	client, err := vpcd.Dial(t.Context(), addr)
	require.NoError(t, err)
	assert.Equal(t, "3B85800180738421C092", client.ATR().String())
	for range 2 {
		answer, err := client.TransmitRaw(t.Context(), readAccess)
		require.NoError(t, err)
		assert.Equal(t, []byte{0x31, 0x14, 0x90, 0x00}, answer)
		require.NoError(t, client.Reset(t.Context()))
	}
	for _, n := range []int{0, 3, 65536} {
		_, err := client.TransmitRaw(t.Context(), make([]byte, n))
		assert.Error(t, err, n)
	}
	require.True(t, slot.Remove())
	_, err = client.TransmitRaw(t.Context(), readAccess)
	require.ErrorIs(t, err, cardreader.ErrCardRemoved)
	require.ErrorIs(t, client.Reset(t.Context()), cardreader.ErrCardRemoved)
	require.NoError(t, client.Close())
	require.NoError(t, client.Close())

	_, err = vpcd.Dial(t.Context(), addr)
	require.ErrorIs(t, err, cardreader.ErrNoCard)
	slot.Insert(nil)
	client, err = vpcd.Dial(t.Context(), addr)
	require.NoError(t, err)
	require.NoError(t, client.Close())
	_, err = client.TransmitRaw(t.Context(), readAccess)
	assert.ErrorContains(t, err, "the connection is closed")
	_, err = vpcd.Dial(t.Context(), "127.0.0.1:1")
	assert.ErrorIs(t, err, cardreader.ErrNoReader)
}

// The selection of an application does not outlive a reset, nor the connection.
func TestClientEndsSessions(t *testing.T) {
	addr, _ := playing(t, chip(t))
	selects, inside := []byte{0x00, 0xA4, 0x04, 0x0C, 0x07, 0xA0, 0, 0, 2, 0x47, 0x10, 1}, []byte{0x00, 0xB0, 0x81, 0x00, 0x00}
	var client *vpcd.Client
	ask := func(command []byte) string {
		t.Helper()
		answer, err := client.TransmitRaw(t.Context(), command)
		require.NoError(t, err)
		return fmt.Sprintf("%X", answer)
	}
	for _, end := range []func(){
		func() { require.NoError(t, client.Reset(t.Context())) },
		func() { require.NoError(t, client.Close()); client = dial(t, addr) },
	} {
		client = dial(t, addr)
		require.Equal(t, "9000", ask(selects))
		require.Equal(t, "6982", ask(inside))
		end()
		require.Equal(t, "6A82", ask(inside), "the master file has no EF.DG1")
		require.NoError(t, client.Close())
	}
}

func dial(t *testing.T, addr string) *vpcd.Client {
	t.Helper()
	client, err := vpcd.Dial(t.Context(), addr)
	require.NoError(t, err)
	return client
}

// A caller who gave up must not get the answer in place of the next one.
func TestClientGivesUp(t *testing.T) {
	release := make(chan struct{})
	addr, _ := playing(t, chip(t, simulator.WithWire(func(next func([]byte) []byte) func([]byte) []byte {
		return func(command []byte) []byte { <-release; return next(command) }
	})))
	defer close(release)
	client := dial(t, addr)
	defer client.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
	defer cancel()
	_, err := client.TransmitRaw(ctx, readAccess)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	_, err = client.TransmitRaw(t.Context(), readAccess)
	assert.ErrorContains(t, err, "the connection is closed")
}

// FuzzClient is a client at a simulator that says anything.
func FuzzClient(f *testing.F) {
	f.Add([]byte{0, 2, 0x3B, 0x80, 0, 2, 0x90, 0x00})
	f.Add([]byte{0, 0})
	f.Add([]byte{0, 2, 0x3B, 0x80, 0xFF, 0xFF, 1})
	f.Fuzz(func(t *testing.T, said []byte) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		defer l.Close()
		go func() {
			if conn, err := l.Accept(); err == nil {
				_, _ = conn.Write(said)
				_ = conn.(*net.TCPConn).CloseWrite()
				_, _ = io.Copy(io.Discard, conn)
				_ = conn.Close()
			}
		}()
		client, err := vpcd.Dial(t.Context(), l.Addr().String())
		if err != nil {
			return
		}
		defer client.Close()
		n := int(binary.BigEndian.Uint16(said))
		require.Equal(t, said[2:2+n], []byte(client.ATR()))
		answer, err := client.TransmitRaw(t.Context(), readAccess)
		if err == nil {
			rest := said[2+n:]
			require.Equal(t, rest[2:2+binary.BigEndian.Uint16(rest)], answer)
		}
	})
}

// Without PC/SC: `cnie-sim run --listen 127.0.0.1:7000` in one terminal, and a
// program that reads the card in another. Here both are one.
func ExampleDial() {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	specimen, err := persona.Load("specimen")
	if err != nil {
		log.Fatal(err)
	}
	card, err := specimen.Card()
	if err != nil {
		log.Fatal(err)
	}
	slot := slots.Listener(l.(*net.TCPListener))
	slot.Insert(simulator.New(card))
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go slot.Run(ctx)

	client, err := vpcd.Dial(ctx, l.Addr().String())
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
	answer, err := client.TransmitRaw(ctx, []byte{0x00, 0xB0, 0x9C, 0x00, 0x02})
	fmt.Printf("%v %X %v\n", client.ATR(), answer, err)
	// Output: 3B85800180738421C092 31149000 <nil>
}
