package api

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/time/rate"
)

const (
	begins = `{"purpose":"age","operator":"clerk-1"}`
	start  = Base + "transactions"
)

// Every request here is one that somebody else than a paired client in its place
// would send, or a client that went wrong. None reaches the desk.
func TestHostileRequests(t *testing.T) {
	w := newWorld(t)
	token := func(text string) func(*http.Request) { return set("Authorization", text) }
	none := func(r *http.Request) { r.Header.Del("Authorization") }
	all := func(changes ...func(*http.Request)) func(*http.Request) {
		return func(r *http.Request) {
			for _, change := range changes {
				change(r)
			}
		}
	}
	host := func(name string) func(*http.Request) { return func(r *http.Request) { r.Host = name } }
	deep := `{"purpose":"age","questions":` + strings.Repeat("[", 8) + strings.Repeat("]", 8) + `}`
	w.api.strange.SetLimit(rate.Inf) // this is not about haste
	for client := range w.tokens {
		w.api.budget(client).limit.SetLimit(rate.Inf)
	}
	for _, row := range []struct {
		name, client, method, path, body string
		change                           func(*http.Request)
		want                             int
	}{
		// Rebinding and other names.
		{"rebound name", "trial", "GET", Base + "desk", "", host("evil.example"), 421},
		{"rebound name with our port", "trial", "GET", Base + "desk", "", host("evil.example" + w.server.URL[strings.LastIndex(w.server.URL, ":"):]), 421},
		{"name without a port", "trial", "GET", Base + "desk", "", host("127.0.0.1"), 421},
		{"open path under another name", "", "GET", Base + "openapi.json", "", host("evil.example"), 421},
		// Pages.
		{"foreign page", "trial", "POST", start, begins, set("Origin", "https://evil.example"), 403},
		{"null origin", "trial", "POST", start, begins, set("Origin", "null"), 403},
		{"empty origin", "trial", "POST", start, begins, set("Origin", ""), 403},
		{"origin with a suffix", "page", "POST", start, begins, set("Origin", here+".evil.example"), 403},
		{"origin with a prefix", "page", "POST", start, begins, set("Origin", "https://evil-guichet.example"), 403},
		{"origin by http", "page", "POST", start, begins, set("Origin", "http://guichet.example"), 403},
		{"origin with a port", "page", "POST", start, begins, set("Origin", here+":8443"), 403},
		{"origin in capitals", "page", "POST", start, begins, set("Origin", "https://GUICHET.example"), 403},
		{"two origins", "page", "POST", start, begins, func(r *http.Request) { r.Header["Origin"] = []string{here, beside} }, 400},
		{"our own origin", "trial", "POST", start, begins, set("Origin", w.server.URL), 403},
		{"open path from a foreign page", "", "GET", Base + "keys", "", set("Origin", "https://evil.example"), 403},
		{"form of a listed page", "page", "POST", start, begins, all(set("Origin", here), set("Sec-Fetch-Mode", "navigate")), 403},
		{"picture in a page", "trial", "GET", Base + "desk", "", set("Sec-Fetch-Site", "cross-site"), 403},
		{"web socket", "trial", "GET", start, "", all(set("Upgrade", "websocket"), set("Connection", "Upgrade")), 400},
		// Stolen tokens.
		{"token stolen by another listed page", "page", "POST", start, begins, set("Origin", beside), 403},
		{"page's token in a program", "page", "POST", start, begins, nil, 403},
		{"program's token in a listed page", "trial", "POST", start, begins, set("Origin", here), 403},
		// Tokens.
		{"no token", "trial", "POST", start, begins, none, 401},
		{"no token, reading", "trial", "GET", Base + "desk", "", none, 401},
		{"half a token", "trial", "GET", Base + "desk", "", token("Bearer " + w.tokens["trial"][:20]), 401},
		{"token and more", "trial", "GET", Base + "desk", "", token("Bearer " + w.tokens["trial"] + "A"), 401},
		{"token of no client", "trial", "GET", Base + "desk", "", token("Bearer cnie-nobody.AAAAAAAAAAAAAAAAAAAAAAAAAA"), 401},
		{"one client's name, another's secret", "trial", "GET", Base + "desk", "", token("Bearer cnie-narrow." + w.tokens["trial"][len("cnie-trial."):]), 401},
		{"token that climbs", "trial", "GET", Base + "desk", "", token("Bearer cnie-../../etc/passwd.x"), 401},
		{"basic", "trial", "GET", Base + "desk", "", token("Basic " + w.tokens["trial"]), 401},
		{"token in the address", "", "GET", Base + "desk?access_token=" + w.tokens["trial"], "", nil, 400},
		{"two tokens", "trial", "GET", Base + "desk", "", func(r *http.Request) { r.Header.Add("Authorization", "Bearer x") }, 400},
		// What is not this client's.
		{"purpose of another client", "narrow", "POST", start, `{"purpose":"residence","operator":"clerk-1","ticket":"1"}`, nil, 403},
		{"purpose of nobody", "trial", "POST", start, `{"purpose":"everything","operator":"clerk-1"}`, nil, 403},
		{"question that the purpose does not ask", "trial", "POST", start, `{"purpose":"age","operator":"clerk-1","questions":[{"id":"lives-in","arg":"RABAT"}]}`, nil, 422},
		{"place that the purpose does not ask about", "trial", "POST", start, `{"purpose":"resident","operator":"clerk-1","questions":[{"id":"lives-in","arg":"CASABLANCA"}]}`, nil, 422},
		{"record for another question", "trial", "POST", start, `{"purpose":"age","operator":"clerk-1","questions":[{"id":"over-18","record":{}}]}`, nil, 422},
		{"clerk that there is not", "trial", "POST", start, `{"purpose":"age","operator":"root"}`, nil, 422},
		{"no ticket", "trial", "POST", start, `{"purpose":"residence","operator":"clerk-1"}`, nil, 422},
		{"reader that there is not", "trial", "POST", start, `{"purpose":"age","operator":"clerk-1","reader":"Desk 99"}`, nil, 422},
		{"no such transaction", "trial", "GET", start + "/AAAAAAAAAAAAAAAAAAAAAAAAAA/result", "", nil, 404},
		// Secrets that have no way in.
		{"a CAN", "trial", "POST", start, `{"purpose":"age","operator":"clerk-1","can":"123456"}`, nil, 400},
		{"a PIN", "trial", "POST", start, `{"purpose":"age","operator":"clerk-1","pin":"123456"}`, nil, 400},
		{"a CAN of a transaction", "trial", "POST", start + "/x/password", `{"can":"123456"}`, nil, 404},
		{"agreeing for the holder", "trial", "POST", start + "/x/consent", `{"agreed":true}`, nil, 404},
		// Shapes.
		{"key twice", "trial", "POST", start, `{"purpose":"age","purpose":"residence"}`, nil, 400},
		{"key in capitals", "trial", "POST", start, `{"Purpose":"age"}`, nil, 400},
		{"key in a look-alike", "trial", "POST", start, "{\"purpo\u017fe\":\"age\"}", nil, 400},
		{"two objects", "trial", "POST", start, begins + begins, nil, 400},
		{"list", "trial", "POST", start, "[" + begins + "]", nil, 400},
		{"nothing in it", "trial", "POST", start, "{}", nil, 422},
		{"half", "trial", "POST", start, begins[:20], nil, 400},
		{"not UTF-8", "trial", "POST", start, "{\"purpose\":\"\xff\"}", nil, 400},
		{"deep", "trial", "POST", start, deep, nil, 400},
		{"control character", "trial", "POST", start, `{"purpose":"age","operator":"clerk-1","ticket":"A\u001b[2J"}`, nil, 422},
		{"text that turns around", "trial", "POST", start, `{"purpose":"age","operator":"clerk-1","ticket":"A\u202e17"}`, nil, 422},
		{"long", "trial", "POST", start, `{"ticket":"` + strings.Repeat("x", maxBody) + `"}`, nil, 413},
		{"form", "trial", "POST", start, "purpose=age", set("Content-Type", "application/x-www-form-urlencoded"), 415},
		{"plain text", "trial", "POST", start, begins, set("Content-Type", "text/plain"), 415},
		{"no key", "trial", "POST", start, begins, func(r *http.Request) { r.Header.Del("Idempotency-Key") }, 400},
		{"key with a line's end", "trial", "POST", start, begins, set("Idempotency-Key", "abcdefgh\tX"), 400},
		{"body in a GET", "trial", "GET", Base + "desk", begins, nil, 400},
		{"method", "trial", "PUT", start, begins, nil, 405},
		{"trace", "trial", "TRACE", start, "", nil, 405},
		{"upward path", "trial", "GET", Base + "../v1/desk", "", nil, 400},
		{"double slash", "trial", "GET", Base + "/desk", "", nil, 400},
		{"no path", "trial", "GET", Base + "nothing", "", nil, 404},
	} {
		answered, content := w.ask(row.client, row.method, row.path, row.body, func(r *http.Request) {
			if row.method == "POST" {
				r.Header.Set("Idempotency-Key", newKey())
			}
			if row.change != nil {
				row.change(r)
			}
		})
		assert.Equal(t, row.want, answered.StatusCode, "%s: %s", row.name, content)
		assert.Contains(t, string(content), `"urn:cnie:problem:`, row.name)
		assert.Contains(t, answered.Header.Get("Content-Security-Policy"), "default-src 'none'", row.name)
		if row.client != "page" || row.want == 403 {
			assert.Empty(t, answered.Header.Get("Access-Control-Allow-Origin"), row.name)
		}
	}
	assert.Empty(t, w.desk.Readers()[0].Transaction, "something began")
	assert.Zero(t, w.desk.Signals().Transactions)
	assert.NotContains(t, w.log.String(), "123456")
}

