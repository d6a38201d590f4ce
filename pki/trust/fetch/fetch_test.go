package fetch_test

import (
	"context"
	"crypto/x509"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"cnie/pki/trust/fetch"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// serve starts a server on this machine and returns the pool that trusts it.
func serve(t *testing.T) (*httptest.Server, *x509.CertPool) {
	t.Helper()
	plain := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(plain.Close)
	mux := http.NewServeMux()
	mux.HandleFunc("/list", func(w http.ResponseWriter, r *http.Request) {
		assert.Empty(t, r.Header.Get("Cookie"))
		_, _ = w.Write([]byte("a list"))
	})
	mux.HandleFunc("/large", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, 1001)) })
	mux.HandleFunc("/endless", func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			_, _ = w.Write(make([]byte, 100))
			w.(http.Flusher).Flush()
		}
	})
	mux.HandleFunc("/slow", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	mux.Handle("/moved", http.RedirectHandler("/list", http.StatusFound))
	mux.Handle("/circle", http.RedirectHandler("/circle", http.StatusFound))
	mux.Handle("/down", http.RedirectHandler(plain.URL, http.StatusFound))
	server := httptest.NewTLSServer(mux)
	t.Cleanup(server.Close)
	pool := x509.NewCertPool()
	pool.AddCert(server.Certificate())
	return server, pool
}

func TestGet(t *testing.T) {
	server, pool := serve(t)
	for _, c := range []struct {
		path string
		want error
	}{
		{"/list", nil},
		{"/moved", nil},
		{"/large", fetch.ErrTooLarge},
		{"/endless", fetch.ErrTooLarge},
		{"/slow", context.DeadlineExceeded},
		{"/circle", fetch.ErrStatus},
		{"/down", fetch.ErrInsecure},
		{"/missing", fetch.ErrStatus},
	} {
		t.Run(c.path, func(t *testing.T) {
			content, err := fetch.Get(t.Context(), server.URL+c.path, fetch.Options{Limit: 1000, CA: pool, Timeout: time.Second})
			assert.ErrorIs(t, err, c.want)
			if c.want == nil {
				assert.Equal(t, "a list", string(content))
			}
		})
	}
}

func TestProgress(t *testing.T) {
	server, pool := serve(t)
	var last, whole int64
	_, err := fetch.Get(t.Context(), server.URL+"/list", fetch.Options{Limit: 6, CA: pool, Progress: func(done, total int64) { last, whole = done, total }})
	require.NoError(t, err)
	assert.Equal(t, []int64{6, 6}, []int64{last, whole})
}

// TestUnknownServer does not talk to one whose certificate nobody vouches for.
func TestUnknownServer(t *testing.T) {
	server, _ := serve(t)
	var unknown x509.UnknownAuthorityError
	_, err := fetch.Get(t.Context(), server.URL+"/list", fetch.Options{Limit: 10})
	assert.ErrorAs(t, err, &unknown)
}

func TestAddresses(t *testing.T) {
	for _, address := range []string{"http://list.example/", "ftp://list.example/", "file:///etc/passwd", "list.example", "https://", "https://name:word@list.example/", "://", ""} {
		_, err := fetch.Get(t.Context(), address, fetch.Options{Limit: 10})
		assert.ErrorIs(t, err, fetch.ErrInsecure, address)
	}
}
