//go:build unix

package server

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/internal/remote/activation"
	"cnie/internal/remote/order"
)

// Everything that can be wrong with a token has its own error, and none of it costs a
// signature.
func TestTokensThatAreNotGood(t *testing.T) {
	w := newWorld(t)
	h, other := w.authority.ecHolder("SPECIMEN AMINA", "11"), w.authority.ecHolder("SPECIMEN OMAR", "12")
	agent := w.agent(h).start()
	w.agent(other).start()
	p := w.program()
	hashes := hashesOf("one", "two")
	granted := p.authorizeHashes(h.id, hashes...)
	require.Equal(t, http.StatusOK, granted.Status, granted.Text)
	grant, err := activation.Open(granted.SAD, w.server.tokens.Keys(), w.server.config.URL, w.server.config.URL, time.Now())
	require.NoError(t, err)
	forged := newWorld(t)

	rewrite := func(by *world, change func(*activation.Grant)) string {
		g := *grant
		change(&g)
		token, err := by.server.tokens.Sign(g)
		require.NoError(t, err)
		return token
	}
	for name, c := range map[string]struct {
		in   object
		by   *program
		want string
	}{
		"none":                 {signHashOf(h.id, "", ecdsaSHA256, hashes...), p, "Missing (or invalid type) string parameter SAD"},
		"not a token":          {signHashOf(h.id, "x.y.z", ecdsaSHA256, hashes...), p, "Invalid parameter SAD"},
		"an access token":      {signHashOf(h.id, p.token, ecdsaSHA256, hashes...), p, "Invalid parameter SAD"},
		"another key":          {signHashOf(h.id, rewrite(forged, func(*activation.Grant) {}), ecdsaSHA256, hashes...), p, "Invalid parameter SAD"},
		"another issuer":       {signHashOf(h.id, rewrite(w, func(g *activation.Grant) { g.Issuer = "https://elsewhere" }), ecdsaSHA256, hashes...), p, "Invalid parameter SAD"},
		"another audience":     {signHashOf(h.id, rewrite(w, func(g *activation.Grant) { g.Audience = []string{"https://elsewhere"} }), ecdsaSHA256, hashes...), p, "Invalid parameter SAD: it is for another service"},
		"expired":              {signHashOf(h.id, rewrite(w, func(g *activation.Grant) { g.Expires = time.Now().Unix() - 1 }), ecdsaSHA256, hashes...), p, "SAD expired"},
		"another consent":      {signHashOf(h.id, rewrite(w, func(g *activation.Grant) { g.Consent = order.NewID() }), ecdsaSHA256, hashes...), p, "Invalid parameter SAD"},
		"another program's":    {signHashOf(h.id, granted.SAD, ecdsaSHA256, hashes...), w.programOf(stranger, strangerSecret), "Invalid parameter SAD: it was issued to another program"},
		"another credential":   {signHashOf(other.id, granted.SAD, ecdsaSHA256, hashes...), p, "Invalid parameter SAD: it is for another credential"},
		"a changed hash":       {signHashOf(h.id, granted.SAD, ecdsaSHA256, hashesOf("one", "three")...), p, "Hash is not authorized by the SAD"},
		"fewer hashes":         {signHashOf(h.id, granted.SAD, ecdsaSHA256, hashesOf("one")...), p, "Hash is not authorized by the SAD"},
		"more hashes":          {signHashOf(h.id, granted.SAD, ecdsaSHA256, hashesOf("one", "two", "two")...), p, "Hash is not authorized by the SAD"},
		"another order":        {signHashOf(h.id, granted.SAD, ecdsaSHA256, hashesOf("two", "one")...), p, "Hash is not authorized by the SAD"},
		"another algorithm":    {signHashOf(h.id, granted.SAD, oidRSA, hashes...), p, "Invalid parameter signAlgo: the SAD is for another algorithm"},
		"no such credential":   {signHashOf(order.Credential("aaaaaaaaaaaaaaaaaaaaaaaa"), granted.SAD, ecdsaSHA256, hashes...), p, "Invalid parameter credentialID"},
		"a hash of other size": {signHashOf(h.id, granted.SAD, ecdsaSHA256, b64([]byte("short"))), p, "Invalid digest value length"},
	} {
		t.Run(name, func(t *testing.T) {
			got := c.by.call(methodHash, c.in)
			assert.Equal(t, http.StatusBadRequest, got.Status)
			assert.Equal(t, "invalid_request", got.Error)
			assert.Equal(t, c.want, got.Text)
		})
	}
	assert.Empty(t, agent.signed)

	got := p.call(methodHash, signHashOf(h.id, granted.SAD, ecdsaSHA256, hashes...))
	require.Equal(t, http.StatusOK, got.Status, "after all of that it is still good: %s", got.Text)
	again := p.call(methodHash, signHashOf(h.id, granted.SAD, ecdsaSHA256, hashes...))
	assert.Equal(t, "SAD already used", again.Text)
	assert.Equal(t, order.TokenUsed, again.Reason)
	polled := p.call(methodPoll, object{"requestID": again.Response})
	assert.Equal(t, got.Signatures, polled.Signatures, "but the answer is not lost")
	denied := w.programOf(stranger, strangerSecret).call(methodPoll, object{"requestID": again.Response})
	assert.Equal(t, "Invalid parameter requestID", denied.Text)
	assert.Equal(t, map[order.ID]int{grant.Consent: 1}, agent.signed)
}

func TestTokenExpires(t *testing.T) {
	w := newWorld(t)
	h := w.authority.ecHolder("SPECIMEN AMINA", "11")
	w.agent(h).start()
	p := w.program()
	granted := p.authorizeHashes(h.id, hashesOf("one")...)
	require.Equal(t, http.StatusOK, granted.Status, granted.Text)
	w.clock.set(301 * time.Second)
	got := p.call(methodHash, signHashOf(h.id, granted.SAD, ecdsaSHA256, hashesOf("one")...))
	assert.Equal(t, "SAD expired", got.Text)
}

func TestManyPresentOneToken(t *testing.T) {
	w := newWorld(t)
	h := w.authority.ecHolder("SPECIMEN AMINA", "11")
	agent := w.agent(h).start()
	p := w.program()
	granted := p.authorizeHashes(h.id, hashesOf("one")...)
	require.Equal(t, http.StatusOK, granted.Status, granted.Text)
	results := make(chan answer, 10)
	for range cap(results) {
		go func() { results <- p.call(methodHash, signHashOf(h.id, granted.SAD, ecdsaSHA256, hashesOf("one")...)) }()
	}
	good := 0
	for range cap(results) {
		if got := <-results; got.Status == http.StatusOK {
			good++
		} else {
			assert.Equal(t, "SAD already used", got.Text)
		}
	}
	assert.Equal(t, 1, good)
	for _, n := range agent.signed {
		assert.Equal(t, 1, n)
	}
}
