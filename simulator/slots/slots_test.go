package slots_test

import (
	"context"
	"encoding/binary"
	"io"
	"net"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/apdu"
	"cnie/cardreader"
	"cnie/cardreader/emrtd"
	"cnie/cardreader/emrtd/access"
	"cnie/lds"
	"cnie/simulator"
	"cnie/simulator/persona"
	"cnie/simulator/slots"
	"cnie/simulator/vpcd"
)

// mark is a card that answers with its number, after doing something.
type mark struct {
	number byte
	act    func()
	powers atomic.Int32 // how often it was switched off
	inside atomic.Int32 // commands under way
	most   atomic.Int32
}

func (m *mark) ATR() []byte { return []byte{0x3B, m.number} }
func (m *mark) Reset()      {}
func (m *mark) Power(on bool) {
	if !on {
		m.powers.Add(1)
	}
}
func (m *mark) Transmit([]byte) []byte {
	m.most.Store(max(m.most.Load(), m.inside.Add(1)))
	defer m.inside.Add(-1)
	if m.act != nil {
		m.act()
	}
	return []byte{m.number, 0x90, 0x00}
}

var command = []byte{0, 0xB0, 0, 0}

// run runs a slot for the rest of the test.
func run(t *testing.T, s *slots.Slot) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	require.NoError(t, s.Open(ctx))
	go func() { done <- s.Run(ctx) }()
	t.Cleanup(func() { cancel(); assert.NoError(t, <-done) })
}

func listen(t *testing.T) *net.TCPListener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	return l.(*net.TCPListener)
}

func TestTornInsideACommand(t *testing.T) {
	l := listen(t)
	slot := slots.Listener(l)
	other := &mark{number: 2}
	torn := &mark{number: 1, act: func() { slot.Remove(); slot.Insert(other) }}
	slot.Insert(torn)
	run(t, slot)
	client, err := vpcd.Dial(t.Context(), l.Addr().String())
	require.NoError(t, err)
	defer client.Close()
	_, err = client.TransmitRaw(t.Context(), command)
	require.ErrorIs(t, err, cardreader.ErrCardRemoved, "the answer that was ready must not get through")
	again, err := vpcd.Dial(t.Context(), l.Addr().String())
	require.NoError(t, err)
	defer again.Close()
	assert.Equal(t, cardreader.ATR{0x3B, 2}, again.ATR())
	answer, err := again.TransmitRaw(t.Context(), command)
	require.NoError(t, err)
	assert.Equal(t, []byte{2, 0x90, 0x00}, answer)
	assert.EqualValues(t, 1, torn.powers.Load())
	assert.True(t, slot.Occupied())
}

// A pull does not wait for the card to finish, and the card, put back, finishes
// first.
func TestPulledFromASlowCard(t *testing.T) {
	l := listen(t)
	slot := slots.Listener(l)
	begun, release := make(chan struct{}), make(chan struct{})
	slow := &mark{number: 1}
	slow.act = func() { close(begun); <-release; slow.act = nil }
	slot.Insert(slow)
	run(t, slot)
	client, err := vpcd.Dial(t.Context(), l.Addr().String())
	require.NoError(t, err)
	defer client.Close()
	asked := make(chan error, 1)
	go func() {
		_, err := client.TransmitRaw(t.Context(), command)
		asked <- err
	}()
	<-begun
	require.True(t, slot.Remove())
	require.False(t, slot.Remove())
	require.ErrorIs(t, <-asked, cardreader.ErrCardRemoved, "at once, though the card still computes")
	slot.Insert(nil)
	time.AfterFunc(50*time.Millisecond, func() { close(release) })
	client, err = vpcd.Dial(t.Context(), l.Addr().String())
	require.NoError(t, err)
	defer client.Close()
	_, err = client.TransmitRaw(t.Context(), command)
	require.NoError(t, err)
	assert.EqualValues(t, 1, slow.most.Load(), "one command at a time")
}

// pcsc is as much of a virtual reader as a slot can tell.
type pcsc struct {
	t *testing.T
	l *net.TCPListener
}

