//go:build cgo

package hostiletest

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/internal/pcscd"
	"cnie/simulator"
	"cnie/simulator/persona"
	"cnie/simulator/vpcd"
)

// hang is how long anything may take on a machine that is busy.
const hang = 2 * time.Minute

// world is a counter at work, with a card in each of two readers. All that it
// could leave behind is below dir.
type world struct {
	*testing.T
	dir     string
	card    *persona.Card
	readers []string
	counter *exec.Cmd
	stop    func() // ends the counter
	origin  string
	invites map[string]chan string // addresses that pair a screen, by its name
}

// programs is where the programs and the trust anchors are, for all tests.
var programs string

func TestMain(m *testing.M) {
	var err error
	if programs, err = os.MkdirTemp("", "hostile"); err != nil {
		panic(err) // there is nobody else to tell
	}
	code := m.Run()
	os.RemoveAll(programs)
	os.Exit(code)
}

// build makes them.
var build = sync.OnceValues(func() (string, error) {
	for _, command := range [][]string{
		{"go", "build", "-o", programs, "cnie/cmd/cnie", "cnie/cmd/cnie-sim"},
		{filepath.Join(programs, "cnie-sim"), "trust", filepath.Join(programs, "trust")},
	} {
		if out, err := exec.Command(command[0], command[1:]...).CombinedOutput(); err != nil {
			return "", fmt.Errorf("%v: %w: %s", command, err, out)
		}
	}
	return programs, nil
})

func newWorld(t *testing.T) *world {
	t.Helper()
	programs, err := build()
	require.NoError(t, err)
	p, err := persona.Load("testdata/canary.yaml")
	require.NoError(t, err)
	w := &world{T: t, dir: t.TempDir(), invites: map[string]chan string{"Clerk": make(chan string, 99), "Citizen": make(chan string, 99)}}
	w.card, err = p.Card()
	require.NoError(t, err)
	daemon := pcscd.Start(t, pcscd.Options{})
	w.readers = daemon.Readers
	for _, port := range daemon.Ports {
		w.lay(port)
	}
	w.serve(programs, daemon.Socket)
	return w
}

// lay puts the card into a reader until the test ends.
func (w *world) lay(port int) {
	ctx, cancel := context.WithCancel(context.Background())
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		if err := vpcd.Serve(ctx, fmt.Sprintf("127.0.0.1:%d", port), simulator.New(w.card)); err != nil {
			w.Logf("the card left by itself: %v", err)
		}
	}()
	w.Cleanup(func() { cancel(); <-gone })
}

// path is a folder or file below the world's own.
func (w *world) path(parts ...string) string {
	return filepath.Join(append([]string{w.dir}, parts...)...)
}

// serve starts the counter, at the level of logging that says the most, in a home
// and with temporary files of its own.
func (w *world) serve(programs, socket string) {
	w.Helper()
	w.counter = exec.Command(filepath.Join(programs, "cnie"), "counter", "--debug", "--no-browser", "--lang", "en", "--listen", "127.0.0.1:0", "--trust", filepath.Join(programs, "trust"))
	w.counter.Dir, w.counter.Env = w.path("work"), []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C", "PCSCLITE_CSOCK_NAME=" + socket}
	for variable, folder := range map[string]string{
		"HOME": "home", "TMPDIR": "tmp", "XDG_CONFIG_HOME": "config", "XDG_CACHE_HOME": "cache", "XDG_DATA_HOME": "data", "XDG_STATE_HOME": "state", "XDG_RUNTIME_DIR": "runtime", "": "work",
	} {
		require.NoError(w, os.Mkdir(w.path(folder), 0o700))
		if variable != "" {
			w.counter.Env = append(w.counter.Env, variable+"="+w.path(folder))
		}
	}
	stderr, err := os.Create(w.path("stderr.log"))
	require.NoError(w, err)
	stdout, err := os.Create(w.path("stdout.log"))
	require.NoError(w, err)
	w.counter.Stderr = stderr
	said, err := w.counter.StdoutPipe()
	require.NoError(w, err)
	require.NoError(w, w.counter.Start())
	heard := make(chan struct{})
	go func() {
		defer close(heard)
		for lines := bufio.NewScanner(io.TeeReader(said, stdout)); lines.Scan(); {
			if found := regexp.MustCompile(`^(\w+)'s screen: +(http\S+)`).FindStringSubmatch(lines.Text()); found != nil {
				w.invites[found[1]] <- found[2]
			}
		}
	}()
	w.stop = sync.OnceFunc(func() {
		_ = w.counter.Process.Signal(syscall.SIGINT)
		<-heard
		assert.NoError(w, w.counter.Wait())
		stderr.Close()
		stdout.Close()
	})
	w.Cleanup(w.stop)
	first := w.invite("Clerk")
	w.invites["Clerk"] <- first
	w.origin, _, _ = strings.Cut(first, "/pair")
}

func (w *world) invite(role string) string {
	w.Helper()
	select {
	case address := <-w.invites[role]:
		return address
	case <-time.After(hang):
		w.Fatal("the counter offers no screen: ", role)
		return ""
	}
}

// browse starts Chromium, as Debian ships it, with a profile below the world's
// folder, and gives its first window.
func (w *world) browse(more ...chromedp.ExecAllocatorOption) context.Context {
	w.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.Flag("headless", "new"), chromedp.Flag("lang", "en"), chromedp.Flag("disable-gpu", true), chromedp.Flag("disable-popup-blocking", true),
		chromedp.UserDataDir(w.path("profile")), chromedp.WSURLReadTimeout(hang))
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox) // the sandbox refuses root
	}
	allocator, stop := chromedp.NewExecAllocator(context.Background(), append(options, more...)...)
	browser, closeTab := chromedp.NewContext(allocator)
	w.Cleanup(func() { closeTab(); stop() })
	require.NoError(w, chromedp.Do(browser), "start Chromium; if it is missing, run `make deps-test`")
	return browser
}

// window opens another one of the same browser at an address.
func (w *world) window(browser context.Context, address string, until ...chromedp.Action[chromedp.Void]) context.Context {
	w.Helper()
	tab, closeTab := chromedp.NewContext(browser, chromedp.WithNewWindow(true))
	w.Cleanup(closeTab)
	require.NoError(w, chromedp.Do(tab, append([]chromedp.Action[chromedp.Void]{chromedp.Navigate(address)}, until...)...), address)
	return tab
}
