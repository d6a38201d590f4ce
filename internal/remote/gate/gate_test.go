package gate_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/internal/remote/activation"
	"cnie/internal/remote/gate"
	"cnie/internal/remote/order"
)

func key(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	return k
}

func certificate(t testing.TB, subject pkix.Name) *x509.Certificate {
	t.Helper()
	k := key(t)
	form := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: subject, NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, form, form, k.Public(), k)
	require.NoError(t, err)
	c, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	return c
}

func encoded(t testing.TB, v any) []byte {
	t.Helper()
	text, err := json.Marshal(v)
	require.NoError(t, err)
	return text
}

func TestHello(t *testing.T) {
	c := certificate(t, pkix.Name{CommonName: "SPECIMEN"})
	hello := gate.Hello{Version: 1, Offers: []gate.Offer{{Certificates: [][]byte{c.Raw}, Hashes: true}}, Resume: order.NewID()}
	got, chains, err := gate.ParseHello(encoded(t, hello))
	require.NoError(t, err)
	assert.Equal(t, &hello, got)
	assert.True(t, chains[0][0].Equal(c))
	for name, change := range map[string]func(*gate.Hello){
		"version":  func(h *gate.Hello) { h.Version = 2 },
		"nothing":  func(h *gate.Hello) { h.Offers = nil },
		"too much": func(h *gate.Hello) { h.Offers = make([]gate.Offer, gate.MaxOffers+1) },
		"empty":    func(h *gate.Hello) { h.Offers = []gate.Offer{{}} },
		"no DER":   func(h *gate.Hello) { h.Offers = []gate.Offer{{Certificates: [][]byte{{1}}}} },
		"long DER": func(h *gate.Hello) { h.Offers = []gate.Offer{{Certificates: [][]byte{make([]byte, 1<<14)}}} },
		"long chain": func(h *gate.Hello) {
			h.Offers = []gate.Offer{{Certificates: [][]byte{c.Raw, c.Raw, c.Raw, c.Raw, c.Raw, c.Raw}}}
		},
		"wrong resume": func(h *gate.Hello) { h.Resume = "x" },
	} {
		h := hello
		change(&h)
		_, _, err := gate.ParseHello(encoded(t, h))
		assert.ErrorIs(t, err, order.ErrMalformed, name)
	}
}

func TestWelcome(t *testing.T) {
	public, err := activation.PublicKey(&key(t).PublicKey)
	require.NoError(t, err)
	welcome := gate.Welcome{Version: 1, Session: order.NewID(), Lease: 60, Issuer: "https://service", Agent: "urn:cnie:agent:1", Keys: jose.JSONWebKeySet{Keys: []jose.JSONWebKey{public}}, Open: []order.ID{order.NewID()}}
	got, err := gate.ParseWelcome(encoded(t, welcome))
	require.NoError(t, err)
	assert.Equal(t, welcome.Open, got.Open)
	assert.Equal(t, encoded(t, welcome), encoded(t, got))
	for name, change := range map[string]func(*gate.Welcome){
		"version": func(w *gate.Welcome) { w.Version = 0 },
		"session": func(w *gate.Welcome) { w.Session = "x" },
		"lease":   func(w *gate.Welcome) { w.Lease = 0 },
		"keys":    func(w *gate.Welcome) { w.Keys.Keys = nil },
		"open":    func(w *gate.Welcome) { w.Open = []order.ID{"x"} },
	} {
		w := welcome
		change(&w)
		_, err := gate.ParseWelcome(encoded(t, w))
		assert.ErrorIs(t, err, order.ErrMalformed, name)
	}
}