// A listed page with its own token gets in, and its browser is told that by name.
func TestListedPage(t *testing.T) {
	w := newWorld(t)
	from := set("Origin", here)
	asks := func(change func(*http.Request)) *http.Response {
		answered, _ := w.ask("", "OPTIONS", start, "", from, set("Access-Control-Request-Method", "POST"),
			set("Access-Control-Request-Headers", "authorization,content-type,idempotency-key"), set("Access-Control-Request-Private-Network", "true"), change)
		return answered
	}
	fine := asks(func(*http.Request) {})
	assert.Equal(t, http.StatusNoContent, fine.StatusCode)
	assert.Equal(t, here, fine.Header.Get("Access-Control-Allow-Origin"))
	assert.Equal(t, "true", fine.Header.Get("Access-Control-Allow-Private-Network"))
	assert.Equal(t, "POST", fine.Header.Get("Access-Control-Allow-Methods"))
	assert.Empty(t, fine.Header.Get("Access-Control-Allow-Credentials"))
	assert.Equal(t, "Origin", fine.Header.Get("Vary"))
	for name, change := range map[string]func(*http.Request){
		"foreign page": set("Origin", "https://evil.example"), "null": set("Origin", "null"), "nobody": func(r *http.Request) { r.Header.Del("Origin") },
		"method": set("Access-Control-Request-Method", "PUT"), "header": set("Access-Control-Request-Headers", "x-anything"),
		"no method": func(r *http.Request) { r.Header.Del("Access-Control-Request-Method") },
	} {
		refused := asks(change)
		assert.Equal(t, http.StatusForbidden, refused.StatusCode, name)
		assert.Empty(t, refused.Header.Get("Access-Control-Allow-Origin"), name)
		assert.Empty(t, refused.Header.Get("Access-Control-Allow-Private-Network"), name)
	}
	answered, content := w.ask("page", "POST", start, begins, from, set("Idempotency-Key", newKey()), set("Sec-Fetch-Site", "cross-site"), set("Sec-Fetch-Mode", "cors"))
	assert.Equal(t, http.StatusCreated, answered.StatusCode, string(content))
	assert.Equal(t, here, answered.Header.Get("Access-Control-Allow-Origin"))
	malformed, _ := w.ask("page", "POST", start, "{", from, set("Idempotency-Key", newKey()))
	assert.Equal(t, here, malformed.Header.Get("Access-Control-Allow-Origin"), "a page can read what it did wrong")
	stolen, _ := w.ask("page", "GET", answered.Header.Get("Location"), "", set("Origin", beside))
	assert.Equal(t, http.StatusForbidden, stolen.StatusCode)
	assert.Empty(t, stolen.Header.Get("Access-Control-Allow-Origin"))
}

