package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/stretchr/testify/require"

	"cnie/internal/ledger"
)

// TestLedgerScript runs the program over ledgers that a desk wrote. The scripts' own
// commands:
//
//	exits CODE ARG…   runs cnie and wants this exit code
//	record DIR N      is the desk: it adds entries tx-0 to tx-(N-1), kept until yesterday's date if N is followed by "old"
//	until FILE TEXT   waits until a file has the text
func TestLedgerScript(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:  "testdata/ledger",
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"exits": ledgerExits, "record": record, "until": waitFor},
	})
}

func ledgerExits(ts *testscript.TestScript, _ bool, args []string) {
	got := "exit status 0"
	if err := ts.Exec("cnie", args[1:]...); err != nil {
		got = err.Error()
	}
	if got != "exit status "+args[0] {
		ts.Fatalf("cnie: %s", got)
	}
}

func record(ts *testscript.TestScript, _ bool, args []string) {
	l, err := ledger.Open(context.Background(), ledger.Options{Dir: ts.MkAbs(args[0]), Origin: "test/script"})
	ts.Check(err)
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	for i := range n {
		r := ledger.Record{Kind: ledger.Verification, Transaction: fmt.Sprint("tx-", i), Pseudonym: fmt.Sprint("p-", i%2), Verdict: "accepted"}
		if len(args) > 2 {
			r.Keep = time.Now().AddDate(0, 0, -2)
		}
		_, err := l.Add(context.Background(), r)
		ts.Check(err)
	}
	ts.Check(l.Close())
}

func waitFor(ts *testscript.TestScript, _ bool, args []string) {
	for range 200 {
		if content, err := os.ReadFile(ts.MkAbs(args[0])); err == nil && strings.Contains(string(content), args[1]) {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	ts.Fatalf("%s never came to hold %q", args[0], args[1])
}

func TestWitnessKeyIsKept(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "witness")
	secret, public, err := witnessKey(dir, "witness.test")
	require.NoError(t, err)
	again, shared, err := witnessKey(dir, "another")
	require.NoError(t, err)
	require.Equal(t, []string{secret, public}, []string{again, shared})
}
