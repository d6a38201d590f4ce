package main

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/simulator"
	"cnie/simulator/persona"
)

// browser is somebody at one of the screens.
type browser struct {
	*testing.T
	http.Client
	base, token string
}

func openScreen(t *testing.T, address string) *browser {
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	b := &browser{T: t, Client: http.Client{Jar: jar}}
	page, secret, _ := strings.Cut(address, "#")
	answered := b.post(page, url.Values{"token": {secret}})
	b.base = answered.Request.URL.String()
	b.token = regexp.MustCompile(`name="csrf" value="([^"]+)"`).FindStringSubmatch(b.see())[1]
	return b
}

func (b *browser) post(address string, form url.Values) *http.Response {
	target, err := url.Parse(address)
	require.NoError(b, err)
	request, err := http.NewRequest(http.MethodPost, address, strings.NewReader(form.Encode()))
	require.NoError(b, err)
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Origin", "http://"+target.Host)
	answered, err := b.Do(request)
	require.NoError(b, err)
	answered.Body.Close()
	require.Equal(b, http.StatusOK, answered.StatusCode)
	return answered
}

func (b *browser) press(what string, form url.Values) {
	form.Set("csrf", b.token)
	b.post(b.base+what, form)
}

func (b *browser) see() string {
	answered, err := b.Get(b.base)
	require.NoError(b, err)
	defer answered.Body.Close()
	body, err := io.ReadAll(answered.Body)
	require.NoError(b, err)
	return string(body)
}

func (b *browser) waitFor(what string) string {
	b.Helper()
	var page string
	defer func() {
		if b.Failed() {
			b.Log(regexp.MustCompile(`data-(key|state|moment|testid)="[^"]*"`).FindAllString(page, -1))
		}
	}()
	require.Eventually(b, func() bool { page = b.see(); return strings.Contains(page, what) }, 10*time.Second, 200*time.Millisecond, what)
	return page
}

// The whole way through both screens, over a simulated card: chosen, opened,
// agreed, judged, recorded.
func TestCounterJourney(t *testing.T) {
	trust := anchors(t)
	var card *persona.Card
	for p := range persona.Generate(7, 1) {
		var err error
		card, err = p.Card()
		require.NoError(t, err)
	}
	ctx, stop := context.WithCancel(t.Context())
	said, writes := io.Pipe()
	desk := &program{system: simulator.NewSystem("Simulated", simulator.New(card)), stdin: strings.NewReader(""), stdout: writes, stderr: io.Discard}
	ended := make(chan int, 1)
	go func() {
		ended <- desk.run(ctx, []string{"counter", "--no-browser", "--lang", "en", "--listen", "127.0.0.1:0", "--ledger", filepath.Join(t.TempDir(), "ledger"), "--trust", trust})
	}()
	defer func() { stop(); assert.Equal(t, exitOK, <-ended) }()
	lines := bufio.NewScanner(said)
	var addresses []string
	for len(addresses) < 2 && lines.Scan() {
		addresses = append(addresses, regexp.MustCompile(`http://\S+`).FindString(lines.Text()))
	}
	go func() { _, _ = io.Copy(io.Discard, said) }()
	clerk, citizen := openScreen(t, addresses[0]), openScreen(t, addresses[1])
	clerk.press("start", url.Values{"purpose": {"resident"}, "operator": {"clerk-1"}, "place-resident": {"RABAT"}})
	id := regexp.MustCompile(`name="transaction" value="([^"]+)"`).FindStringSubmatch(clerk.waitFor(`data-testid="password-form"`))[1]
	clerk.press("password", url.Values{"password": {card.CAN}, "transaction": {id}})
	clerk.waitFor(`data-state="asking"`)
	citizen.waitFor(`data-testid="agree"`)
	citizen.press("consent", url.Values{"answer": {"yes"}, "transaction": {id}, "person": {"holder"}})
	page := clerk.waitFor(`data-verdict="accepted"`)
	assert.NotContains(t, page, card.CAN)
}