func TestOrders(t *testing.T) {
	created := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	o := &order.Order{
		Version: 1, ID: order.NewID(), Stage: order.Consent, Kind: order.Access, Credential: "aaaaaaaaaaaaaaaaaaaaaaaa",
		Requester: order.Requester{ID: "p", Name: "A & B <c>"}, Created: created, Expires: created.Add(time.Second),
	}
	body, err := o.Encode()
	require.NoError(t, err)
	text := encoded(t, gate.Orders{Version: 1, Batch: 7, Orders: []json.RawMessage{body}})
	orders, batch, err := gate.ParseOrders(text)
	require.NoError(t, err)
	assert.Equal(t, []*order.Order{o}, orders)
	assert.Equal(t, 7, batch)
	_, _, err = gate.ParseOrders([]byte(strings.Replace(string(text), `"access"`, `"other"`, 1)))
	require.ErrorIs(t, err, order.ErrMalformed)
	_, _, err = gate.ParseOrders([]byte(strings.Replace(string(text), `:7`, `:-7`, 1)))
	require.ErrorIs(t, err, order.ErrMalformed)
}

func TestProblems(t *testing.T) {
	require.ErrorIs(t, gate.Problem{Error: gate.Taken}.Err(), gate.ErrTaken)
	require.ErrorIs(t, gate.Problem{Error: "other", Description: "x"}.Err(), gate.ErrTrouble)
	assert.Equal(t, "the session has ended: yesterday", gate.Problem{Error: gate.Gone, Description: "yesterday"}.Err().Error())
	assert.Equal(t, gate.ErrGone, gate.Problem{Error: gate.Gone, Description: "\x1b[2J"}.Err(), "nothing that draws on a terminal")
}

func TestNames(t *testing.T) {
	agent := certificate(t, pkix.Name{Organization: []string{"O"}, OrganizationalUnit: []string{"agent"}, CommonName: "SPECIMEN AMINA", SerialNumber: "7"})
	assert.Equal(t, "urn:cnie:agent:7", gate.Name(agent))
	assert.Empty(t, gate.Name(certificate(t, pkix.Name{OrganizationalUnit: []string{"counter"}, SerialNumber: "7"})))
	assert.Empty(t, gate.Name(certificate(t, pkix.Name{OrganizationalUnit: []string{"agent"}})))
	for _, c := range []struct {
		subject pkix.Name
		want    bool
	}{
		{pkix.Name{Organization: []string{"O"}, CommonName: "SPECIMEN AMINA"}, true},
		{pkix.Name{Organization: []string{"P"}, CommonName: "SPECIMEN AMINA"}, false},
		{pkix.Name{Organization: []string{"O"}, CommonName: "SPECIMEN OMAR"}, false},
		{pkix.Name{CommonName: "SPECIMEN AMINA"}, false},
	} {
		assert.Equal(t, c.want, gate.Names(agent, certificate(t, c.subject)), "%v", c.subject)
	}
	assert.False(t, gate.Names(certificate(t, pkix.Name{}), certificate(t, pkix.Name{})), "nobody names nobody")
}

func FuzzParseHello(f *testing.F) {
	c := certificate(f, pkix.Name{CommonName: "SPECIMEN"})
	f.Add(encoded(f, gate.Hello{Version: 1, Offers: []gate.Offer{{Certificates: [][]byte{c.Raw}}}}))
	f.Add([]byte(`{"version":1,"offers":[]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		hello, chains, err := gate.ParseHello(text)
		if err != nil {
			require.ErrorIs(t, err, order.ErrMalformed)
			return
		}
		require.Len(t, chains, len(hello.Offers))
	})
}

func FuzzParseOrders(f *testing.F) {
	f.Add([]byte(`{"version":1,"batch":0,"orders":[]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		orders, _, err := gate.ParseOrders(text)
		if err != nil {
			require.ErrorIs(t, err, order.ErrMalformed)
			return
		}
		require.LessOrEqual(t, len(orders), gate.MaxBatch)
	})
}

func FuzzParseWelcome(f *testing.F) {
	public, err := activation.PublicKey(&key(f).PublicKey)
	require.NoError(f, err)
	f.Add(encoded(f, gate.Welcome{Version: 1, Session: order.NewID(), Lease: 60, Issuer: "i", Agent: "a", Keys: jose.JSONWebKeySet{Keys: []jose.JSONWebKey{public}}}))
	f.Fuzz(func(t *testing.T, text []byte) {
		if _, err := gate.ParseWelcome(text); err != nil {
			require.ErrorIs(t, err, order.ErrMalformed)
		}
	})
}
