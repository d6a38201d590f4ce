//go:build linux && cgo

package bench

import (
	"bufio"
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
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cnie/internal/pcscd"
	"cnie/pki/specimen"
	"cnie/simulator"
	"cnie/simulator/persona"
)

// screen is a browser at one of the screens, as far as a program needs one.
type screen struct {
	testing.TB
	http.Client
	base, token string
	drawn       []float64 // ms that each page took
}

func pair(b *testing.B, address string) *screen {
	jar, err := cookiejar.New(nil)
	require.NoError(b, err)
	s := &screen{TB: b, Client: http.Client{Jar: jar}}
	page, secret, _ := strings.Cut(address, "#")
	s.base = s.post(page, url.Values{"token": {secret}}, false)
	s.token = s.find(`name="csrf" value="([^"]+)"`)
	return s
}

// post sends a form and gives the address that it led to. Where the page's stream
// brings the change anyway, nothing is sent back.
func (s *screen) post(address string, form url.Values, streamed bool) string {
	target, err := url.Parse(address)
	require.NoError(s, err)
	request, err := http.NewRequest(http.MethodPost, address, strings.NewReader(form.Encode()))
	require.NoError(s, err)
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Origin", "http://"+target.Host)
	if streamed {
		request.Header.Set("X-Stream", "1")
	}
	answered, err := s.Do(request)
	require.NoError(s, err)
	answered.Body.Close()
	require.Less(s, answered.StatusCode, 300, address)
	return answered.Request.URL.String()
}

func (s *screen) press(what string, form url.Values) {
	form.Set("csrf", s.token)
	s.post(s.base+what, form, true)
}

// find waits until the page has something, and gives the part in brackets. It looks
// no more often than the guard lets a session look.
func (s *screen) find(expression string) string {
	var page []byte
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(300 * time.Millisecond) {
		began := time.Now()
		answered, err := s.Get(s.base)
		require.NoError(s, err)
		page, err = io.ReadAll(answered.Body)
		require.NoError(s, err)
		s.drawn = append(s.drawn, time.Since(began).Seconds()*1e3)
		answered.Body.Close()
		if found := regexp.MustCompile(expression).FindStringSubmatch(string(page)); found != nil {
			return found[len(found)-1]
		}
	}
	require.Fail(s, "not on the page: "+expression, regexp.MustCompile(`data-[a-z]+="[^"]*"`).FindAllString(string(page), -1))
	return ""
}

// BenchmarkHundredVisits is the program as it is shipped, a hundred visits one after
// the other through its pages, and the most memory that it ever had.
func BenchmarkHundredVisits(b *testing.B) {
	daemon, dir := pcscd.Start(b, pcscd.Options{}), b.TempDir()
	built, err := exec.Command("go", "build", "-o", dir, "cnie/cmd/cnie").CombinedOutput()
	require.NoError(b, err, "%s", built)
	require.NoError(b, specimen.Default().WriteTrust(dir+"/trust", time.Now()))
	p, err := persona.Load(persona.Names()[0])
	require.NoError(b, err)
	card, err := p.Card()
	require.NoError(b, err)
	defer plug(daemon.Ports[0], simulator.New(card))()

	desk := exec.Command(filepath.Join(dir, "cnie"), "counter", "--no-browser", "--listen", "127.0.0.1:0", "--trust", dir+"/trust", "--ledger", dir+"/ledger")
	desk.Stderr = io.Discard
	said, err := desk.StdoutPipe()
	require.NoError(b, err)
	require.NoError(b, desk.Start())
	defer func() {
		require.NoError(b, desk.Process.Signal(syscall.SIGTERM))
		require.NoError(b, desk.Wait())
	}()
	var addresses []string
	lines := bufio.NewScanner(said)
	for len(addresses) < 2 && lines.Scan() {
		addresses = append(addresses, regexp.MustCompile(`http://\S+`).FindString(lines.Text()))
	}
	require.Len(b, addresses, 2)
	go func() { _, _ = io.Copy(io.Discard, said) }()
	clerk, citizen := pair(b, addresses[0]), pair(b, addresses[1])
	for b.Loop() {
		for range 100 {
			visit(clerk, citizen, card.CAN)
		}
	}
	b.ReportMetric(median(citizen.drawn), "ms-page-p50")
	b.ReportMetric(peak(b, desk.Process.Pid), "MB-most")
}

func visit(clerk, citizen *screen, can string) {
	clerk.find(`data-testid="start"`)
	clerk.press("start", url.Values{"purpose": {"account"}, "operator": {"clerk-1"}})
	id := citizen.find(`name="transaction" value="([^"]+)"><input type="hidden" name="person"`)
	clerk.press("password", url.Values{"password": {can}, "transaction": {id}})
	citizen.press("consent", url.Values{"answer": {"yes"}, "transaction": {id}, "person": {"holder"}})
	clerk.find(`<button name="(match)"`)
	clerk.press("match", url.Values{"match": {"match"}, "transaction": {id}, "person": {"holder"}})
	clerk.find(`data-result="accepted"`)
	clerk.press("close", url.Values{"transaction": {id}})
}

// peak is the most memory that a process had, in MB.
func peak(b *testing.B, pid int) float64 {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	require.NoError(b, err)
	var kb float64
	_, err = fmt.Sscan(regexp.MustCompile(`VmHWM:\s+(\d+)`).FindStringSubmatch(string(status))[1], &kb)
	require.NoError(b, err)
	return kb / 1024
}
