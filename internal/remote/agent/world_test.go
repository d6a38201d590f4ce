package agent

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"math/big"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/cardreader/esign"
	"cnie/internal/remote/activation"
	"cnie/internal/remote/order"
	"cnie/internal/secret"
	"cnie/simulator"
	"cnie/simulator/persona"
	"cnie/simulator/piv"
)

const (
	issuer = "https://sign.example"
	reader = "Simulated 00"
)

// world is a service that does as it is told, a simulated card, and a holder who
// follows a script.
type world struct {
	t       *testing.T
	folder  string
	system  *simulator.System
	app     *piv.Applet
	counter *counter
	signer  *activation.Signer
	server  *httptest.Server
	trusted *pair
	service *service
	holder  *holder
	hashes  bool
	key     string             // of the service, as the agent was told
	before  func(*entry) error // crashes, for agents that are opened from now on
	after   func(*entry) error
}

// pair is a certificate and its key.
type pair struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

func certify(t *testing.T, template *x509.Certificate, by *pair) *pair {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	made := &pair{template, key}
	if by == nil {
		by = made
	}
	template.SerialNumber = big.NewInt(time.Now().UnixNano())
	if template.NotBefore.IsZero() {
		template.NotBefore, template.NotAfter = time.Now().Add(-time.Minute), time.Now().Add(24*time.Hour)
	}
	der, err := x509.CreateCertificate(rand.Reader, template, by.certificate, key.Public(), by.key)
	require.NoError(t, err)
	made.certificate, err = x509.ParseCertificate(der)
	require.NoError(t, err)
	return made
}

func newWorld(t *testing.T) *world {
	w := &world{t: t, folder: t.TempDir(), system: simulator.NewSystem("Simulated", nil), holder: &holder{}}
	w.put("SPECIMEN AMINA")
	w.trusted = certify(t, &x509.Certificate{Subject: pkix.Name{CommonName: "root"}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}, nil)
	w.enrolled()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	w.signer, err = activation.NewSigner(key)
	require.NoError(t, err)
	w.serve()
	return w
}

// put lays a card on the reader that counts what it signs.
func (w *world) put(name string) {
	w.t.Helper()
	contents, err := piv.Specimen(name, map[piv.Slot]piv.Algorithm{piv.Authentication: piv.P256, piv.Signature: piv.P256})
	require.NoError(w.t, err)
	w.app = piv.New(contents)
	if w.counter == nil {
		w.counter = &counter{}
	}
	require.NoError(w.t, w.system.Insert(reader, simulator.New(&persona.Card{BAC: true}, simulator.WithApplet(w.app), simulator.WithWire(w.counter.wrap))))
}

// enrolled leaves what Enrol would have left.
func (w *world) enrolled() {
	w.t.Helper()
	tokens, err := w.cards().Open(w.t.Context(), esign.Options{})
	require.NoError(w.t, err)
	keys, err := tokens.Keys(w.t.Context())
	require.NoError(w.t, err)
	require.NoError(w.t, tokens.Close())
	for _, key := range keys {
		if key.Description().Slot == "9C" {
			leaf := key.Certificate()
			subject := pkix.Name{CommonName: leaf.Subject.CommonName, Organization: leaf.Subject.Organization, OrganizationalUnit: []string{"agent"}, SerialNumber: "4711"}
			made := certify(w.t, &x509.Certificate{Subject: subject, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}, w.trusted)
			i := &Identity{Holder: key.Chain(), Agent: tls.Certificate{Certificate: [][]byte{made.certificate.Raw}, PrivateKey: made.key, Leaf: made.certificate}}
			require.NoError(w.t, i.store(w.folder))
		}
	}
}

func (w *world) cards() Cards { return Readers{System: w.system} }

func (w *world) serve() {
	w.service = &service{w: w, documents: map[string][]byte{}, answers: map[order.ID]*order.Answer{}, posted: make(chan *order.Answer, 100), lease: 30}
	made := certify(w.t, &x509.Certificate{Subject: pkix.Name{CommonName: "service"}, DNSNames: []string{"localhost"}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}, w.trusted)
	roots := x509.NewCertPool()
	roots.AddCert(w.trusted.certificate)
	w.server = httptest.NewUnstartedServer(w.service)
	w.server.TLS = &tls.Config{ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: roots,
		Certificates: []tls.Certificate{{Certificate: [][]byte{made.certificate.Raw}, PrivateKey: made.key}}}
	w.server.StartTLS()
	w.t.Cleanup(w.server.Close)
}

// open opens an agent that has yet to run.
func (w *world) open() *Agent {
	w.t.Helper()
	roots := x509.NewCertPool()
	roots.AddCert(w.trusted.certificate)
	a, err := Open(Options{
		Folder: w.folder, Service: strings.Replace(w.server.URL, "127.0.0.1", "localhost", 1), Roots: roots, Cards: w.cards(), Holder: w.holder, Hashes: w.hashes, Key: w.key,
	})
	require.NoError(w.t, err)
	a.journal.before, a.journal.after = w.before, w.after
	return a
}

// run runs an agent until what is returned is called, which gives Run's error.
func (w *world) run() (stop func() error) {
	a := w.open()
	ctx, cancel := context.WithCancel(w.t.Context())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()
	stop = sync.OnceValue(func() error {
		cancel()
		return errors.Join(<-ended, a.Close())
	})
	w.t.Cleanup(func() { assert.NoError(w.t, stop()) })
	return stop
}

// crash runs an agent until it ends by itself.
func (w *world) crash() error {
	w.t.Helper()
	a := w.open()
	defer func() { require.NoError(w.t, a.Close()) }()
	ctx, cancel := context.WithTimeout(w.t.Context(), 30*time.Second)
	defer cancel()
	return a.Run(ctx)
}

// counter counts the signatures that a card makes: GENERAL AUTHENTICATE, answered.
type counter struct {
	mu     sync.Mutex
	signed int
	pins   int
}

func (c *counter) wrap(next func([]byte) []byte) func([]byte) []byte {
	return func(command []byte) []byte {
		answer := next(command)
		c.mu.Lock()
		defer c.mu.Unlock()
		if len(command) > 5 && command[1] == 0x87 && len(answer) > 8 {
			c.signed++
		}
		if len(command) > 5 && command[1] == 0x20 {
			c.pins++
		}
		return answer
	}
}

func (c *counter) counts() (signed, pins int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.signed, c.pins
}

// holder says yes, unless told otherwise.
type holder struct {
	mu      sync.Mutex
	agree   func(context.Context, Question) (bool, error)
	pin     func(esign.Ask) (secret.Bytes, error)
	asked   []Question
	notices []Notice
}

func (h *holder) Agree(ctx context.Context, q Question) (bool, error) {
	h.mu.Lock()
	h.asked = append(h.asked, q)
	agree := h.agree
	h.mu.Unlock()
	if agree == nil {
		return true, nil
	}
	return agree(ctx, q)
}

func (h *holder) PIN(_ context.Context, ask esign.Ask) (secret.Bytes, error) {
	if h.pin != nil {
		return h.pin(ask)
	}
	return secret.New([]byte("123456")), nil
}

func (h *holder) Tell(n Notice) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.notices = append(h.notices, n)
}

func (h *holder) told(kind NoticeKind) (n int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, one := range h.notices {
		if one.Kind == kind {
			n++
		}
	}
	return n
}
