//go:build cgo

package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/internal/pcscd"
)

// hang is how long a program may take on a machine that is busy.
const hang = 2 * time.Minute

// counter is a real PC/SC service with four readers, and the programs as they are
// shipped.
type counter struct {
	daemon *pcscd.Daemon
	dir    string // to work in
}

func newCounter(t *testing.T) *counter {
	t.Helper()
	c := &counter{pcscd.Start(t, pcscd.Options{Drivers: 2}), t.TempDir()}
	out, err := exec.Command("go", "build", "-o", c.dir, "cnie/cmd/cnie", "cnie/cmd/cnie-sim").CombinedOutput()
	require.NoError(t, err, "%s", out)
	t.Setenv("HOME", c.dir)
	t.Setenv("XDG_CONFIG_HOME", c.dir)
	t.Setenv("LC_ALL", "C")
	c.must(t, "cnie-sim", "trust", "trust")
	return c
}

func (c *counter) command(ctx context.Context, program string, args ...string) *exec.Cmd {
	if own := filepath.Join(c.dir, program); strings.HasPrefix(program, "cnie") {
		program = own
	}
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir = c.dir
	return cmd
}

// try runs a program to its end, and gives its exit code and what it said.
func (c *counter) try(t *testing.T, program string, args ...string) (code int, said string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), hang)
	defer cancel()
	out, err := c.command(ctx, program, args...).CombinedOutput()
	require.NoError(t, ctx.Err(), "%s hangs: %s", program, out)
	require.NotErrorIs(t, err, exec.ErrNotFound, "%s is not installed; run `make deps-test`", program)
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return exit.ExitCode(), string(out)
	}
	require.NoError(t, err)
	return 0, string(out)
}

func (c *counter) must(t *testing.T, program string, args ...string) string {
	t.Helper()
	code, said := c.try(t, program, args...)
	require.Zero(t, code, "%s %s: %s", program, strings.Join(args, " "), said)
	return said
}

// play starts `cnie-sim run` and waits until the readers have seen that many cards.
// It is interrupted at the end.
func (c *counter) play(t *testing.T, cards int, args ...string) {
	t.Helper()
	var stderr bytes.Buffer
	cmd := c.command(context.Background(), "cnie-sim", append([]string{"run", "--json", "--vpcd", fmt.Sprintf("127.0.0.1:%d", c.daemon.Ports[0])}, args...)...)
	cmd.Stderr = &stderr
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		require.NoError(t, cmd.Process.Signal(syscall.SIGINT))
		assert.NoError(t, cmd.Wait(), stderr.String())
		time.Sleep(time.Second) // until the reader has noticed
	})
	lines := bufio.NewScanner(stdout)
	for cards > 0 && lines.Scan() {
		var said struct{ Event string }
		require.NoError(t, json.Unmarshal(lines.Bytes(), &said))
		if said.Event == "ready" {
			cards--
		}
	}
	require.Zero(t, cards, stderr.String())
}

// verify judges the card in a reader, and gives the exit code.
func (c *counter) verify(t *testing.T, reader int, more ...string) (code int, said string) {
	t.Helper()
	args := []string{"verify", "--can", "123456", "--trust", "trust", "--wait", "10s", "--reader", c.daemon.Readers[reader]}
	return c.try(t, "cnie", append(args, more...)...)
}