func TestHaste(t *testing.T) {
	w := newWorld(t)
	codes := map[int]int{}
	for range 3 * burst {
		answered, _ := w.ask("trial", "GET", Base+"desk", "")
		codes[answered.StatusCode]++
	}
	assert.Positive(t, codes[http.StatusTooManyRequests])
	assert.GreaterOrEqual(t, codes[http.StatusOK], burst)
	for range 3 * burst {
		answered, _ := w.ask("", "GET", Base+"desk", "")
		codes[-answered.StatusCode]++
	}
	assert.Positive(t, codes[-http.StatusTooManyRequests])
	answered, _ := w.ask("narrow", "GET", Base+"desk", "")
	assert.Equal(t, http.StatusOK, answered.StatusCode, "strangers and others do not use up what is one's own")

	begun := w.begin("narrow", begins)
	streams := make([]*http.Response, 0, maxStreams)
	for range maxStreams {
		r, err := http.NewRequest("GET", w.server.URL+start+"/"+begun.ID+"/events", nil)
		require.NoError(t, err)
		r.Header.Set("Authorization", "Bearer "+w.tokens["narrow"])
		open, err := http.DefaultClient.Do(r)
		require.NoError(t, err)
		streams = append(streams, open)
	}
	answered, _ = w.ask("narrow", "GET", start+"/"+begun.ID+"/events", "")
	assert.Equal(t, http.StatusTooManyRequests, answered.StatusCode)
	require.NoError(t, w.desk.Cancel(begun.ID))
	for _, open := range streams {
		_, err := io.Copy(io.Discard, open.Body)
		assert.NoError(t, err, "a stream ends with its transaction")
		open.Body.Close()
	}
}

