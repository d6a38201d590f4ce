//go:build linux

package host_test

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"cnie/internal/ledger"
	"cnie/internal/ledger/host"
)

var soakHost = flag.Bool("soak-host", false, "be the host of TestSoak: FOLDER DSN CERTIFICATE KEY CA follow")

func TestMain(m *testing.M) {
	flag.Parse()
	if !*soakHost {
		os.Exit(m.Run())
	}
	if err := beHost(flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// beHost serves as `cnie ledger serve` does, tells what it holds for each line that it
// hears, and ends when there are no more.
func beHost(args []string) error {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	l, err := ledger.Open(ctx, ledger.Options{Dir: args[0], DSN: args[1]})
	if err != nil {
		return err
	}
	conf, err := host.Files{Certificate: args[2], Key: args[3], Desks: args[4]}.TLS()
	if err != nil {
		return err
	}
	h, err := host.New(l, args[0], slog.New(slog.NewTextHandler(os.Stderr, nil)))
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() { ended <- h.Serve(ctx, listener, conf) }()
	fmt.Println("https://" + listener.Addr().String())
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		var m runtime.MemStats
		runtime.GC()
		runtime.GC() // pools are emptied by the second
		runtime.ReadMemStats(&m)
		fmt.Println(runtime.NumGoroutine(), m.HeapAlloc)
	}
	stop()
	return errors.Join(<-ended, h.Close(), l.Close())
}

// process is the host as the desks' process sees it.
type process struct {
	*exec.Cmd
	in    *os.File
	lines *bufio.Scanner
	url   string
}

func startHost(t *testing.T, args ...string) *process {
	p := &process{Cmd: exec.Command(os.Args[0], append([]string{"-soak-host"}, args...)...)}
	read, write, err := os.Pipe()
	require.NoError(t, err)
	p.Stdin, p.in, p.Stderr = read, write, os.Stderr
	said, err := p.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, p.Start())
	require.NoError(t, read.Close())
	t.Cleanup(func() { _ = p.Process.Kill() })
	p.lines = bufio.NewScanner(said)
	require.True(t, p.lines.Scan(), "the host does not start")
	p.url = p.lines.Text()
	return p
}

// held is what the host holds at a moment, after a collection of garbage.
type held struct{ goroutines, heap, rss, files int }

func (h held) String() string {
	return fmt.Sprintf("%d goroutines, heap %.1f MB, RSS %.1f MB, %d files", h.goroutines, float64(h.heap)/1e6, float64(h.rss)/1e6, h.files)
}

func (p *process) holds(t *testing.T) (h held) {
	_, err := p.in.WriteString("\n")
	require.NoError(t, err)
	require.True(t, p.lines.Scan())
	_, err = fmt.Sscan(p.lines.Text(), &h.goroutines, &h.heap)
	require.NoError(t, err)
	proc := filepath.Join("/proc", strconv.Itoa(p.Process.Pid))
	files, err := os.ReadDir(filepath.Join(proc, "fd"))
	require.NoError(t, err)
	h.files = len(files)
	status, err := os.ReadFile(filepath.Join(proc, "status"))
	require.NoError(t, err)
	_, rest, _ := strings.Cut(string(status), "VmRSS:")
	_, err = fmt.Sscan(rest, &h.rss)
	require.NoError(t, err)
	h.rss *= 1024
	return h
}

func (p *process) end(t *testing.T) {
	require.NoError(t, p.in.Close())
	require.NoError(t, p.Wait(), "the host ends well")
}
