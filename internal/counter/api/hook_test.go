package api

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/internal/counter"
)

// told is one request that a receiver got.
type told struct {
	http.Header
	body string
}

// receiver answers with these codes in turn, the last one from then on.
func receiver(t *testing.T, codes ...int) (*httptest.Server, <-chan told) {
	t.Helper()
	got := make(chan told, 16)
	var count atomic.Int32
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		assert.NoError(t, err)
		code := codes[min(int(count.Add(1)), len(codes))-1]
		w.Header().Set("Location", "/elsewhere")
		w.WriteHeader(code)
		got <- told{r.Header, string(body)}
	}))
	t.Cleanup(s.Close)
	return s, got
}

func newHook(t *testing.T, address string, log io.Writer) (*Hook, *HookKeys) {
	t.Helper()
	keys, err := ReadHookKeys(t.TempDir())
	require.NoError(t, err)
	h, err := NewHook(address, keys, []time.Duration{time.Millisecond, time.Millisecond}, slog.New(slog.NewTextHandler(log, nil)))
	require.NoError(t, err)
	t.Cleanup(h.Close)
	return h, keys
}

// The whole way: a transaction ends, and the receiver learns which and how, and
// nothing else.
func TestWebhook(t *testing.T) {
	s, got := receiver(t, 503, 204)
	hook, keys := newHook(t, s.URL+"/done?secret=canary", &lockedBuffer{})
	w := newWorld(t, func(o *Options, _ *counter.Options) { o.Hook = hook })
	begun := w.begin("trial", `{"purpose":"residence","operator":"clerk-1","ticket":"A-17"}`)
	person := card(t, "specimen")
	w.people(begun.ID, person, counter.Matches)
	first, second := <-got, <-got
	assert.Equal(t, first.Get("Webhook-Id"), second.Get("Webhook-Id"))
	assert.Equal(t, first.body, second.body)
	var all map[string]any
	require.NoError(t, json.Unmarshal([]byte(second.body), &all))
	assert.Equal(t, map[string]any{"type": "transaction.ended", "timestamp": now.Format(time.RFC3339), "data": map[string]any{"id": begun.ID, "state": "done"}}, all)
	w.fits(description(t).Components.Schemas["ended"].Value, []byte(second.body))

	signed := []byte(second.Get("Webhook-Id") + "." + second.Get("Webhook-Timestamp") + "." + second.body)
	signatures := strings.Fields(second.Get("Webhook-Signature"))
	require.Len(t, signatures, 2)
	public, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(keys.Public(), "whpk_"))
	require.NoError(t, err)
	signature, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(signatures[1], "v1a,"))
	require.NoError(t, err)
	assert.True(t, ed25519.Verify(public, signed, signature))
	assert.False(t, ed25519.Verify(public, append(signed, ' '), signature))
}

// The worked example of the specification of Standard Webhooks.
func TestStandardWebhooksExample(t *testing.T) {
	keys := &HookKeys{Secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", Private: "whsk_" + base64.StdEncoding.EncodeToString(make([]byte, 32))}
	require.True(t, keys.parse())
	header := http.Header{}
	(&Hook{keys: keys}).sign(header, "msg_p5jXN8AQM9LWM0D4loKWxJek", time.Unix(1614265330, 0), []byte(`{"test": 2432232314}`))
	assert.True(t, strings.HasPrefix(header.Get("Webhook-Signature"), "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE= v1a,"), header.Get("Webhook-Signature"))
}

func TestWebhookGivesUp(t *testing.T) {
	for name, row := range map[string]struct {
		codes []int
		tries int
	}{
		"redirect": {[]int{307}, 1}, "moved": {[]int{301}, 1}, "gone": {[]int{410}, 1}, "broken": {[]int{500}, 3}, "unauthorised": {[]int{401}, 3},
	} {
		t.Run(name, func(t *testing.T) {
			s, got := receiver(t, row.codes...)
			log := &lockedBuffer{}
			hook, _ := newHook(t, s.URL+"/canary", log)
			require.True(t, hook.Tell("t-1", counter.Done, now))
			require.Eventually(t, func() bool { return strings.Contains(log.String(), "given up") }, 10*time.Second, time.Millisecond)
			assert.Len(t, got, row.tries)
			assert.NotContains(t, log.String(), "canary")
		})
	}
}

// Plain HTTP reaches this machine and no other, whatever a name comes to.
func TestWebhookStaysHere(t *testing.T) {
	assert.NoError(t, onlyLoopback(t.Context(), "tcp", "127.0.0.1:80", nil))
	assert.NoError(t, onlyLoopback(t.Context(), "tcp", "[::1]:80", nil))
	for _, address := range []string{"192.0.2.1:80", "10.0.0.1:80", "[2001:db8::1]:80", "169.254.169.254:80", "x"} {
		assert.ErrorIs(t, onlyLoopback(t.Context(), "tcp", address, nil), errAway, address)
	}
	log := &lockedBuffer{}
	hook, _ := newHook(t, "http://192.0.2.1/done", log)
	require.True(t, hook.Tell("t-1", counter.Done, now))
	require.Eventually(t, func() bool { return strings.Contains(log.String(), "this machine only") }, 10*time.Second, time.Millisecond)
	for _, address := range []string{"", "ftp://x", "https://", "//x"} {
		_, err := NewHook(address, &HookKeys{}, nil, nil)
		assert.Error(t, err, address)
	}
}

// A receiver that hangs holds up a bounded number, and the desk not at all.
func TestWebhookIsBounded(t *testing.T) {
	release := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	defer s.Close()
	defer close(release)
	hook, _ := newHook(t, s.URL, &lockedBuffer{})
	for range maxPending {
		require.True(t, hook.Tell("t-1", counter.Done, now))
	}
	assert.False(t, hook.Tell("t-2", counter.Done, now))
	hook.Close()
	assert.False(t, hook.Tell("t-3", counter.Done, now), "closed")
}
