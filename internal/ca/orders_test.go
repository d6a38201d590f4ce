package ca_test

import (
	"crypto/rand"
	"encoding/asn1"
	"encoding/json"
	"io"
	"math/big"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.step.sm/crypto/jose"

	"cnie/internal/ca"
)

// token signs an order with a key of the authority's folder, as whoever was given
// a copy of the file would.
func (w *world) token(name, path, subject string, change func(map[string]any)) string {
	w.t.Helper()
	key := &jose.JSONWebKey{}
	require.NoError(w.t, json.Unmarshal(read(w.t, w.file("keys/"+name+".jwk")), key))
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: key.Key}, new(jose.SignerOptions).WithHeader("kid", key.KeyID))
	require.NoError(w.t, err)
	now := time.Now().Unix()
	claims := map[string]any{"iss": name, "aud": "https://localhost" + path, "sub": subject, "jti": rand.Text(), "iat": now, "nbf": now, "exp": now + 60}
	if change != nil {
		change(claims)
	}
	text, err := jose.Signed(signer).Claims(claims).CompactSerialize()
	require.NoError(w.t, err)
	return text
}

// An order holds once, for a while, for one authority and one name.
func TestOrders(t *testing.T) {
	w := founded(t, nil).serve()
	csr := request(t, newKey(t), "SPECIMEN AMINA")
	sign := func(name, subject string, change func(map[string]any)) string {
		return w.token(name, "/1.0/sign", subject, change)
	}
	good := sign("auth", "SPECIMEN AMINA", nil)
	assert.Equal(t, http.StatusCreated, w.ordered("/1.0/sign", good, csr).StatusCode)
	for name, c := range map[string]struct {
		token  string
		status int
	}{
		"twice":                {good, http.StatusUnauthorized},
		"expired":              {sign("auth", "SPECIMEN AMINA", func(c map[string]any) { c["exp"] = time.Now().Unix() - 120 }), http.StatusUnauthorized},
		"another authority":    {sign("auth", "SPECIMEN AMINA", func(c map[string]any) { c["aud"] = "https://other.example/1.0/sign" }), http.StatusUnauthorized},
		"another's name":       {sign("auth", "SPECIMEN BADR", nil), http.StatusForbidden},
		"another profile":      {sign("agent", "SPECIMEN AMINA", func(c map[string]any) { c["iss"] = "auth" }), http.StatusUnauthorized},
		"the key to revoke":    {sign("revoke", "SPECIMEN AMINA", nil), http.StatusUnauthorized},
		"a token that is none": {"x.y.z", http.StatusUnauthorized},
	} {
		assert.Equal(t, c.status, w.ordered("/1.0/sign", c.token, csr).StatusCode, name)
	}
	// The request says SPECIMEN or not; it is the authority that insists.
	plain := request(t, newKey(t), "AMINA")
	assert.Equal(t, http.StatusBadRequest, w.ordered("/1.0/sign", sign("auth", "AMINA", nil), plain).StatusCode)
}

// A key that orders certificates revokes none: not its own, not another's.
func TestOrderKeysDoNotRevoke(t *testing.T) {
	w := founded(t, nil).serve()
	card := w.order(ca.Auth, newKey(t), "SPECIMEN AMINA")[0]
	serial := card.SerialNumber.String()
	for _, name := range []string{"auth", "sign", "counter", "agent"} {
		body, err := json.Marshal(map[string]any{"serial": serial, "ott": w.token(name, "/1.0/revoke", serial, nil), "passive": true})
		require.NoError(t, err)
		response := posted(t, w.secure(), "https://"+w.at.Orders+"/1.0/revoke", "application/json", body)
		assert.Equal(t, http.StatusUnauthorized, response.StatusCode, name)
	}
	assert.Contains(t, w.ocspCheck(card), ": good")
}

// What the server does not need it does not have.
func TestClosedDoors(t *testing.T) {
	w := founded(t, nil).serve()
	for _, path := range []string{"/ssh/roots", "/1.0/ssh/config", "/scep/x", "/admin/provisioners", "/acme/acme/directory", "/federation"} {
		response, err := w.secure().Get("https://" + w.at.Orders + path)
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
		assert.Equal(t, http.StatusNotFound, response.StatusCode, path)
	}
	assert.Equal(t, 404, post(t, "http://"+w.at.Published+"/1.0/sign", "application/json", nil).StatusCode, "orders are not taken without TLS")
	response, err := w.secure().Get("https://" + w.at.Orders + "/provisioners")
	require.NoError(t, err)
	told, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	assert.Contains(t, string(told), `"name":"counter"`)
	assert.NotContains(t, string(told), `"d":`, "a private key")
	huge := posted(t, w.secure(), "https://"+w.at.Orders+"/1.0/sign", "application/json", make([]byte, 1<<17))
	assert.Equal(t, http.StatusBadRequest, huge.StatusCode)
}

// halves are the numbers of an ECDSA signature as JWS writes them, RFC 7518 §3.4.
func halves(t *testing.T, der []byte) (r, s []byte) {
	t.Helper()
	var numbers struct{ R, S *big.Int }
	_, err := asn1.Unmarshal(der, &numbers)
	require.NoError(t, err)
	return numbers.R.FillBytes(make([]byte, 32)), numbers.S.FillBytes(make([]byte, 32))
}
