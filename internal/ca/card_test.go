package ca_test

import (
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/internal/ca"
	"cnie/simulator/piv"
)

// A card gets its certificates: requests signed by keys that never leave it, the
// certificates written onto it and read back, and openssl's word on them.
func TestCardIsPersonalised(t *testing.T) {
	w := founded(t, nil).serve()
	card := insertCard(t, "SPECIMEN AMINA")
	card.manage()
	for slot, profile := range map[piv.Slot]ca.Profile{piv.Authentication: ca.Auth, piv.Signature: ca.Sign} {
		card.store(slot, w.order(profile, card.key(slot), "SPECIMEN AMINA")[0])
		read := card.load(slot)
		assert.Equal(t, card.key(slot).Public(), read.PublicKey)
		assert.NoError(t, w.crlCheck(read))
	}
}

// enrol asks for an agent's certificate with a token that a card has signed.
func (w *world) enrol(holder crypto.Signer, chain []*x509.Certificate, agent crypto.Signer) reply {
	w.t.Helper()
	var x5c []string
	for _, c := range chain {
		x5c = append(x5c, base64.StdEncoding.EncodeToString(c.Raw))
	}
	once := make([]byte, 16)
	_, err := rand.Read(once)
	require.NoError(w.t, err)
	now := time.Now().Unix()
	text := part(w.t, map[string]any{"alg": "ES256", "typ": "JWT", "x5c": x5c}) + "." + part(w.t, map[string]any{
		"iss": "card", "aud": "https://localhost/1.0/sign#x5c/card", "sub": "agent", "jti": hex.EncodeToString(once), "iat": now, "nbf": now, "exp": now + 60,
	})
	digest := sha256.Sum256([]byte(text))
	der, err := holder.Sign(rand.Reader, digest[:], crypto.SHA256)
	require.NoError(w.t, err)
	r, s := halves(w.t, der)
	text += "." + base64.RawURLEncoding.EncodeToString(append(r, s...))
	return w.ordered("/1.0/sign", text, request(w.t, agent, "agent"))
}

// ordered hands in a token as a client far away would.
func (w *world) ordered(path, token string, asked *x509.CertificateRequest) reply {
	w.t.Helper()
	csr := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: asked.Raw})
	body, err := json.Marshal(map[string]any{"csr": string(csr), "ott": token})
	require.NoError(w.t, err)
	return posted(w.t, w.secure(), "https://"+w.at.Orders+path, "application/json", body)
}

func part(t *testing.T, v any) string {
	text, err := json.Marshal(v)
	require.NoError(t, err)
	return base64.RawURLEncoding.EncodeToString(text)
}

// identity is what an agent has after it enrolled.
func identity(t *testing.T, enrolled reply, key crypto.PrivateKey) tls.Certificate {
	t.Helper()
	require.Equal(t, http.StatusCreated, enrolled.StatusCode, string(enrolled.body))
	var told struct {
		Chain []string `json:"certChain"`
	}
	require.NoError(t, json.Unmarshal(enrolled.body, &told))
	require.Len(t, told.Chain, 2)
	leaf := parsed(t, []byte(told.Chain[0]))
	return tls.Certificate{Certificate: [][]byte{leaf.Raw, parsed(t, []byte(told.Chain[1])).Raw}, PrivateKey: key, Leaf: leaf}
}

func (w *world) renew(who tls.Certificate) reply {
	w.t.Helper()
	return posted(w.t, w.secure(who), "https://"+w.at.Orders+"/1.0/renew", "application/json", nil)
}

// X5C: a card obtains a certificate for its agent, which is named like the card
// and renews itself until the card is revoked.
func TestCardEnrolsItsAgent(t *testing.T) {
	w := founded(t, nil).serve()
	card := insertCard(t, "SPECIMEN AMINA")
	chain := w.order(ca.Auth, card.key(piv.Authentication), "SPECIMEN AMINA")
	key := newKey(t)
	agent := identity(t, w.enrol(card.key(piv.Authentication), chain, key), key)
	subject := agent.Leaf.Subject
	assert.Equal(t, []string{"SPECIMEN AMINA", chain[0].SerialNumber.String(), "agent"}, []string{subject.CommonName, subject.SerialNumber, subject.OrganizationalUnit[0]})
	assert.Equal(t, []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}, agent.Leaf.ExtKeyUsage)
	assert.Empty(t, agent.Leaf.DNSNames)
	assert.LessOrEqual(t, agent.Leaf.NotAfter.Sub(agent.Leaf.NotBefore), 25*time.Hour)
	judged(t, "verify", "-purpose", "sslclient", "-CAfile", w.file("root.crt"), "-untrusted", w.file("issuing.crt"), w.leave("CERTIFICATE", agent.Leaf.Raw))

	renewed := identity(t, w.renew(agent), key)
	assert.NotEqual(t, agent.Leaf.SerialNumber, renewed.Leaf.SerialNumber)
	assert.Equal(t, subject.String(), renewed.Leaf.Subject.String())

	w.revoke(chain[0], "keyCompromise")
	assert.Equal(t, http.StatusUnauthorized, w.renew(renewed).StatusCode, "the card was revoked")
	assert.Equal(t, http.StatusUnauthorized, w.enrol(card.key(piv.Authentication), chain, newKey(t)).StatusCode)
}

// Who is no card enrols no agent.
func TestOthersEnrolNobody(t *testing.T) {
	w, other := founded(t, nil).serve(), founded(t, nil)
	key := newKey(t)
	for name, chain := range map[string][]*x509.Certificate{
		"a counter":            w.order(ca.Counter, key, "counter-7.example"),
		"an agent":             w.order(ca.Agent, key, "agent"),
		"a signature key":      w.order(ca.Sign, key, "SPECIMEN AMINA"),
		"a card of elsewhere":  other.order(ca.Auth, key, "SPECIMEN AMINA"),
		"a card's certificate": w.order(ca.Auth, newKey(t), "SPECIMEN AMINA"),
	} {
		assert.Equal(t, http.StatusUnauthorized, w.enrol(key, chain, newKey(t)).StatusCode, name)
	}
	card := w.order(ca.Auth, key, "SPECIMEN AMINA")
	assert.Equal(t, http.StatusCreated, w.enrol(key, card, newKey(t)).StatusCode)
	itself := tls.Certificate{Certificate: [][]byte{card[0].Raw, card[1].Raw}, PrivateKey: key}
	assert.Equal(t, http.StatusUnauthorized, w.renew(itself).StatusCode, "cards do not renew themselves")
}
