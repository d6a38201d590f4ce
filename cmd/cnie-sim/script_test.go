package main

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"cnie/simulator/vpcd"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"cnie-sim": func() { os.Exit(mainCode()) }})
}

// TestScript runs every command and every error. The scripts' own commands:
//
//	reader            starts two virtual readers; their addresses are $READER and $READER1
//	apdu HEX ANSWER   sends a command to the card in $READER, powered on at first
//	eject             the reader closes the connection
//	unplugged         the card closes the connection
//	free NAME         finds an address where nobody listens
//	ask ADDR HEX ANSWER  sends a command to a card that listens, once it does
//	exits CODE ARG…   runs cnie-sim and wants this exit code
//	found PATTERN     wants a file whose name matches, not empty
func TestScript(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"reader": startReader, "apdu": sendAPDU, "eject": eject, "exits": exits, "found": found,
			"unplugged": unplugged, "free": free, "ask": ask,
		},
	})
}

// virtualReader is as much of vpcd as a card can tell: it asks for the ATR,
// then switches the card on.
type virtualReader struct {
	listener net.Listener
	conn     net.Conn
}

var readers sync.Map // of *virtualReader by address: scripts run at the same time

func startReader(ts *testscript.TestScript, _ bool, _ []string) {
	first, second := neighbours(ts)
	for i, listener := range []net.Listener{first, second} {
		ts.Defer(func() { _ = listener.Close() })
		ts.Setenv([]string{"READER", "READER1"}[i], listener.Addr().String())
		readers.Store(listener.Addr().String(), &virtualReader{listener: listener})
	}
}

// neighbours are two ports in a row, as the readers of vpcd have them.
func neighbours(ts *testscript.TestScript) (first, second net.Listener) {
	for range 100 {
		first, err := net.Listen("tcp", "127.0.0.1:0")
		ts.Check(err)
		next := first.Addr().(*net.TCPAddr).Port + 1
		if second, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", next)); err == nil {
			return first, second
		}
		_ = first.Close()
	}
	ts.Fatalf("no two ports in a row are free")
	return nil, nil
}

func (r *virtualReader) card(ts *testscript.TestScript) net.Conn {
	if r.conn == nil {
		conn, err := r.listener.Accept()
		ts.Check(err)
		ts.Defer(func() { _ = conn.Close() })
		ts.Check(conn.SetDeadline(time.Now().Add(10 * time.Second)))
		r.conn = conn
		r.frame(ts, []byte{4}, true)
		r.frame(ts, []byte{1}, false)
	}
	return r.conn
}

func (r *virtualReader) frame(ts *testscript.TestScript, content []byte, answered bool) []byte {
	_, err := r.conn.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(content))), content...))
	ts.Check(err)
	if !answered {
		return nil
	}
	head := make([]byte, 2)
	_, err = io.ReadFull(r.conn, head)
	ts.Check(err)
	answer := make([]byte, binary.BigEndian.Uint16(head))
	_, err = io.ReadFull(r.conn, answer)
	ts.Check(err)
	return answer
}

func sendAPDU(ts *testscript.TestScript, _ bool, args []string) {
	r := inserted(ts)
	r.card(ts)
	command, err := hex.DecodeString(args[0])
	ts.Check(err)
	if got := fmt.Sprintf("%X", r.frame(ts, command, true)); got != args[1] {
		ts.Fatalf("%s answered %s, want %s", args[0], got, args[1])
	}
}

func eject(ts *testscript.TestScript, _ bool, _ []string) {
	ts.Check(inserted(ts).card(ts).Close())
}

// inserted is the reader that the script talks to.
func inserted(ts *testscript.TestScript) *virtualReader {
	r, there := readers.Load(ts.Getenv("READER"))
	if !there {
		ts.Fatalf("no reader was started")
	}
	return r.(*virtualReader)
}

// unplugged waits until the card is out; the next command is for the next card.
func unplugged(ts *testscript.TestScript, _ bool, _ []string) {
	r := inserted(ts)
	if _, err := r.card(ts).Read(make([]byte, 1)); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		ts.Fatalf("the card is still there: %v", err)
	}
	r.conn = nil
}

func free(ts *testscript.TestScript, _ bool, args []string) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	ts.Setenv(args[0], listener.Addr().String())
	ts.Check(listener.Close())
}

func ask(ts *testscript.TestScript, _ bool, args []string) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	client, err := vpcd.Dial(ctx, args[0])
	for ; err != nil && ctx.Err() == nil; client, err = vpcd.Dial(ctx, args[0]) {
		time.Sleep(20 * time.Millisecond)
	}
	ts.Check(err)
	defer client.Close()
	command, err := hex.DecodeString(args[1])
	ts.Check(err)
	answer, err := client.TransmitRaw(ctx, command)
	ts.Check(err)
	if got := fmt.Sprintf("%X", answer); got != args[2] {
		ts.Fatalf("%s answered %s, want %s", args[1], got, args[2])
	}
}

func exits(ts *testscript.TestScript, _ bool, args []string) {
	err := ts.Exec("cnie-sim", args[1:]...)
	got := "exit status 0"
	if err != nil {
		got = err.Error()
	}
	if got != "exit status "+args[0] {
		ts.Fatalf("%s, want %s", got, args[0])
	}
}

func found(ts *testscript.TestScript, _ bool, args []string) {
	names, err := filepath.Glob(ts.MkAbs(args[0]))
	ts.Check(err)
	if len(names) == 0 {
		ts.Fatalf("no file %s", args[0])
	}
	for _, name := range names {
		if stat, err := os.Stat(name); err != nil || stat.Size() == 0 {
			ts.Fatalf("%s is empty", name)
		}
	}
}
