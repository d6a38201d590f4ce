//go:build unix

package server

import (
	"bytes"
	"crypto/ecdsa"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/internal/remote/gate"
	"cnie/internal/remote/order"
)

// cairoPage is a PDF that Cairo made.
var cairoPage = filepath.Join("..", "..", "..", "pki", "adsig", "pades", "testdata", "cairo.pdf")

func TestSignHash(t *testing.T) {
	w := newWorld(t)
	h := w.authority.ecHolder("SPECIMEN AMINA", "11")
	agent := w.agent(h).start()
	p := w.program()
	granted := p.authorizeHashes(h.id, hashesOf("one", "two")...)
	require.Equal(t, http.StatusOK, granted.Status, granted.Text)
	assert.InDelta(t, 300, granted.Expires, 3)
	got := p.call(methodHash, signHashOf(h.id, granted.SAD, ecdsaSHA256, hashesOf("one", "two")...))
	require.Equal(t, http.StatusOK, got.Status, got.Text)
	require.Len(t, got.Signatures, 2)
	for i, text := range []string{"one", "two"} {
		assert.True(t, ecdsa.VerifyASN1(h.leaf.PublicKey.(*ecdsa.PublicKey), digest(text), got.Signatures[i]))
	}
	assert.Len(t, agent.signed, 1)
}

func TestSignDocuments(t *testing.T) {
	pdf, err := os.ReadFile(cairoPage)
	require.NoError(t, err)
	text := []byte("plain text")
	for name, make := range map[string]func(a *authority) *holder{
		"ECDSA": func(a *authority) *holder { return a.ecHolder("SPECIMEN AMINA", "11") },
		"RSA":   func(a *authority) *holder { return a.rsaHolder("SPECIMEN AMINA", "11") },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, func(c *Config) { c.Hashes = false })
			h := make(w.authority)
			w.agent(h).start()
			p := w.program()
			algorithm := map[string]string{"ECDSA": ecdsaSHA256, "RSA": oidRSA}[name]
			granted := p.wait(p.call(methodAuthorize, object{
				"credentialID": h.id, "numSignatures": 2, "hashes": []string{b64(digest(string(pdf))), b64(digest(string(text)))}, "hashAlgorithmOID": oidSHA256, "signAlgo": algorithm,
				"documents": []object{{"name": "page.pdf", "document": pdf, "signature_format": "P"}, {"name": "text.txt", "document": text, "signature_format": "C"}},
			}))
			require.Equal(t, http.StatusOK, granted.Status, granted.Text)
			request := func(first []byte) object {
				return object{"credentialID": h.id, "SAD": granted.SAD, "documents": []object{
					{"document": first, "signature_format": "P", "conformance_level": "AdES-B-B", "signed_envelope_property": revision, "signAlgo": algorithm},
					{"document": text, "signature_format": "C", "signed_envelope_property": detached, "signAlgo": algorithm},
				}}
			}
			changed := p.call(methodDocument, request(append(bytes.Clone(pdf), ' ')))
			assert.Equal(t, http.StatusForbidden, changed.Status)
			assert.Equal(t, "invalid_hash", changed.Error)

			got := p.call(methodDocument, request(pdf))
			require.Equal(t, http.StatusOK, got.Status, got.Text)
			require.Len(t, got.Documents, 1)
			require.Len(t, got.Objects, 1)
			assert.True(t, bytes.HasPrefix(got.Documents[0], pdf), "what is appended is appended")
			assert.Greater(t, len(got.Documents[0]), len(pdf))

			hash := p.call(methodHash, signHashOf(h.id, granted.SAD, algorithm, b64(digest(string(pdf)))))
			assert.Equal(t, "Hash is not authorized by the SAD", sentence(hash), "what was agreed to as a document is not signed as a hash")
		})
	}
}

// Each way in which an agent can say no arrives as its own error.
func TestNoForAnAnswer(t *testing.T) {
	for reason, sentence := range sentences {
		t.Run(string(reason), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			h := w.authority.ecHolder("SPECIMEN AMINA", "11")
			agent := w.agent(h)
			agent.decide = func(o *order.Order) order.Answer {
				if o.Stage == order.Consent && reason != order.ByHolder {
					return agent.agree(o)
				}
				return order.Refuse(o.ID, reason)
			}
			agent.start()
			p := w.program()
			got := p.authorizeHashes(h.id, hashesOf("one")...)
			if got.SAD != "" {
				got = p.call(methodHash, signHashOf(h.id, got.SAD, ecdsaSHA256, hashesOf("one")...))
			}
			assert.Equal(t, sentence, got.Text)
			assert.Equal(t, reason, got.Reason)
			assert.Equal(t, map[bool]string{true: "access_denied", false: "invalid_request"}[reason.Refusal()], got.Error)
		})
	}
}