// A pairing is good for as long as its file is there, says what it says, and can
// be read by nobody else.
func TestPairing(t *testing.T) {
	w := newWorld(t)
	can := func() int {
		answered, _ := w.ask("narrow", "GET", Base+"desk", "")
		return answered.StatusCode
	}
	require.Equal(t, http.StatusOK, can())
	file := w.clients.path("narrow")
	content, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.NotContains(t, string(content), w.tokens["narrow"][len("cnie-narrow."):], "a hash is kept, and not the token")
	if runtime.GOOS != "windows" {
		about, err := os.Stat(file)
		require.NoError(t, err)
		assert.Equal(t, os.FileMode(0o600), about.Mode().Perm())
		require.NoError(t, os.Chmod(file, 0o644))
		assert.Equal(t, http.StatusUnauthorized, can(), "others can read it")
		require.NoError(t, os.Chmod(file, 0o600))
	}
	require.Equal(t, http.StatusOK, can())
	require.NoError(t, os.WriteFile(w.clients.path("page"), content, 0o600))
	answered, _ := w.ask("", "GET", Base+"desk", "", set("Authorization", "Bearer cnie-page."+w.tokens["narrow"][len("cnie-narrow."):]), set("Origin", here))
	assert.Equal(t, http.StatusUnauthorized, answered.StatusCode, "a file under another name is nobody's")

	old := w.tokens["narrow"]
	client, _ := w.site.Client("narrow")
	w.tokens["narrow"], err = w.clients.Pair(client, now)
	require.NoError(t, err)
	assert.Equal(t, http.StatusOK, can())
	answered, _ = w.ask("", "GET", Base+"desk", "", set("Authorization", "Bearer "+old))
	assert.Equal(t, http.StatusUnauthorized, answered.StatusCode, "paired anew, the first token is void")
	require.NoError(t, w.clients.Unpair("narrow"))
	assert.Equal(t, http.StatusUnauthorized, can())
	assert.ErrorIs(t, w.clients.Unpair("narrow"), ErrNotPaired)
	assert.ErrorIs(t, w.clients.Unpair("../x"), ErrNotPaired)
}

// The site file grew after the pairing: what was not agreed then is not there.
func TestRightsAreOfBoth(t *testing.T) {
	w := newWorld(t)
	client, _ := w.site.Client("trial")
	client.Purposes = []string{"age", "unheard-of"}
	var err error
	w.tokens["trial"], err = w.clients.Pair(client, now)
	require.NoError(t, err)
	answered, _ := w.ask("trial", "POST", start, `{"purpose":"residence","operator":"clerk-1","ticket":"1"}`, set("Idempotency-Key", newKey()))
	assert.Equal(t, http.StatusForbidden, answered.StatusCode)
	w.begin("trial", begins)
	w.site.API.Clients = w.site.API.Clients[1:]
	answered, _ = w.ask("trial", "GET", Base+"desk", "")
	assert.Equal(t, http.StatusUnauthorized, answered.StatusCode, "the site file names it no longer")
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{begins, "{}", `{"purpose":"a","questions":[{"id":"same-person","arg":"x","record":{"latin":{"surname":"a"}}}]}`, `[`, `{"a":{"a":{"a":[[]]}}}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		b, err := parse(body)
		if err == nil {
			assert.NotEmpty(t, b.Purpose)
			assert.LessOrEqual(t, len(b.Questions), maxQuestions)
			return
		}
		p, ok := err.(*problem)
		require.True(t, ok)
		w := httptest.NewRecorder()
		p.write(w)
		assert.Contains(t, []int{400, 422}, w.Code)
	})
}
