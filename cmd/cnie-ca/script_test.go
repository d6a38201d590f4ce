package main

import (
	"crypto/x509"
	"encoding/pem"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"cnie-ca": func() { os.Exit(mainCode()) }})
}

// TestScript runs every command and every error. The scripts' own commands:
//
//	exits CODE ARG…     runs cnie-ca and wants this exit code
//	ports               sets $ORDERS and $PUBLISHED to addresses that are free
//	busy                sets $BUSY to an address that is not
//	ready DIR           waits until a server has told where it listens
//	serial NAME FILE    sets $NAME to the serial number of a certificate, in hexadecimal
//
// openssl is a program of the machine; `make deps-test` installs it.
func TestScript(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exits, "ports": ports, "busy": busy, "ready": ready, "serial": serial,
		},
	})
}

func exits(ts *testscript.TestScript, _ bool, args []string) {
	err := ts.Exec("cnie-ca", args[1:]...)
	got := "exit status 0"
	if err != nil {
		got = err.Error()
	}
	if got != "exit status "+args[0] {
		ts.Fatalf("%s, want %s", got, args[0])
	}
}

func ports(ts *testscript.TestScript, _ bool, _ []string) {
	for _, name := range []string{"ORDERS", "PUBLISHED"} {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		ts.Check(err)
		ts.Setenv(name, listener.Addr().String())
		ts.Check(listener.Close())
	}
}

func busy(ts *testscript.TestScript, _ bool, _ []string) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	ts.Defer(func() { _ = listener.Close() })
	ts.Setenv("BUSY", listener.Addr().String())
}

func ready(ts *testscript.TestScript, _ bool, args []string) {
	for until := time.Now().Add(20 * time.Second); time.Now().Before(until); time.Sleep(20 * time.Millisecond) {
		if at, err := os.ReadFile(ts.MkAbs(args[0] + "/address")); err == nil && len(at) > 0 {
			return
		}
	}
	ts.Fatalf("no server for %s", args[0])
}

func serial(ts *testscript.TestScript, _ bool, args []string) {
	block, _ := pem.Decode([]byte(ts.ReadFile(args[1])))
	if block == nil {
		ts.Fatalf("%s is not PEM", args[1])
	}
	certificate, err := x509.ParseCertificate(block.Bytes)
	ts.Check(err)
	ts.Setenv(args[0], strings.ToLower(printed(certificate.SerialNumber)))
}
