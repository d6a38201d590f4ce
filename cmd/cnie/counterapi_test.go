package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// said runs a command and gives its code and what it printed.
func said(t *testing.T, args ...string) (int, string) {
	t.Helper()
	var out bytes.Buffer
	p := &program{system: noReaders{}, stdin: strings.NewReader(""), stdout: &out, stderr: &out}
	return p.run(t.Context(), args), out.String()
}

// The API is there when somebody is paired, while the counter runs, and not after
// the pairing is taken back.
func TestCounterPairing(t *testing.T) {
	state := filepath.Join(t.TempDir(), "state")
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	reads, writes := io.Pipe()
	p := &program{system: noReaders{}, stdin: strings.NewReader(""), stdout: writes, stderr: io.Discard}
	ended := make(chan int, 1)
	go func() {
		ended <- p.run(ctx, []string{"counter", "--no-browser", "--listen", "127.0.0.1:0", "--ledger", filepath.Join(t.TempDir(), "l"), "--trust", t.TempDir(), "--state", state})
		writes.Close()
	}()
	line, err := bufio.NewReader(reads).ReadString('\n')
	require.NoError(t, err)
	go func() { _, _ = io.Copy(io.Discard, reads) }()
	address := regexp.MustCompile(`http://127\.0\.0\.1:\d+`).FindString(line)
	ask := func(token string) int {
		r, err := http.NewRequest("GET", address+"/api/v1/desk", nil)
		require.NoError(t, err)
		r.Header.Set("Authorization", "Bearer "+token)
		answered, err := http.DefaultClient.Do(r)
		require.NoError(t, err)
		answered.Body.Close()
		return answered.StatusCode
	}
	assert.NotEqual(t, http.StatusOK, ask("x"))
	assert.NoDirExists(t, state, "asking makes nothing")

	code, out := said(t, "counter", "pair", "trial", "--state", state)
	require.Equal(t, exitOK, code, out)
	token := regexp.MustCompile(`cnie-trial\.[A-Z2-7]{26}`).FindString(out)
	require.NotEmpty(t, token)
	assert.Contains(t, out, "residence, age")
	assert.NotContains(t, out, "whsec_", "the site has no webhook")
	assert.Equal(t, http.StatusOK, ask(token))
	code, out = said(t, "counter", "paired", "--state", state)
	assert.Equal(t, exitOK, code)
	assert.Contains(t, out, "trial")
	assert.NotContains(t, out, token)
	content, err := os.ReadFile(filepath.Join(state, "client-trial.json"))
	require.NoError(t, err)
	assert.NotContains(t, string(content), token)
	code, out = said(t, "counter", "unpair", "trial", "--state", state)
	assert.Equal(t, exitOK, code, out)
	assert.Equal(t, http.StatusUnauthorized, ask(token))

	stop()
	select {
	case code := <-ended:
		assert.Equal(t, exitOK, code)
	case <-time.After(20 * time.Second):
		t.Fatal("the desk does not stop")
	}
	for _, row := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"pair", "stranger"}, exitNotPermitted, "names no client"},
		{[]string{"pair"}, exitUsage, "one client"},
		{[]string{"unpair", "trial"}, exitUsage, "not paired"},
		{[]string{"unpair", "../../x"}, exitUsage, "not paired"},
	} {
		code, out := said(t, append(append([]string{"counter"}, row.args...), "--state", state)...)
		assert.Equal(t, row.code, code, row.args)
		assert.Contains(t, out, row.says)
	}
}