// An agent that sends something else than a signature of what was ordered is told so,
// and the program never sees it.
func TestSignaturesAreVerified(t *testing.T) {
	w := newWorld(t)
	h, other := w.authority.ecHolder("SPECIMEN AMINA", "11"), w.authority.ecHolder("SPECIMEN OMAR", "12")
	agent := w.agent(h)
	require.NoError(t, agent.join(""))
	p := w.program()
	pdf, err := os.ReadFile(cairoPage)
	require.NoError(t, err)
	asked := make(chan answer)
	in := object{
		"credentialID": h.id, "numSignatures": 1, "hashes": []string{b64(digest(string(pdf)))}, "hashAlgorithmOID": oidSHA256,
		"documents": []object{{"name": "page.pdf", "document": pdf, "signature_format": "P"}}, "authData": []object{},
	}
	go func() { asked <- p.wait(p.call(methodAuthorize, in)) }()
	orders, seen, err := agent.poll(t.Context(), 20, 0)
	require.NoError(t, err)
	require.Len(t, orders, 1)
	require.NoError(t, agent.answer(t.Context(), agent.agree(orders[0])))
	granted := <-asked
	sent := p.call(methodDocument, object{"credentialID": h.id, "SAD": granted.SAD, "operationMode": "A", "documents": []object{
		{"document": pdf, "signature_format": "P", "signed_envelope_property": revision, "signAlgo": ecdsaSHA256},
	}})
	require.NotEmpty(t, sent.Response, sent.Text)
	orders, _, err = agent.poll(t.Context(), 20, seen)
	require.NoError(t, err)
	require.Len(t, orders, 1)
	good := agent.agree(orders[0])

	impostor := w.agent(&holder{key: other.key, leaf: other.leaf, agent: h.agent})
	impostor.welcome = agent.welcome
	theirs, err := impostor.sign(orders[0], 0, orders[0].Documents[0])
	require.NoError(t, err)
	broken := bytes.Clone(good.Values[0])
	i := bytes.Index(broken, []byte("/Contents"))
	require.Positive(t, i)
	broken[i+200] ^= 1
	for name, values := range map[string][][]byte{
		"another key":        {theirs},
		"one digit":          {broken},
		"nothing appended":   {[]byte("% nothing\n")},
		"something behind":   {append(bytes.Clone(good.Values[0]), "\n% behind"...)},
		"too many":           {good.Values[0], good.Values[0]},
		"not what was asked": {digest("x")},
	} {
		err := agent.answer(t.Context(), order.Answer{Version: 1, Order: orders[0].ID, Outcome: order.Signed, Values: values})
		assert.ErrorIs(t, err, gate.ErrMalformed, name)
	}
	require.NoError(t, agent.answer(t.Context(), good))
	got := p.call(methodPoll, object{"requestID": sent.Response})
	require.Equal(t, http.StatusOK, got.Status, got.Text)
	assert.Equal(t, append(pdf, good.Values[0]...), got.Documents[0])
}

func TestExpiredOrdersHaveAnAnswer(t *testing.T) {
	w := newWorld(t, func(c *Config) { c.Limits.Consent = 5 })
	h := w.authority.ecHolder("SPECIMEN AMINA", "11")
	agent := w.agent(h)
	require.NoError(t, agent.join(""))
	p := w.program()
	got := p.authorizeHashes(h.id, hashesOf("one")...)
	assert.Equal(t, order.Expired, got.Reason, "%s", got.raw)
	require.Equal(t, "No answer came in time", got.Text)
}

func TestInfo(t *testing.T) {
	w := newWorld(t)
	p := &program{t: t, http: w.client(), url: w.programs.URL}
	got := p.call(methodInfo, object{})
	var info struct {
		Specs   string
		Methods []string
		OAuth2  string
	}
	require.NoError(t, json.Unmarshal(got.raw, &info))
	assert.Contains(t, info.Methods, methodDocument)
	assert.Equal(t, w.server.config.URL, info.OAuth2)
	assert.NotContains(t, string(got.raw), "qualified")
	for _, method := range info.Methods {
		if method != methodInfo {
			assert.Equal(t, http.StatusUnauthorized, p.call(method, object{}).Status, method)
		}
	}
	assert.Equal(t, http.StatusNotImplemented, p.call("signatures/timestamp", object{}).Status)
}
