package agent

import (
	"crypto/sha256"
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/internal/remote/activation"
	"cnie/internal/remote/gate"
	"cnie/internal/remote/order"
)

// service is the other end of package gate, as its documentation has it. It hands
// out what the test gives it.
type service struct {
	w         *world
	mu        sync.Mutex
	session   order.ID
	resumed   []order.ID
	orders    []json.RawMessage
	handed    int
	open      []order.ID
	documents map[string][]byte // by order and number
	lease     int
	deaf      bool // answers do not arrive
	gone      bool // the session ends once
	withdrawn gate.Code
	answers   map[order.ID]*order.Answer
	posted    chan *order.Answer
}

func (s *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := strings.Split(strings.TrimPrefix(r.URL.Path, gate.Root), "/")
	switch {
	case r.Method == http.MethodPost && len(path) == 1:
		s.hello(w, r)
	case r.Method == http.MethodDelete:
		w.WriteHeader(http.StatusNoContent)
	case order.ID(path[1]) != s.current():
		problem(w, http.StatusGone, gate.Gone)
	case path[2] == "answers":
		s.take(w, r)
	case len(path) == 6:
		s.document(w, path[3]+"/"+path[5])
	case len(path) == 4:
		s.waits(w)
	default:
		s.wait(w, r)
	}
}

// waits says of every order what the test wants said of all.
func (s *service) waits(w http.ResponseWriter) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.withdrawn == "" {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	problem(w, http.StatusConflict, s.withdrawn)
}

func problem(w http.ResponseWriter, status int, code gate.Code) {
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(gate.Problem{Error: code, Description: "as the test wants it"})
}

func (s *service) current() order.ID {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.session
}

func (s *service) hello(w http.ResponseWriter, r *http.Request) {
	text := make([]byte, gate.MaxHello)
	n, _ := readAll(r.Body, text)
	hello, _, err := gate.ParseHello(text[:n])
	if err != nil {
		problem(w, http.StatusBadRequest, gate.Malformed)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.resumed = append(s.resumed, hello.Resume)
	s.session = order.NewID()
	w.WriteHeader(http.StatusCreated)
	_ = json.NewEncoder(w).Encode(gate.Welcome{Version: order.Version, Session: s.session, Lease: s.lease, Issuer: issuer,
		Agent: gate.Name(r.TLS.PeerCertificates[0]), Keys: s.w.signer.Keys(), Open: s.open})
}

func readAll(r interface{ Read([]byte) (int, error) }, into []byte) (int, error) {
	n := 0
	for {
		m, err := r.Read(into[n:])
		if n += m; err != nil || m == 0 {
			return n, err
		}
	}
}

// wait hands out what was not handed out yet.
func (s *service) wait(w http.ResponseWriter, r *http.Request) {
	for range 20 {
		s.mu.Lock()
		if s.gone {
			s.gone, s.session = false, order.NewID()
			s.mu.Unlock()
			problem(w, http.StatusGone, gate.Gone)
			return
		}
		if s.handed < len(s.orders) {
			all := gate.Orders{Version: order.Version, Batch: s.handed + 1, Orders: s.orders[s.handed:]}
			s.handed = len(s.orders)
			s.mu.Unlock()
			_ = json.NewEncoder(w).Encode(all)
			return
		}
		s.mu.Unlock()
		select {
		case <-r.Context().Done():
			return
		case <-time.After(20 * time.Millisecond):
		}
	}
	_ = json.NewEncoder(w).Encode(gate.Orders{Version: order.Version, Orders: []json.RawMessage{}})
}

func (s *service) document(w http.ResponseWriter, name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	content, there := s.documents[name]
	if !there {
		problem(w, http.StatusNotFound, gate.Unknown)
		return
	}
	_, _ = w.Write(content)
}

func (s *service) take(w http.ResponseWriter, r *http.Request) {
	text := make([]byte, order.MaxAnswer)
	n, _ := readAll(r.Body, text)
	answer, err := order.ParseAnswer(text[:n])
	if err != nil {
		problem(w, http.StatusBadRequest, gate.Malformed)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.deaf {
		problem(w, http.StatusServiceUnavailable, gate.Trouble)
		return
	}
	w.WriteHeader(http.StatusNoContent)
	if before := s.answers[answer.Order]; before != nil { // it was not sure that it had arrived
		assert.Equal(s.w.t, before, answer)
		return
	}
	s.answers[answer.Order] = answer
	s.posted <- answer
}

// give hands an order out.
func (s *service) give(o *order.Order) {
	s.w.t.Helper()
	text, err := o.Encode()
	require.NoError(s.w.t, err)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.orders = append(s.orders, text)
}

// answer waits for one, which has to be this order's.
func (w *world) answer(o *order.Order) *order.Answer {
	w.t.Helper()
	select {
	case a := <-w.service.posted:
		require.Equal(w.t, o.ID, a.Order)
		assert.True(w.t, a.Fits(o))
		return a
	case <-time.After(20 * time.Second):
		require.Fail(w.t, "no answer came")
		return nil
	}
}

// asks is an order for consent to documents with these contents.
func (w *world) asks(kind order.Kind, format order.Format, contents ...[]byte) *order.Order {
	w.t.Helper()
	identity, err := LoadIdentity(w.folder)
	require.NoError(w.t, err)
	now := time.Now().UTC().Truncate(time.Second)
	o := &order.Order{
		Version: order.Version, ID: order.NewID(), Stage: order.Consent, Kind: kind, Credential: identity.Credential(),
		Requester: order.Requester{ID: "office", Name: "Office of Tests"}, Purpose: "lease",
		Hash: order.SHA256, Signature: order.ECDSA, Created: now, Expires: now.Add(time.Minute),
	}
	for i, content := range contents {
		sum := sha256.Sum256(content)
		d := order.Document{Digest: sum[:]}
		if kind == order.Doc {
			d.Name, d.Size, d.Format = "lease.pdf", int64(len(content)), format
			w.service.keep(o.ID, i, content)
		}
		o.Documents = append(o.Documents, d)
	}
	return o
}

func (s *service) keep(id order.ID, n int, content []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.documents[string(id)+"/"+string(rune('0'+n))] = content
}

// wants is the order to sign that follows a consent, with its token.
func (w *world) wants(agreed *order.Order, change func(*order.Order, *activation.Grant), contents ...[]byte) *order.Order {
	w.t.Helper()
	o := *agreed
	o.ID, o.Stage, o.Consent = order.NewID(), order.Sign, agreed.ID
	now := time.Now()
	g := activation.Grant{
		Issuer: issuer, Audience: []string{issuer, "urn:cnie:agent:4711"}, Consent: agreed.ID, Credential: o.Credential, Client: o.Requester.ID,
		Kind: o.Kind, Hash: o.Hash, Signature: o.Signature, Count: len(o.Documents), Digests: o.Digests(),
		Issued: now.Unix(), Expires: now.Add(time.Minute).Unix(),
	}
	if change != nil {
		change(&o, &g)
	}
	var err error
	if o.Token == "" {
		o.Token, err = w.signer.Sign(g)
		require.NoError(w.t, err)
	}
	for i, content := range contents {
		w.service.keep(o.ID, i, content)
	}
	return &o
}

func digest(content []byte) []byte {
	sum := sha256.Sum256(content)
	return sum[:]
}
