package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/mod/sumdb/note"

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

// A witness that is told to stop answers first whom it is listening to: its
// signature may be on the disk already.
func TestWitnessFinishesWhatItBegan(t *testing.T) {
	_, key, err := note.GenerateKey(nil, "test/log")
	require.NoError(t, err)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	said, writes := io.Pipe()
	p := &program{system: noReaders{}, stdin: strings.NewReader(""), stdout: writes, stderr: io.Discard}
	ended := make(chan int, 1)
	go func() {
		ended <- p.run(ctx, []string{"ledger", "witness", t.TempDir(), "--log", key, "--listen", "127.0.0.1:0"})
	}()
	line, err := bufio.NewReader(said).ReadString('\n')
	require.NoError(t, err)
	c, err := net.Dial("tcp", regexp.MustCompile(`127\.0\.0\.1:\d+`).FindString(line))
	require.NoError(t, err)
	defer c.Close()
	_, err = io.WriteString(c, "POST /add-checkpoint HTTP/1.1\r\nHost: witness\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n")
	require.NoError(t, err)
	require.NoError(t, c.SetDeadline(time.Now().Add(20*time.Second)))
	answers := bufio.NewReader(c)
	begun, err := answers.ReadString('\n')
	require.NoError(t, err)
	require.Contains(t, begun, "100 Continue")
	stop()
	select {
	case <-ended:
		t.Fatal("it ended in the middle of a request")
	case <-time.After(300 * time.Millisecond):
	}
	_, err = io.WriteString(c, "old 0")
	require.NoError(t, err)
	_, err = answers.ReadString('\n') // the end of 100 Continue
	require.NoError(t, err)
	answered, err := http.ReadResponse(answers, nil)
	require.NoError(t, err)
	defer answered.Body.Close()
	assert.Equal(t, http.StatusBadRequest, answered.StatusCode)
	assert.Equal(t, exitOK, <-ended)
}
