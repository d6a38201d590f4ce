package main

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"cnie-sim": func() { os.Exit(mainCode()) }})
}

// TestScript runs every command and every error. The scripts' own commands:
//
//	reader            starts a virtual reader; its address is $READER
//	apdu HEX ANSWER   sends a command to the card, powered on at first
//	eject             the reader closes the connection
//	exits CODE ARG…   runs cnie-sim and wants this exit code
//	found PATTERN     wants a file whose name matches, not empty
func TestScript(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"reader": startReader, "apdu": sendAPDU, "eject": eject, "exits": exits, "found": found,
		},
	})
}

// virtualReader is as much of vpcd as a card can tell: it asks for the ATR,
// then switches the card on.
type virtualReader struct {
	listener net.Listener
	conn     net.Conn
}

var readers = map[string]*virtualReader{} // by address

func startReader(ts *testscript.TestScript, _ bool, _ []string) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	ts.Defer(func() { _ = listener.Close() })
	ts.Setenv("READER", listener.Addr().String())
	readers[listener.Addr().String()] = &virtualReader{listener: listener}
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
	r := readers[ts.Getenv("READER")]
	r.card(ts)
	command, err := hex.DecodeString(args[0])
	ts.Check(err)
	if got := fmt.Sprintf("%X", r.frame(ts, command, true)); got != args[1] {
		ts.Fatalf("%s answered %s, want %s", args[0], got, args[1])
	}
}

func eject(ts *testscript.TestScript, _ bool, _ []string) {
	ts.Check(readers[ts.Getenv("READER")].card(ts).Close())
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
