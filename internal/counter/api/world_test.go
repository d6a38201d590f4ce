package api

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/cardreader/emrtd/access"
	"cnie/internal/answer"
	"cnie/internal/counter"
	"cnie/internal/ledger"
	"cnie/internal/photo"
	"cnie/internal/site"
	"cnie/lds"
	"cnie/pki"
	"cnie/pki/specimen"
	"cnie/pki/trust"
	"cnie/simulator"
	"cnie/simulator/persona"
)

// now is a Friday morning, when the specimen cards are in force.
var now = time.Date(2026, 11, 20, 9, 30, 0, 0, time.UTC)

const (
	left   = "Desk 00"
	here   = "https://guichet.example"
	beside = "https://other.example"
)

// world is the API before a real desk with a simulated card, on a real socket.
// Every answer that it gives is held against the description.
type world struct {
	*testing.T
	desk    *counter.Desk
	system  *simulator.System
	server  *httptest.Server
	api     *Server
	clients *Pairings
	key     *answer.Key
	book    *book
	site    *site.Site
	tokens  map[string]string
	log     *lockedBuffer

	mu   sync.Mutex
	seen map[string]bool // METHOD path status
}

// book is a ledger in memory.
type book struct {
	mu      sync.Mutex
	records []ledger.Record
	broken  error
}

func (b *book) Add(_ context.Context, r ledger.Record) (ledger.Place, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.broken != nil {
		return ledger.Place{}, b.broken
	}
	b.records = append(b.records, r)
	return ledger.Place{Index: uint64(len(b.records) - 1), Leaf: make([]byte, 32)}, nil
}

type lockedBuffer struct {
	mu sync.Mutex
	bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.Buffer.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.Buffer.String()
}

// place is the specimen site with more clients, and a purpose that lets fields out.
func place(t *testing.T) *site.Site {
	t.Helper()
	text := string(site.Starter)
	for old, new := range map[string]string{
		"    - {id: trial, purposes: [residence, age, same-person, resident]}": `    - {id: trial, purposes: [residence, age, same-person, resident, minor]}
    - {id: narrow, purposes: [age]}
    - {id: page, purposes: [age], origins: ["` + here + `"]}
    - {id: other, purposes: [age], origins: ["` + beside + `"]}
  origins: ["` + here + `", "` + beside + `"]`,
		"birth_place, address]\n    retention": "birth_place, address]\n    release: [surname, birth_date, address]\n    retention",
	} {
		require.Contains(t, text, old)
		text = strings.Replace(text, old, new, 1)
	}
	s, err := site.Parse([]byte(text))
	require.NoError(t, err)
	return s
}

func newWorld(t *testing.T, changes ...func(*Options, *counter.Options)) *world {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, specimen.Default().WriteTrust(dir, now))
	store, err := trust.LoadDir(dir)
	require.NoError(t, err)
	state := t.TempDir()
	w := &world{T: t, system: simulator.NewSystem("Desk", nil), book: &book{}, site: place(t), tokens: map[string]string{}, seen: map[string]bool{}, log: &lockedBuffer{}}
	w.clients, err = OpenPairings(state)
	require.NoError(t, err)
	w.key, err = AnswerKey(state)
	require.NoError(t, err)
	for _, c := range w.site.API.Clients {
		w.tokens[c.ID], err = w.clients.Pair(c, now)
		require.NoError(t, err)
	}
	log := slog.New(slog.NewTextHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	deskOptions := counter.Options{
		System: w.system, Site: w.site, Ledger: w.book, Now: func() time.Time { return now }, Log: log,
		Verifier: func(at time.Time) (*pki.Verifier, error) { return pki.NewVerifier(store, pki.Policy{At: at}) },
		Photo:    func(_ context.Context, face lds.Face) (photo.Picture, error) { return photo.Render(face) },
	}
	o := Options{Site: w.site, Clients: w.clients, Key: w.key, Now: func() time.Time { return now }, Log: log}
	for _, change := range changes {
		change(&o, &deskOptions)
	}
	w.desk, err = counter.New(deskOptions)
	require.NoError(t, err)
	ctx, stop := context.WithCancel(context.Background())
	ran := make(chan error, 1)
	go func() { ran <- w.desk.Run(ctx) }()
	w.server = httptest.NewUnstartedServer(nil)
	o.Desk, o.Hosts = w.desk, []string{w.server.Listener.Addr().String()}
	w.api = New(o)
	w.server.Config.Handler = w.api
	w.server.Start()
	t.Cleanup(func() {
		stop()
		w.api.Close()
		w.server.Close()
		assert.NoError(t, <-ran)
	})
	require.Eventually(t, func() bool { return len(w.desk.Readers()) == 1 }, 10*time.Second, time.Millisecond)
	return w
}

// ask sends a request as a client and holds the answer against the description.
func (w *world) ask(client, method, path, body string, changes ...func(*http.Request)) (*http.Response, []byte) {
	w.Helper()
	r, err := http.NewRequestWithContext(w.Context(), method, w.server.URL+path, strings.NewReader(body))
	require.NoError(w, err)
	if token := w.tokens[client]; token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for _, change := range changes {
		change(r)
	}
	answered, err := http.DefaultClient.Do(r)
	require.NoError(w, err)
	defer answered.Body.Close()
	content, err := io.ReadAll(answered.Body)
	require.NoError(w, err)
	w.described(answered, content)
	return answered, content
}

func set(name, value string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set(name, value) }
}

// begin begins a transaction under a new key.
func (w *world) begin(client, body string) Status {
	w.Helper()
	answered, content := w.ask(client, "POST", Base+"transactions", body, set("Idempotency-Key", newKey()))
	require.Equal(w, http.StatusCreated, answered.StatusCode, string(content))
	var s Status
	require.NoError(w, json.Unmarshal(content, &s))
	assert.Equal(w, Base+"transactions/"+s.ID, answered.Header.Get("Location"))
	return s
}

