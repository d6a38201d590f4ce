//go:build unix

package host_test

import (
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/internal/ca"
	"cnie/internal/ledger"
	"cnie/internal/ledger/host"
	"cnie/internal/ledger/remote"
)

func TestDesksAddUnderTheirOwnName(t *testing.T) {
	w := newWorld(t)
	one := w.desk(w.url, "desk-1")
	place, err := one.Add(t.Context(), visit("desk-1", "a"))
	require.NoError(t, err)
	assert.Zero(t, place.Index)
	again, err := one.Add(t.Context(), visit("desk-1", "b"))
	require.NoError(t, err)
	assert.EqualValues(t, 1, again.Index)
	_, err = one.Add(t.Context(), visit("desk-2", "c"))
	require.ErrorIs(t, err, host.ErrNotNamed)
	other := visit("desk-1", "a")
	other.Verdict = "refused"
	_, err = one.Add(t.Context(), other)
	require.ErrorIs(t, err, ledger.ErrConflict)
	other.Kind, other.ID = ledger.Erasure, "d"
	_, err = one.Add(t.Context(), other)
	require.ErrorIs(t, err, ledger.ErrRecord)
	_, err = one.Add(t.Context(), ledger.Record{Kind: "other", Desk: "desk-1"})
	require.ErrorIs(t, err, ledger.ErrRecord)

	cert, key := w.issue("agent-1", "agent")
	agent, err := remote.New(remote.Options{URL: w.url, CA: w.ca(), Cert: cert, Key: key})
	require.NoError(t, err)
	_, err = agent.Add(t.Context(), visit("agent-1", "e"))
	require.ErrorIs(t, err, host.ErrNotNamed)
	_, err = agent.Status(t.Context())
	require.ErrorIs(t, err, host.ErrNotNamed)

	require.Eventually(t, func() bool {
		state, err := one.Status(t.Context())
		return err == nil && state.Size == 2 && state.Key == w.ledger.Key()
	}, 10*time.Second, 20*time.Millisecond)
}

// A desk that knows the ledger's key does not take the host's word.
func TestEntriesAreProven(t *testing.T) {
	w := newWorld(t)
	cert, key := w.issue("desk-1", "counter")
	o := remote.Options{URL: w.url, CA: w.ca(), Cert: cert, Key: key, LedgerKey: w.ledger.Key()}
	sure, err := remote.New(o)
	require.NoError(t, err)
	for _, id := range []string{"a", "b", "a"} {
		r := visit("desk-1", id)
		r.Time, r.Keep = time.Unix(1.8e9, 0), time.Time{}
		place, err := sure.Add(t.Context(), r)
		require.NoError(t, err)
		assert.EqualValues(t, id[0]-'a', place.Index)
	}
	elsewhere, err := ledger.Open(t.Context(), ledger.Options{Dir: t.TempDir()})
	require.NoError(t, err)
	o.LedgerKey = elsewhere.Key()
	require.NoError(t, elsewhere.Close())
	misled, err := remote.New(o)
	require.NoError(t, err)
	_, err = misled.Add(t.Context(), visit("desk-1", "c"))
	require.ErrorIs(t, err, ledger.ErrProof)
	_, err = misled.Status(t.Context())
	require.ErrorContains(t, err, "another ledger")
}

// What has no certificate of a counter reads the log and nothing else.
func TestLogIsPublicAndNothingElse(t *testing.T) {
	w := newWorld(t)
	_, err := w.desk(w.url, "desk-1").Add(t.Context(), visit("desk-1", "a"))
	require.NoError(t, err)
	text, err := os.ReadFile(w.ca())
	require.NoError(t, err)
	roots := x509.NewCertPool()
	require.True(t, roots.AppendCertsFromPEM(text))
	anybody := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}}
	defer anybody.CloseIdleConnections()
	get := func(path string) int {
		answered, err := anybody.Get(w.url + path)
		require.NoError(t, err)
		defer answered.Body.Close()
		return answered.StatusCode
	}
	require.Eventually(t, func() bool { return get("/tile/0/000.p/1") == http.StatusOK }, 10*time.Second, 20*time.Millisecond)
	for path, want := range map[string]int{
		"/checkpoint": 200, "/tile/entries/000.p/1": 200, "/tile/": 404, "/tile/entries/": 404, "/": 404, "/.state/treeState": 404, "/tile/0/../../../slots": 404,
		"/tile/0/%2e%2e/%2e%2e/.state/treeState": 404, "/slots": 404, "/records.db": 404, host.StatusPath: 403, host.EntriesPath: 405,
	} {
		assert.Equal(t, want, get(path), path)
	}
	answered, err := anybody.Post(w.url+host.EntriesPath, "application/json", strings.NewReader("{}"))
	require.NoError(t, err)
	answered.Body.Close()
	assert.Equal(t, http.StatusForbidden, answered.StatusCode)
}