// card accepts the next card and returns its ATR.
func (p pcsc) card() (net.Conn, []byte) {
	p.t.Helper()
	require.NoError(p.t, p.l.SetDeadline(time.Now().Add(10*time.Second)))
	conn, err := p.l.Accept()
	require.NoError(p.t, err)
	p.t.Cleanup(func() { _ = conn.Close() })
	require.NoError(p.t, conn.SetDeadline(time.Now().Add(10*time.Second)))
	_, err = conn.Write([]byte{0, 1, 4})
	require.NoError(p.t, err)
	head := make([]byte, 2)
	_, err = io.ReadFull(conn, head)
	require.NoError(p.t, err)
	atr := make([]byte, binary.BigEndian.Uint16(head))
	_, err = io.ReadFull(conn, atr)
	require.NoError(p.t, err)
	return conn, atr
}

func gone(t *testing.T, conn net.Conn) time.Time {
	t.Helper()
	_, err := conn.Read(make([]byte, 1))
	require.Error(t, err)
	return time.Now()
}

func TestReader(t *testing.T) {
	p := pcsc{t, listen(t)}
	slot := slots.Reader(p.l.Addr().String())
	one, two := &mark{number: 1}, &mark{number: 2}
	slot.Insert(one)
	run(t, slot)
	conn, atr := p.card()
	assert.Equal(t, []byte{0x3B, 1}, atr)
	assert.True(t, slot.Seen(t.Context()))

	slot.Insert(two) // takes the other one out
	out := gone(t, conn)
	over, cancel := context.WithCancel(t.Context())
	cancel()
	assert.False(t, slot.Seen(over), "nobody has asked for this card yet")
	conn, atr = p.card()
	assert.Equal(t, []byte{0x3B, 2}, atr)
	assert.GreaterOrEqual(t, time.Since(out), 800*time.Millisecond, "the reader must have looked twice")

	require.True(t, slot.Remove())
	gone(t, conn)
	assert.False(t, slot.Seen(t.Context()), "there is no card to see")
	slot.Insert(nil)
	_, atr = p.card()
	assert.Equal(t, []byte{0x3B, 2}, atr, "the one that was there last")
}

func TestReaderGone(t *testing.T) {
	p := pcsc{t, listen(t)}
	slot := slots.Reader(p.l.Addr().String())
	slot.Insert(&mark{number: 1})
	done := make(chan error, 1)
	go func() { done <- slot.Run(t.Context()) }()
	conn, _ := p.card()
	require.NoError(t, conn.Close())
	assert.ErrorIs(t, <-done, vpcd.ErrReaderClosed)

	require.NoError(t, p.l.Close())
	for _, slot := range []*slots.Slot{slots.Reader(p.l.Addr().String()), slot} {
		assert.ErrorIs(t, slot.Open(t.Context()), syscall.ECONNREFUSED)
	}
}

// A slot that nothing is ever put into ends with the others.
func TestEmptyReader(t *testing.T) {
	p := pcsc{t, listen(t)}
	slot := slots.Reader(p.l.Addr().String())
	run(t, slot)
	conn, err := p.l.Accept()
	require.NoError(t, err)
	defer conn.Close()
	gone(t, conn) // it was looked for only
	slot.Insert(&mark{number: 3})
	_, atr := p.card()
	assert.Equal(t, []byte{0x3B, 3}, atr)
}

// A whole travel document is read without PC/SC, by what reads real ones.
func TestReadOverTCP(t *testing.T) {
	p, err := persona.Load("specimen")
	require.NoError(t, err)
	card, err := p.Card()
	require.NoError(t, err)
	l := listen(t)
	slot := slots.Listener(l)
	slot.Insert(simulator.New(card))
	run(t, slot)
	client, err := vpcd.Dial(t.Context(), l.Addr().String())
	require.NoError(t, err)
	defer client.Close()
	can, err := access.CAN(card.CAN)
	require.NoError(t, err)
	evidence, err := emrtd.Read(t.Context(), apdu.NewChannel(client), emrtd.Options{Password: can, Files: []lds.File{lds.DG1, lds.DG2}})
	require.NoError(t, err)
	assert.Equal(t, card.Files[lds.DG2], evidence.Files[lds.DG2])
	assert.Equal(t, card.Files[lds.SOD], evidence.Files[lds.SOD])
}
