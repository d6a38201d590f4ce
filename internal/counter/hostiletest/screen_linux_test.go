//go:build cgo

package hostiletest

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

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
	var page string
	require.Eventually(s, func() bool {
		if page = s.see(); strings.Contains(page, `data-testid="start"`) { // again, should the desk not have seen its reader yet
			s.press("start", url.Values{"purpose": {"account"}, "operator": {"clerk-1"}})
			page = s.see()
		}
		return strings.Contains(page, `data-testid="password-form"`)
	}, hang, 100*time.Millisecond, "a visit begins")
	id = transactionOf.FindStringSubmatch(page)[1]
	s.press("password", url.Values{"password": {can}, "transaction": {id}})
	citizen.waitFor(`data-testid="agree"`)
	return id
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
