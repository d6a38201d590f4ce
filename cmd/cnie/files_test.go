package main

import (
	"bytes"
	"context"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/simulator"
)

// full is a device without room.
type full struct{}

func (full) Write([]byte) (int, error) {
	return 0, &fs.PathError{Op: "write", Path: "/dev/stdout", Err: syscall.ENOSPC}
}

// Whatever goes wrong after the card was read, no file is left behind, and one
// that was there stays as it was.
func TestNoFileAfterAFailure(t *testing.T) {
	card, trust := citizen(t), anchors(t)
	cases := []struct {
		name     string
		args     []string // beside --report
		stdout   io.Writer
		code     int
		sentence string
	}{
		{"no folder for the evidence", []string{"--trust", trust, "--save-evidence", "none/evidence"}, &bytes.Buffer{}, exitIO, "cannot write none/evidence"},
		{"evidence of a person in clear", []string{"--save-evidence", "evidence"}, &bytes.Buffer{}, exitNotPermitted, "--recipient"},
		{"no room for the report", []string{"--trust", trust, "--save-evidence", "evidence"}, full{}, exitIO, "cannot write /dev/stdout"},
		{"no room for JSON", []string{"--trust", trust, "--save-evidence", "evidence", "--json"}, full{}, exitIO, "cannot write /dev/stdout"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			t.Setenv("XDG_CONFIG_HOME", t.TempDir()) // of the terminal's key
			require.NoError(t, os.WriteFile("report.html", []byte("an earlier one"), 0o600))
			var stderr bytes.Buffer
			p := &program{system: simulator.NewSystem("Simulated", simulator.New(card)), stdin: &bytes.Buffer{}, stdout: c.stdout, stderr: &stderr}
			code := p.run(t.Context(), append([]string{"verify", "--can", card.CAN, "--report", "report.html"}, c.args...))
			assert.Equal(t, c.code, code)
			assert.Contains(t, stderr.String(), c.sentence)
			left, err := os.ReadDir(".")
			require.NoError(t, err)
			assert.Len(t, left, 1, "nothing but the earlier report")
			kept, err := os.ReadFile("report.html")
			require.NoError(t, err)
			assert.Equal(t, "an earlier one", string(kept))
		})
	}
	var stderr bytes.Buffer
	p := &program{system: simulator.NewSystem("Simulated", nil), stdout: full{}, stderr: &stderr}
	assert.Equal(t, exitIO, p.run(t.Context(), []string{"readers"}), "a list that nobody got")
}

// A name is taken by a file: behind a link the file there, and nothing else, such
// as a device, gives way.
func TestWriteFileReplacesFilesOnly(t *testing.T) {
	dir := t.TempDir()
	file, link, socket := filepath.Join(dir, "file"), filepath.Join(dir, "link"), filepath.Join(dir, "socket")
	hello := func(w io.Writer) error { _, err := io.WriteString(w, "hello"); return err }
	require.NoError(t, os.WriteFile(file, []byte("earlier"), 0o644))
	require.NoError(t, os.Symlink("file", link))
	require.NoError(t, writeFile(link, hello))
	got, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Equal(t, "hello", string(got))
	about, err := os.Lstat(link)
	require.NoError(t, err)
	assert.NotZero(t, about.Mode()&fs.ModeSymlink, "a link stays one")

	listener, err := net.Listen("unix", socket)
	require.NoError(t, err)
	defer listener.Close()
	for _, name := range []string{socket, dir} {
		err := writeFile(name, hello)
		require.Error(t, err)
		assert.Equal(t, "cannot write "+name+": it is there and is no file; choose another place", err.Error())
	}
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Len(t, left, 3)
}

// Ctrl-C ends the program also while it waits for the CAN.
func TestInterruptedAtTheCAN(t *testing.T) {
	nobody, hand := io.Pipe()
	defer hand.Close()
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	time.AfterFunc(5*time.Second, func() { hand.Close() })
	var stdout, stderr bytes.Buffer
	p := &program{system: simulator.NewSystem("Simulated", nil), stdin: nobody, stdout: &stdout, stderr: &stderr, interactive: true}
	assert.Equal(t, exitInterrupted, p.run(ctx, []string{"verify"}))
	assert.Contains(t, stderr.String(), "\ncnie: interrupted; nothing was kept\n")
	assert.Empty(t, stdout.String())
}

// --wait 0 does not wait, on a terminal as elsewhere.
func TestNoWaitOnATerminal(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	var stdout, stderr bytes.Buffer
	p := &program{system: simulator.NewSystem("Simulated", nil), stdin: &bytes.Buffer{}, stdout: &stdout, stderr: &stderr, interactive: true}
	assert.Equal(t, exitUnavailable, p.run(ctx, []string{"verify", "--can", "123456", "--wait", "0"}))
	assert.Contains(t, stderr.String(), "there is no card in the reader")
}

func TestTimesAreToTheMicrosecond(t *testing.T) {
	var sum float64
	for range 3 {
		add(&sum, 0.1)
	}
	assert.Equal(t, 0.3, sum)
}
