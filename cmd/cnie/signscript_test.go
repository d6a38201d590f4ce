//go:build linux && cgo

package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/stretchr/testify/require"

	"cnie/internal/ca"
	"cnie/internal/pcscd"
	"cnie/simulator"
	"cnie/simulator/vpcd"
)

// TestSignScript runs the program itself, on a terminal, with a card in a reader
// of a real PC/SC service or a key in SoftHSM, and an authority beside it. The
// scripts' own commands:
//
//	exits CODE ARG…       runs cnie and wants this exit code
//	card                  lays the office's card on the reader
//	pulled N              does too, and takes it off at its N-th signature
//	take                  takes it off
//	order CSR FILE        has the authority certify a key for signing
//	nobody NAME           sets $NAME to an address at which nobody answers
func TestSignScript(t *testing.T) {
	d := pcscd.Start(t, pcscd.Options{})
	o := newOffice(t)
	reader := &scriptReader{office: o, port: d.Ports[0]}
	t.Cleanup(reader.takeOff)
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			for name, value := range map[string]string{
				"PCSCLITE_CSOCK_NAME": d.Socket, "CA": o.dir, "ROOTS": o.roots, "TSA": o.tsa, "OCSP": o.ocsp,
				"MODULE": "/usr/lib/softhsm/libsofthsm2.so", "SOFTHSM2_CONF": env.WorkDir + "/softhsm2.conf", "TERM": "xterm",
			} {
				env.Setenv(name, value)
			}
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exits, "card": reader.card, "pulled": reader.pulled, "take": reader.take, "order": reader.order, "nobody": nobodyAt,
		},
	})
}

func nobodyAt(ts *testscript.TestScript, _ bool, args []string) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	ts.Setenv(args[0], "http://"+listener.Addr().String())
	ts.Check(listener.Close())
}

// scriptReader is the reader, of which there is one: scripts with cards are one
// file.
type scriptReader struct {
	office *office
	port   int
	off    func()
}

func (r *scriptReader) takeOff() {
	if r.off != nil {
		r.off()
		r.off = nil
	}
}

func (r *scriptReader) lay(ts *testscript.TestScript, card vpcd.Card) {
	r.takeOff()
	ctx, cancel := context.WithCancel(context.Background())
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		_ = vpcd.Serve(ctx, fmt.Sprintf("127.0.0.1:%d", r.port), card) // ends when it is taken off
	}()
	r.off = func() { cancel(); <-gone; time.Sleep(2 * vpcdPoll) }
	for until := time.Now().Add(10 * time.Second); time.Now().Before(until); time.Sleep(50 * time.Millisecond) {
		if err := ts.Exec("cnie", "readers"); err == nil && strings.Contains(ts.ReadFile("stdout"), "card, ATR") {
			return
		}
	}
	ts.Fatalf("the reader does not notice the card")
}

func (r *scriptReader) card(ts *testscript.TestScript, _ bool, _ []string) {
	r.lay(ts, r.office.chip())
}

func (r *scriptReader) take(*testscript.TestScript, bool, []string) { r.takeOff() }

func (r *scriptReader) pulled(ts *testscript.TestScript, _ bool, args []string) {
	var n, made int
	_, err := fmt.Sscan(args[0], &n)
	ts.Check(err)
	r.lay(ts, r.office.chip(simulator.WithWire(func(next func([]byte) []byte) func([]byte) []byte {
		return func(command []byte) []byte {
			if len(command) > 1 && command[1] == 0x87 {
				if made++; made == n {
					go r.takeOff()
					time.Sleep(100 * time.Millisecond) // the connection is closed before there is an answer
				}
			}
			return next(command)
		}
	})))
}

func (r *scriptReader) order(ts *testscript.TestScript, _ bool, args []string) {
	request, err := ca.ParseRequest([]byte(ts.ReadFile(args[0])))
	ts.Check(err)
	door, err := ca.Dial(context.Background(), r.office.dir)
	ts.Check(err)
	chain, err := door.Issue(context.Background(), ca.Sign, request)
	ts.Check(err)
	ts.Check(door.Close())
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), chain[0].Raw, 0o600))
}

// Without a terminal nothing is signed, whatever comes through a pipe.
func TestPipeIsNobody(t *testing.T) {
	read, write, err := os.Pipe()
	require.NoError(t, err)
	defer read.Close()
	_, err = write.WriteString("yes\n123456\n")
	require.NoError(t, err)
	require.NoError(t, write.Close())
	require.Nil(t, (&program{stdin: read}).sitting())
}