// One desk that sends without end does not take the ledger from the others.
func TestDeskIsBounded(t *testing.T) {
	w := newWorld(t)
	cert, key := w.issue("desk-1", "counter")
	pair, err := tls.LoadX509KeyPair(cert, key)
	require.NoError(t, err)
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true, Certificates: []tls.Certificate{pair}}}}
	defer client.CloseIdleConnections()
	var all sync.WaitGroup
	var ends []*io.PipeWriter
	for range 8 { // that never say all of it
		body, end := io.Pipe()
		ends = append(ends, end)
		all.Go(func() {
			answered, err := client.Post(w.url+host.EntriesPath, "application/json", body)
			if err == nil {
				answered.Body.Close()
			}
		})
	}
	require.Eventually(t, func() bool {
		answered, err := client.Post(w.url+host.EntriesPath, "application/json", strings.NewReader("{}"))
		require.NoError(t, err)
		answered.Body.Close()
		return answered.StatusCode == http.StatusTooManyRequests
	}, 10*time.Second, 20*time.Millisecond)
	_, err = w.desk(w.url, "desk-2").Add(t.Context(), visit("desk-2", "a"))
	require.NoError(t, err)
	for _, end := range ends {
		end.Close()
	}
	all.Wait()
	_, err = w.desk(w.url, "desk-1").Add(t.Context(), visit("desk-1", "b"))
	require.NoError(t, err)
}

// The certificates of the real authority are what the host wants: a desk's name is
// the common name of a counter's.
func TestCertificatesOfTheAuthority(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "ca")
	require.NoError(t, ca.Create(dir, ca.Default()))
	door, err := ca.Dial(t.Context(), dir)
	require.NoError(t, err)
	issue := func(name string, hosts ...string) (cert, key string) {
		own := newKey(t)
		form := &x509.CertificateRequest{Subject: pkix.Name{CommonName: name}, IPAddresses: []net.IP{}, DNSNames: hosts}
		if len(hosts) > 0 {
			form.IPAddresses = append(form.IPAddresses, net.IPv4(127, 0, 0, 1))
		}
		der, err := x509.CreateCertificateRequest(rand.Reader, form, own)
		require.NoError(t, err)
		request, err := ca.ParseRequest(der)
		require.NoError(t, err)
		chain, err := door.Issue(t.Context(), ca.Counter, request)
		require.NoError(t, err)
		var text []byte
		for _, c := range chain {
			text = append(text, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})...)
		}
		secret, err := x509.MarshalPKCS8PrivateKey(own)
		require.NoError(t, err)
		cert, key = filepath.Join(dir, name+".pem"), filepath.Join(dir, name+".key")
		require.NoError(t, os.WriteFile(cert, text, 0o600))
		require.NoError(t, os.WriteFile(key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}), 0o600))
		return cert, key
	}
	w := newWorld(t)
	cert, key := issue("ledger.example", "ledger.example")
	root := filepath.Join(dir, "root.crt")
	conf, err := host.Files{Certificate: cert, Key: key, Desks: root}.TLS()
	require.NoError(t, err)
	listener, err := tls.Listen("tcp", "127.0.0.1:0", conf)
	require.NoError(t, err)
	h, err := host.New(w.ledger, w.dir, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	server := &http.Server{Handler: h.Handler()}
	go func() { _ = server.Serve(listener) }()
	defer server.Close()
	cert, key = issue("desk-7")
	require.NoError(t, door.Close())
	desk, err := remote.New(remote.Options{URL: "https://" + listener.Addr().String(), CA: root, Cert: cert, Key: key})
	require.NoError(t, err)
	_, err = desk.Add(t.Context(), visit("desk-7", "a"))
	require.NoError(t, err)
	_, err = desk.Add(t.Context(), visit("desk-8", "b"))
	require.ErrorIs(t, err, host.ErrNotNamed)
	require.NoError(t, h.Close())
}

func FuzzProblem(f *testing.F) {
	f.Add([]byte(`{"error":"conflict","error_description":"x"}`))
	f.Add([]byte(`{"error":"?","error_description":"\u001b[2J"}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		var p host.Problem
		if json.Unmarshal(text, &p) != nil {
			return
		}
		err := p.Err()
		require.Error(t, err)
		require.NotContains(t, err.Error(), "\x1b")
	})
}
