package interop

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/internal/pcscd"
	"cnie/simulator/persona"
	"cnie/simulator/vpcd"
)

// patience is what one program gets on a loaded machine; a second suffices on an
// idle one.
const patience = 60 * time.Second

// install is what to do when a program is missing, which fails a test.
const install = "is not installed; run `make deps`, or `make deps-test` for it alone"

// bench is a real PC/SC service with a virtual reader, and programs in front of
// it, which work in a folder of their own.
type bench struct {
	t      *testing.T
	daemon *pcscd.Daemon
	dir    string
	env    []string
}

func newBench(t *testing.T) *bench {
	t.Helper()
	b := newFolder(t)
	b.daemon = pcscd.Start(t, pcscd.Options{})
	b.env = append(b.env, "PCSCLITE_CSOCK_NAME="+b.daemon.Socket)
	return b
}

// newFolder is a bench without a service.
func newFolder(t *testing.T) *bench {
	t.Helper()
	b := &bench{t: t, dir: t.TempDir()}
	b.env = append(os.Environ(), "HOME="+b.dir, "XDG_DATA_HOME=", "XDG_CONFIG_HOME=", "LC_ALL=C")
	return b
}

// in is the same bench for a part of the test.
func (b *bench) in(t *testing.T) *bench {
	part := *b
	part.t = t
	return &part
}

func (b *bench) reader() string  { return b.daemon.Readers[0] }
func (b *bench) address() string { return fmt.Sprintf("127.0.0.1:%d", b.daemon.Ports[0]) }

// lay puts a simulated card on the reader until the returned function takes it off.
func (b *bench) lay(card vpcd.Card) (takeOff func()) {
	b.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- vpcd.Serve(ctx, b.address(), card) }()
	return func() {
		cancel()
		assert.NoError(b.t, <-served)
		b.awaitEmpty()
	}
}

// awaitEmpty waits until the service has noticed that the card is gone: it looks
// every 400 ms.
func (b *bench) awaitEmpty() {
	b.t.Helper()
	require.Eventually(b.t, func() bool {
		out, err := b.try("opensc-tool", "--list-readers")
		return err == nil && !strings.Contains(out, "Yes")
	}, patience, 20*time.Millisecond, "the reader is empty")
}

// try lets a program fail, but not be missing or hang. It returns what the
// program printed.
func (b *bench) try(program string, arguments ...string) (string, error) {
	b.t.Helper()
	path, err := exec.LookPath(program)
	require.NoError(b.t, err, "%s %s", program, install)
	ctx, cancel := context.WithTimeout(b.t.Context(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, path, arguments...)
	cmd.Dir, cmd.Env = b.dir, b.env
	out, err := cmd.CombinedOutput()
	require.NoError(b.t, ctx.Err(), "%s hangs: %s", program, out)
	return string(out), err
}

// run runs a program, which must succeed.
func (b *bench) run(program string, arguments ...string) string {
	b.t.Helper()
	out, err := b.try(program, arguments...)
	require.NoError(b.t, err, "%s %s: %s", program, strings.Join(arguments, " "), out)
	return out
}

// background starts a program that stays until the returned function ends it,
// which returns what it printed.
func (b *bench) background(program string, arguments ...string) (end func() string) {
	b.t.Helper()
	path, err := exec.LookPath(program)
	require.NoError(b.t, err, "%s %s", program, install)
	ctx, cancel := context.WithCancel(context.Background())
	var out bytes.Buffer
	cmd := exec.CommandContext(ctx, path, arguments...)
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = b.dir, b.env, &out, &out
	cmd.WaitDelay = time.Second
	require.NoError(b.t, cmd.Start())
	var once sync.Once
	end = func() string {
		once.Do(func() { cancel(); _ = cmd.Wait() })
		return out.String()
	}
	b.t.Cleanup(func() { end() })
	return end
}

func (b *bench) write(name string, content []byte) string {
	b.t.Helper()
	path := filepath.Join(b.dir, name)
	require.NoError(b.t, os.WriteFile(path, content, 0o600))
	return path
}

// compile makes a program of one of the C files in testdata.
func (b *bench) compile(source string, flags ...string) string {
	b.t.Helper()
	path, err := filepath.Abs(filepath.Join("testdata", source))
	require.NoError(b.t, err)
	program := filepath.Join(b.dir, strings.TrimSuffix(filepath.Base(source), ".c"))
	b.run("gcc", append([]string{"-std=gnu11", "-Wall", "-Wextra", "-Werror", "-Wno-deprecated-declarations", "-O1", "-o", program, path}, flags...)...)
	return program
}

// winscard is how a C program finds the PC/SC library.
func (b *bench) winscard() []string {
	b.t.Helper()
	return strings.Fields(b.run("pkg-config", "--cflags", "--libs", "libpcsclite"))
}

func citizen(t *testing.T, name string) (*persona.Persona, *persona.Card) {
	t.Helper()
	p, err := persona.Load(name)
	require.NoError(t, err)
	card, err := p.Card()
	require.NoError(t, err)
	return p, card
}
