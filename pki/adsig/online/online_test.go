package online_test

import (
	"context"
	"crypto"
	"crypto/sha256"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"cnie/pki/adsig/adsigtest"
	"cnie/pki/adsig/online"
	"cnie/pki/adsig/tsp"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func serve(t *testing.T) *httptest.Server {
	mux := http.NewServeMux()
	mux.HandleFunc("/echo", func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		_, _ = w.Write(append([]byte(r.Method+" "+r.Header.Get("Content-Type")+" "), body...))
	})
	mux.HandleFunc("/endless", func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			_, _ = w.Write(make([]byte, 1<<16))
		}
	})
	mux.HandleFunc("/slow", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	mux.Handle("/moved", http.RedirectHandler("/echo", http.StatusTemporaryRedirect))
	mux.Handle("/file", http.RedirectHandler("file:///etc/hostname", http.StatusFound))
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server
}

func TestExchange(t *testing.T) {
	server := serve(t)
	at := func(path string) string { return server.URL + path }
	c := &online.Client{Operator: []string{at("/echo"), at("/endless"), at("/slow"), at("/moved"), at("/missing"), at("/file")}, Timeout: time.Second}
	got, err := c.Stamp(t.Context(), at("/echo"), []byte("ask"))
	require.NoError(t, err)
	assert.Equal(t, "POST application/timestamp-query ask", string(got))
	got, err = c.Query(t.Context(), at("/echo"), []byte("ask"))
	require.NoError(t, err)
	assert.Equal(t, "POST application/ocsp-request ask", string(got))
	got, err = c.Fetch(t.Context(), at("/echo"))
	require.NoError(t, err)
	assert.Equal(t, "GET  ", string(got))
	for address, want := range map[string]error{
		at("/endless"):                online.ErrTooLarge,
		at("/slow"):                   context.DeadlineExceeded,
		at("/missing"):                online.ErrAnswer,
		at("/moved"):                  online.ErrAddress, // to where the operator did not send it
		at("/file"):                   online.ErrAddress,
		at("/echo?named=not"):         online.ErrAddress,
		"ftp://crl.specimen.example/": online.ErrAddress,
		"http://user@host/":           online.ErrAddress,
		"ldap:///cn=list":             online.ErrAddress,
		"":                            online.ErrAddress,
	} {
		t.Run(address, func(t *testing.T) {
			_, err := c.Fetch(t.Context(), address)
			assert.ErrorIs(t, err, want)
		})
	}
}

// TestPrivate asks for addresses that strangers may have written into a
// certificate; nothing on them is reached.
func TestPrivate(t *testing.T) {
	c := &online.Client{Timeout: time.Second}
	for _, address := range []string{
		"http://127.0.0.1/", "http://[::1]/", "http://localhost/", "http://10.0.0.1/", "http://192.168.1.1/", "http://172.16.0.1/",
		"http://169.254.169.254/", "http://[fe80::1]/", "http://[fd00::1]/", "http://100.64.0.1/", "http://0.0.0.0/", "http://[::]/",
		"http://224.0.0.1/", "http://[::ffff:127.0.0.1]/", "http://[64:ff9b::7f00:1]/", "http://255.255.255.255/",
		"http://0.0.0.1/", "http://192.0.0.8/", "http://198.18.0.1/", "http://240.0.0.1/", "http://[::127.0.0.1]/", "http://[2002:7f00:1::]/",
		"http://[2001:0:7f00:1::1]/", "http://[64:ff9b:1::7f00:1]/", "http://[fec0::1]/", "http://[fec0::1%25lo]/",
	} {
		_, err := c.Fetch(t.Context(), address)
		assert.ErrorIs(t, err, online.ErrAddress, address)
	}
}

// TestStamp obtains a timestamp over HTTP from an authority that OpenSSL runs.
func TestStamp(t *testing.T) {
	authority := adsigtest.New(t).OpenSSLStamp("")
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		request, err := io.ReadAll(r.Body)
		assert.NoError(t, err)
		response, err := authority(r.Context(), request)
		assert.NoError(t, err)
		w.Header().Set("Content-Type", "application/timestamp-reply")
		_, _ = w.Write(response)
	}))
	defer server.Close()
	c := &online.Client{Operator: []string{server.URL}}
	sum := sha256.Sum256([]byte("what was there"))
	token, err := tsp.Ask(t.Context(), func(ctx context.Context, request []byte) ([]byte, error) {
		return c.Stamp(ctx, server.URL, request)
	}, crypto.SHA256, sum[:])
	require.NoError(t, err)
	assert.WithinDuration(t, time.Now(), token.Time, time.Minute)
}
