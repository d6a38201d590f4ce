//go:build cgo

package hostiletest

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
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

func newWorld(t *testing.T) *world {
	t.Helper()
	programs := t.TempDir()
	for _, command := range [][]string{
		{"go", "build", "-o", programs, "cnie/cmd/cnie", "cnie/cmd/cnie-sim"},
		{filepath.Join(programs, "cnie-sim"), "trust", filepath.Join(programs, "trust")},
	} {
		out, err := exec.Command(command[0], command[1:]...).CombinedOutput()
		require.NoError(t, err, "%v: %s", command, out)
	}
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

// screen is one that a program has, not a browser.
type screen struct {
	*testing.T
	client      http.Client
	base, token string
	reader      string // "": whichever is free
	cookie      string
}

func (w *world) pair(address, reader string) *screen {
	w.Helper()
	jar, err := cookiejar.New(nil)
	require.NoError(w, err)
	s := &screen{T: w.T, client: http.Client{Jar: jar}, reader: reader}
	page, secret, _ := strings.Cut(address, "#")
	answered := s.post(page, url.Values{"token": {secret}}, http.StatusOK)
	s.base = answered.Request.URL.String()
	s.cookie = jar.Cookies(answered.Request.URL)[0].Value
	s.token = regexp.MustCompile(`name="csrf" value="([^"]+)"`).FindStringSubmatch(s.see())[1]
	return s
}

func (s *screen) post(address string, form url.Values, want int) *http.Response {
	s.Helper()
	target, err := url.Parse(address)
	require.NoError(s, err)
	answered := s.patiently(func() *http.Request {
		request, err := http.NewRequest(http.MethodPost, address, strings.NewReader(form.Encode()))
		require.NoError(s, err)
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		request.Header.Set("Origin", "http://"+target.Host)
		if want == http.StatusNoContent {
			request.Header.Set("X-Stream", "1")
		}
		return request
	})
	answered.Body.Close()
	require.Equal(s, want, answered.StatusCode, address)
	return answered
}

// patiently asks again while the counter finds that this screen asks too much.
func (s *screen) patiently(ask func() *http.Request) *http.Response {
	s.Helper()
	for {
		answered, err := s.client.Do(ask())
		require.NoError(s, err)
		if answered.StatusCode != http.StatusTooManyRequests {
			return answered
		}
		answered.Body.Close()
		time.Sleep(100 * time.Millisecond)
	}
}

// press presses a button.
func (s *screen) press(what string, form url.Values) {
	s.Helper()
	form.Set("csrf", s.token)
	form.Set("reader", s.reader)
	s.post(s.base+what, form, http.StatusNoContent)
}

func (s *screen) get(what string) string {
	s.Helper()
	answered := s.patiently(func() *http.Request {
		request, err := http.NewRequest(http.MethodGet, s.base+what, nil)
		require.NoError(s, err)
		return request
	})
	defer answered.Body.Close()
	body, err := io.ReadAll(answered.Body)
	require.NoError(s, err)
	require.Equal(s, http.StatusOK, answered.StatusCode, what)
	return string(body)
}

func (s *screen) see() string { return s.get("?" + url.Values{"reader": {s.reader}}.Encode()) }

func (s *screen) waitFor(what string) (page string) {
	s.Helper()
	require.Eventually(s, func() bool { page = s.see(); return strings.Contains(page, what) }, hang, 100*time.Millisecond, what)
	return page
}

var transactionOf = regexp.MustCompile(`name="transaction" value="([^"]+)"`)

// begin starts a visit that waits for the holder's yes.
func (s *screen) begin(citizen *screen, can string) (id string) {
	s.Helper()
	s.press("start", url.Values{"purpose": {"account"}, "operator": {"clerk-1"}})
	s.press("password", url.Values{"password": {can}})
	return transactionOf.FindStringSubmatch(citizen.waitFor(`data-testid="agree"`))[1]
}

// agree has the card read, until the clerk decides.
func (s *screen) agree(citizen *screen, id string) (page string) {
	s.Helper()
	citizen.press("consent", url.Values{"answer": {"yes"}, "transaction": {id}, "person": {"holder"}})
	return s.waitFor(`data-testid="match"`)
}

// citizen pairs the screen that belongs to a clerk's.
func (w *world) citizen(of *screen) *screen {
	w.Helper()
	if of.reader == "" {
		return w.pair(w.invite("Citizen"), "")
	}
	of.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	answered := of.post(of.base+"citizen", url.Values{"csrf": {of.token}, "reader": {of.reader}}, http.StatusSeeOther)
	return w.pair(w.origin+answered.Header.Get("Location"), of.reader)
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
