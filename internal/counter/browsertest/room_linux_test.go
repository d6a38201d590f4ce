//go:build cgo

package browsertest

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// can opens the cards of the tests.
const can = "123456"

// room is a desk of its own: two readers, a simulator that has the cards, a
// counter, and the windows of a clerk and a citizen.
type room struct {
	*testing.T
	dir            string
	readers        []string
	sim, counter   *exec.Cmd
	said           bytes.Buffer // by the counter: its log
	origin         string
	clerk, citizen *window
}

// newRoom opens a desk that uses one reader of the room's or both, on screens in
// a language.
func newRoom(t *testing.T, readers int, language string) *room {
	t.Helper()
	t.Parallel()
	driver := <-world.free
	t.Cleanup(func() { world.free <- driver })
	r := &room{T: t, dir: t.TempDir(), readers: world.daemon.Readers[2*driver : 2*driver+readers]}
	r.play(world.daemon.Ports[2*driver])
	clerk, citizen := r.serve(language)
	r.clerk, r.citizen = r.open("clerk", clerk), r.open("citizen", citizen)
	return r
}

func (r *room) command(name string, args ...string) *exec.Cmd {
	c := exec.Command(filepath.Join(world.dir, name), args...)
	c.Dir = r.dir
	c.Env = append(os.Environ(), "HOME="+r.dir, "XDG_CONFIG_HOME="+r.dir, "PCSCLITE_CSOCK_NAME="+world.daemon.Socket, "LC_ALL=C")
	return c
}

// play starts the simulator with empty readers.
func (r *room) play(port int) {
	r.Helper()
	r.sim = r.command("cnie-sim", "run", "--vpcd", fmt.Sprintf("127.0.0.1:%d", port), "--control", "hand", "-", "-")
	r.begin(r.sim)
	require.Eventually(r, func() bool { _, err := os.Stat(filepath.Join(r.dir, "hand")); return err == nil }, hang, 5*time.Millisecond)
}

// serve starts the counter and gives the addresses that pair its screens.
func (r *room) serve(language string) (clerk, citizen string) {
	r.Helper()
	args := []string{"counter", "--no-browser", "--listen", "127.0.0.1:0", "--ledger", "ledger", "--trust", filepath.Join(world.dir, "trust"), "--lang", language}
	for _, reader := range r.readers {
		args = append(args, "--reader", reader)
	}
	r.counter = r.command("cnie", args...)
	r.counter.Stderr = &r.said
	out, err := r.counter.StdoutPipe()
	require.NoError(r, err)
	r.begin(r.counter)
	lines := bufio.NewScanner(out)
	var addresses []string
	for len(addresses) < 2 && lines.Scan() {
		if found := regexp.MustCompile(`http://\S+`).FindString(lines.Text()); found != "" {
			addresses = append(addresses, found)
		}
	}
	require.Len(r, addresses, 2, "the counter does not start")
	go func() {
		for lines.Scan() { // or it would be blocked by what nobody reads
		}
	}()
	r.origin, _, _ = strings.Cut(addresses[0], "/pair")
	return addresses[0], addresses[1]
}

// begin starts a program, which is interrupted at the end of the test.
func (r *room) begin(c *exec.Cmd) {
	r.Helper()
	c.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} // a test that panics cleans up nothing
	require.NoError(r, c.Start())
	r.Cleanup(func() { r.end(c) })
}

func (r *room) end(c *exec.Cmd) {
	if c.ProcessState == nil {
		_ = c.Process.Signal(syscall.SIGCONT) // it may have been frozen
		_ = c.Process.Signal(syscall.SIGINT)
		_ = c.Wait() // interrupted, as it was told
	}
}

// hand moves the cards: insert CARD, remove, swap CARD, fault NAME.
func (r *room) hand(args ...string) {
	r.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), hang)
	defer cancel()
	c := exec.CommandContext(ctx, filepath.Join(world.dir, "cnie-sim"), append([]string{"ctl", "--control", "hand"}, args...)...)
	c.Dir = r.dir
	out, err := c.CombinedOutput()
	require.NoError(r, err, "%v: %s", args, out)
}

// freeze stops the card in the middle of what it does until the function that it
// returns is called: a reader then waits.
func (r *room) freeze() (thaw func()) {
	r.Helper()
	require.NoError(r, r.sim.Process.Signal(syscall.SIGSTOP))
	return func() { assert.NoError(r, r.sim.Process.Signal(syscall.SIGCONT)) }
}

// entry is a line of what `cnie ledger export` hands out.
type entry struct {
	Record struct {
		Kind    string
		Purpose string
		Verdict string
		Match   string
	}
}

// ledger closes the counter and gives what it has recorded.
func (r *room) ledger() []entry {
	r.Helper()
	r.end(r.counter)
	out, err := r.command("cnie", "ledger", "export", "--json", "--dir", "ledger").Output()
	require.NoError(r, err)
	var all []entry
	for line := range strings.Lines(string(out)) {
		var e entry
		require.NoError(r, json.Unmarshal([]byte(line), &e), line)
		all = append(all, e)
	}
	return all
}