func newKey() string { return rand.Text() }

func (w *world) result(client, id string) (Result, []byte) {
	w.Helper()
	answered, content := w.ask(client, "GET", Base+"transactions/"+id+"/result", "")
	require.Equal(w, http.StatusOK, answered.StatusCode, string(content))
	var r Result
	require.NoError(w, json.Unmarshal(content, &r))
	return r, content
}

// wait waits at the API until a transaction is in a state.
func (w *world) wait(id string, state counter.State) {
	w.Helper()
	w.api.mu.Lock()
	v := w.api.visits[id]
	w.api.mu.Unlock()
	require.NotNil(w, v)
	late := time.After(30 * time.Second)
	for {
		at, changed := v.look()
		if at.State == state {
			return
		}
		require.False(w, at.State.Ended(), "%s %s", at.State, at.Failure)
		select {
		case <-changed:
		case <-late:
			w.Fatalf("still %s, not %s", at.State, state)
		}
	}
}

// people are the clerk and the citizen: they do what the desk waits for.
func (w *world) people(id string, card *persona.Card, match counter.Match) {
	w.Helper()
	require.NoError(w, w.system.Insert(left, simulator.New(card)))
	can, err := access.CAN(card.CAN)
	require.NoError(w, err)
	require.NoError(w, w.desk.Password(id, can))
	for t := range w.desk.Watch(w.Context(), id) {
		switch {
		case t.State == counter.Asking && !t.Agreed:
			require.NoError(w, w.desk.Consent(id, true))
		case t.State == counter.Deciding:
			require.NoError(w, w.desk.Match(id, match))
			return
		case t.State.Ended():
			return
		}
	}
}

func card(t *testing.T, name string) *persona.Card {
	t.Helper()
	p, err := persona.Load(name)
	require.NoError(t, err)
	c, err := p.Card()
	require.NoError(t, err)
	return c
}

// follow reads a stream to its end.
func (w *world) follow(client, id string) <-chan []Status {
	r, err := http.NewRequestWithContext(w.Context(), "GET", w.server.URL+Base+"transactions/"+id+"/events", nil)
	require.NoError(w, err)
	r.Header.Set("Authorization", "Bearer "+w.tokens[client])
	answered, err := http.DefaultClient.Do(r)
	require.NoError(w, err)
	require.Equal(w, http.StatusOK, answered.StatusCode)
	all := make(chan []Status, 1)
	go func() {
		defer answered.Body.Close()
		var got []Status
		for lines := bufio.NewScanner(answered.Body); lines.Scan(); {
			if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
				var s Status
				assert.NoError(w, json.Unmarshal([]byte(data), &s))
				w.fits(description(w.T).Components.Schemas["status"].Value, []byte(data))
				got = append(got, s)
			}
		}
		w.described(answered, nil)
		all <- got
	}()
	return all
}

var loaded = sync.OnceValues(func() (*openapi3.T, error) { return openapi3.NewLoader().LoadFromData(Description) })

func description(t *testing.T) *openapi3.T {
	doc, err := loaded()
	require.NoError(t, err)
	return doc
}

// fits validates a value against a schema of the description.
func (w *world) fits(schema *openapi3.Schema, content []byte) {
	w.Helper()
	var value any
	if assert.NoError(w, json.Unmarshal(content, &value)) {
		assert.NoError(w, schema.VisitJSON(value, openapi3.EnableJSONSchema2020()), string(content))
	}
}

// described finds what the description says of an answer, and compares.
func (w *world) described(answered *http.Response, content []byte) {
	w.Helper()
	r := answered.Request
	path, item := operation(w.T, r.URL.Path)
	if item == nil || r.Method == http.MethodOptions || item.GetOperation(r.Method) == nil {
		assert.Equal(w, "application/problem+json", kindOr(answered, "application/problem+json"))
		return
	}
	responses := item.GetOperation(r.Method).Responses
	at := responses.Status(answered.StatusCode)
	if at == nil {
		require.GreaterOrEqual(w, answered.StatusCode, 400, "%s %s answered %s", r.Method, path, answered.Status)
		at = responses.Default()
	}
	require.NotNil(w, at)
	for name, header := range at.Value.Headers {
		assert.True(w, !header.Value.Required || answered.Header.Get(name) != "", "%s is missing", name)
	}
	w.mu.Lock()
	w.seen[r.Method+" "+path+" "+http.StatusText(answered.StatusCode)] = true
	w.mu.Unlock()
	if len(at.Value.Content) == 0 {
		assert.Empty(w, content)
		return
	}
	media := at.Value.Content.Get(answered.Header.Get("Content-Type"))
	if assert.NotNil(w, media, "%s %s answers in %s", r.Method, path, answered.Header.Get("Content-Type")) && content != nil {
		w.fits(media.Schema.Value, content)
	}
}

func kindOr(answered *http.Response, none string) string {
	if answered.StatusCode == http.StatusNoContent {
		return none
	}
	return answered.Header.Get("Content-Type")
}

// operation takes the path of a request to the path of the description.
func operation(t *testing.T, path string) (string, *openapi3.PathItem) {
	parts := strings.Split(path, "/")
	for pattern, item := range description(t).Paths.Map() {
		want := strings.Split(pattern, "/")
		if len(want) == len(parts) && matches(want, parts) {
			return pattern, item
		}
	}
	return "", nil
}

func matches(want, parts []string) bool {
	for i := range want {
		if want[i] != parts[i] && !strings.HasPrefix(want[i], "{") {
			return false
		}
	}
	return true
}
