package vpcd

import (
	"bytes"
	"context"
	"encoding/binary"
	"io"
	"net"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// recorder notes what it was told and answers with what it was given.
type recorder struct {
	log      []string
	response []byte
}

func (r *recorder) ATR() []byte { return []byte{0x3B, 0x80} }
func (r *recorder) Reset()      { r.log = append(r.log, "reset") }
func (r *recorder) Power(on bool) {
	r.log = append(r.log, map[bool]string{true: "on", false: "off"}[on])
}
func (r *recorder) Transmit(c []byte) []byte {
	r.log = append(r.log, "apdu")
	if r.response != nil {
		return r.response
	}
	return append(bytes.Clone(c), 0x90, 0x00)
}

// session runs Serve against a reader that the test plays.
func session(t *testing.T, card Card, play func(conn net.Conn)) error {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	served := make(chan error, 1)
	go func() { served <- Serve(t.Context(), l.Addr().String(), card) }()
	conn, err := l.Accept()
	require.NoError(t, err)
	require.NoError(t, conn.SetDeadline(time.Now().Add(5*time.Second)))
	play(conn)
	require.NoError(t, conn.Close())
	return <-served
}

func send(t *testing.T, conn net.Conn, content ...byte) {
	t.Helper()
	_, err := conn.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(content))), content...))
	require.NoError(t, err)
}

func receive(t *testing.T, conn net.Conn) []byte {
	t.Helper()
	header := make([]byte, 2)
	_, err := io.ReadFull(conn, header)
	require.NoError(t, err)
	content := make([]byte, binary.BigEndian.Uint16(header))
	_, err = io.ReadFull(conn, content)
	require.NoError(t, err)
	return content
}

func TestOrdersAndCommands(t *testing.T) {
	card := &recorder{}
	err := session(t, card, func(conn net.Conn) {
		send(t, conn, 1)
		send(t, conn, 4)
		assert.Equal(t, []byte{0x3B, 0x80}, receive(t, conn))
		send(t, conn, 2)
		for _, n := range []int{4, 5, 261, 65533} {
			command := bytes.Repeat([]byte{7}, n)
			send(t, conn, command...)
			assert.Equal(t, append(command, 0x90, 0x00), receive(t, conn))
		}
		send(t, conn, 0)
	})
	assert.ErrorContains(t, err, "closed the connection")
	assert.Equal(t, strings.Fields("on reset apdu apdu apdu apdu off off"), card.log)
}

// The kernel may deliver a frame in any pieces.
func TestFramesInPieces(t *testing.T) {
	_ = session(t, &recorder{}, func(conn net.Conn) {
		for _, b := range []byte{0, 4, 0, 0xA4, 0, 0, 0, 1} {
			_, err := conn.Write([]byte{b})
			require.NoError(t, err)
			time.Sleep(time.Millisecond)
		}
		assert.Equal(t, []byte{0, 0xA4, 0, 0, 0x90, 0}, receive(t, conn))
		_, err := conn.Write([]byte{4})
		require.NoError(t, err)
		assert.Equal(t, []byte{0x3B, 0x80}, receive(t, conn))
	})
}

func TestUnframableAnswers(t *testing.T) {
	for _, response := range [][]byte{{}, {0x90}, make([]byte, 65536), make([]byte, 1<<20)} {
		_ = session(t, &recorder{response: response}, func(conn net.Conn) {
			send(t, conn, 0, 0xA4, 0, 0)
			assert.Equal(t, []byte{0x6F, 0x00}, receive(t, conn), "%d bytes", len(response))
		})
	}
	longest := make([]byte, 65535)
	_ = session(t, &recorder{response: longest}, func(conn net.Conn) {
		send(t, conn, 0, 0xA4, 0, 0)
		assert.Equal(t, longest, receive(t, conn))
	})
}

func TestBrokenReader(t *testing.T) {
	for name, c := range map[string]struct {
		sent []byte
		want string
	}{
		"no bytes":      {[]byte{0, 0}, "no bytes"},
		"unknown order": {[]byte{0, 1, 9}, "unknown order 9"},
		"cut header":    {[]byte{0}, "unexpected EOF"},
		"cut content":   {[]byte{0, 9, 1, 2}, "unexpected EOF"},
	} {
		t.Run(name, func(t *testing.T) {
			card := &recorder{}
			err := session(t, card, func(conn net.Conn) {
				_, err := conn.Write(c.sent)
				require.NoError(t, err)
			})
			assert.ErrorContains(t, err, c.want)
			assert.Equal(t, []string{"off"}, card.log)
		})
	}
}

func TestNobodyListens(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	addr := l.Addr().String()
	require.NoError(t, l.Close())
	err = Serve(t.Context(), addr, &recorder{})
	assert.ErrorIs(t, err, syscall.ECONNREFUSED)
	assert.ErrorContains(t, err, addr)
}

func TestEndsWithContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	served := make(chan error, 1)
	go func() { served <- Serve(ctx, l.Addr().String(), &recorder{}) }()
	_, err = l.Accept()
	require.NoError(t, err)
	cancel()
	assert.NoError(t, <-served)
}

// Debian's driver sends length and content apart, with Nagle's algorithm on.
func TestNoStallOnSplitFrames(t *testing.T) {
	if quickAck == nil {
		t.Log("this system cannot be asked for immediate acknowledgements; the bound below is that of delayed ones")
	}
	_ = session(t, &recorder{}, func(conn net.Conn) {
		require.NoError(t, conn.(*net.TCPConn).SetNoDelay(false))
		start := time.Now()
		const rounds = 50
		for range rounds {
			for _, part := range [][]byte{{0, 4}, {0, 0xA4, 0, 0}} {
				_, err := conn.Write(part)
				require.NoError(t, err)
			}
			receive(t, conn)
		}
		limit := 10 * time.Millisecond
		if quickAck == nil {
			limit = time.Second
		}
		assert.Less(t, time.Since(start)/rounds, limit)
	})
}
