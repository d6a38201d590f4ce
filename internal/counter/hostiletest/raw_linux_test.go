//go:build cgo

package hostiletest

import (
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// raw sends bytes and gives all that comes back.
func (w *world) raw(request string, patience time.Duration) string {
	w.Helper()
	c, err := net.Dial("tcp", strings.TrimPrefix(w.origin, "http://"))
	require.NoError(w, err)
	defer c.Close()
	_, err = io.WriteString(c, request)
	require.NoError(w, err)
	require.NoError(w, c.SetReadDeadline(time.Now().Add(patience))) // a stream would never end
	answer, _ := io.ReadAll(c)                                      // up to where it was cut off
	return string(answer)
}

// Requests that no browser sends, each with the clerk's own cookie: what a name that
// was rebound, a gateway, or a program that fell for a page may come up with.
func TestRawRequests(t *testing.T) {
	w := newWorld(t)
	clerk := w.pair(w.invite("Clerk"), "")
	id := clerk.begin(w.citizen(clerk), w.card.CAN)
	clerk.waitFor(`data-key="next.holder-answers"`)
	state := func() []string { return standing.FindAllString(clerk.see(), -1) }
	before := state()
	host, place := strings.TrimPrefix(w.origin, "http://"), strings.TrimPrefix(clerk.base, w.origin)
	cookie := "Cookie: cnie=" + clerk.cookie + "\r\n"
	cancel := url.Values{"csrf": {clerk.token}, "transaction": {id}}.Encode()
	length := fmt.Sprintf("Content-Length: %d\r\n", len(cancel))
	post := func(headers, body string) string {
		return "POST " + place + "cancel HTTP/1.1\r\n" + cookie + "Content-Type: application/x-www-form-urlencoded\r\n" + headers + "\r\n" + body
	}
	mine := "Host: " + host + "\r\nOrigin: " + w.origin + "\r\n"
	inner := "POST " + place + "cancel HTTP/1.1\r\nHost: " + host + "\r\nContent-Type: application/x-www-form-urlencoded\r\n" + cookie + length + "\r\n" + cancel
	rows := map[string]string{
		"forged host":                  post("Host: evil.example\r\nOrigin: http://evil.example\r\n"+length, cancel),
		"host of another port":         post("Host: 127.0.0.1:80\r\nOrigin: "+w.origin+"\r\n"+length, cancel),
		"host with a suffix":           post("Host: "+host+".evil.example\r\nOrigin: "+w.origin+"\r\n"+length, cancel),
		"host with a user":             post("Host: evil.example@"+host+"\r\nOrigin: "+w.origin+"\r\n"+length, cancel),
		"two hosts":                    post(mine+"Host: evil.example\r\n"+length, cancel),
		"the same host twice":          post(mine+"Host: "+host+"\r\n"+length, cancel),
		"no host":                      post("Origin: "+w.origin+"\r\n"+length, cancel),
		"no address":                   post("Host: 0.0.0.0:"+host[strings.LastIndex(host, ":")+1:]+"\r\nOrigin: "+w.origin+"\r\n"+length, cancel),
		"host in the line":             strings.Replace(post(mine+length, cancel), "POST ", "POST http://evil.example", 1),
		"forged origin":                post("Host: "+host+"\r\nOrigin: http://evil.example\r\n"+length, cancel),
		"origin with ours in front":    post("Host: "+host+"\r\nOrigin: "+w.origin+".evil.example\r\n"+length, cancel),
		"null origin":                  post("Host: "+host+"\r\nOrigin: null\r\n"+length, cancel),
		"two origins":                  post(mine+"Origin: http://evil.example\r\n"+length, cancel),
		"two origins in one":           post("Host: "+host+"\r\nOrigin: "+w.origin+" http://evil.example\r\n"+length, cancel),
		"no origin":                    post("Host: "+host+"\r\n"+length, cancel),
		"from another site":            post(mine+"Sec-Fetch-Site: cross-site\r\n"+length, cancel),
		"from another port":            post(mine+"Sec-Fetch-Site: same-site\r\n"+length, cancel),
		"length and chunks":            post(mine+length+"Transfer-Encoding: chunked\r\n", "0\r\n\r\n"+inner),
		"chunks and length":            post(mine+"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n", "0\r\n\r\n"+inner),
		"chunks by another name":       post(mine+length+"Transfer-Encoding: xchunked\r\n", "0\r\n\r\n"+inner),
		"two lengths":                  post(mine+length+"Content-Length: 5\r\n", cancel),
		"negative length":              post(mine+strings.Replace(length, ": ", ": -", 1), cancel),
		"length in hex":                post(mine+fmt.Sprintf("Content-Length: %#x\r\n", len(cancel)), cancel),
		"space before the colon":       post(mine+strings.Replace(length, ":", " :", 1), cancel),
		"folded header":                post("Host: "+host+"\r\nOrigin:\r\n "+"http://evil.example\r\n"+length, cancel),
		"form in a reading":            "GET " + place + " HTTP/1.1\r\n" + cookie + mine + length + "\r\n" + cancel,
		"second request in the first":  "GET /healthz HTTP/1.1\r\nHost: evil.example\r\n\r\n" + inner,
		"second request in the form":   post("Host: evil.example\r\nContent-Length: 0\r\n", inner),
		"old version":                  strings.Replace(post("Origin: "+w.origin+"\r\n"+length, cancel), "HTTP/1.1", "HTTP/1.0", 1),
		"oldest version":               "GET " + place + "\r\n",
		"web socket":                   "GET " + place + "events HTTP/1.1\r\n" + cookie + mine + "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
		"next version":                 "GET " + place + " HTTP/1.1\r\n" + cookie + mine + "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n",
		"trace":                        "TRACE " + place + " HTTP/1.1\r\n" + cookie + mine + "\r\n",
		"connect":                      "CONNECT " + host + " HTTP/1.1\r\n" + cookie + mine + "\r\n",
		"put instead of post":          strings.Replace(post(mine+length, cancel), "POST", "PUT", 1),
		"post by a header":             "GET " + place + "cancel?" + cancel + " HTTP/1.1\r\n" + cookie + mine + "X-HTTP-Method-Override: POST\r\n\r\n",
		"upward":                       "GET " + place + "../" + strings.TrimPrefix(place, "/s/") + " HTTP/1.1\r\n" + cookie + mine + "\r\n",
		"upward, in other characters":  "GET " + place + "%2e%2e/ HTTP/1.1\r\n" + cookie + mine + "\r\n",
		"line ends in the line itself": "GET " + place + "\x0bHTTP/1.1\r\n" + cookie + mine + "\r\n",
	}
	for name, request := range rows {
		answer := w.raw(request, time.Second)
		assert.NotContains(t, answer, " 200 OK", name)
		assert.NotContains(t, answer, " 303 See", name)
		assert.NotContains(t, answer, clerk.token, name)
		assert.NotContains(t, answer, id, name)
		assert.Equal(t, before, state(), name)
	}
	// The very same, as it should be, does what it says.
	assert.Contains(t, w.raw("GET "+place+" HTTP/1.1\r\n"+cookie+"Host: "+host+"\r\n\r\n", hang), clerk.token)
	assert.Contains(t, w.raw(post(mine+length, cancel), hang), " 303 See")
	clerk.waitFor(`data-state="cancelled"`)
	t.Logf("requests by hand: %d", len(rows))
}
