package ca_test

import (
	"crypto"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/digitorus/timestamp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	query  = "application/timestamp-query"
	answer = "application/timestamp-reply"
)

// openssl asks, and verifies what it gets against its own question: imprint,
// nonce, ESSCertIDv2, purpose and path.
func TestTimeStamps(t *testing.T) {
	w := founded(t, nil).serve()
	document := filepath.Join(t.TempDir(), "document")
	require.NoError(t, os.WriteFile(document, []byte("SPECIMEN"), 0o600))
	for name, wishes := range map[string][]string{
		"sha256": {"-sha256", "-cert"}, "sha384": {"-sha384", "-cert"}, "sha512": {"-sha512", "-cert"},
		"no certificate": {"-sha256"}, "no nonce": {"-sha256", "-cert", "-no_nonce"}, "policy": {"-sha256", "-cert", "-tspolicy", "1.3.6.1.4.1.32473.1.3"},
	} {
		t.Run(name, func(t *testing.T) {
			question, reply := filepath.Join(t.TempDir(), "q"), filepath.Join(t.TempDir(), "r")
			judged(t, append([]string{"ts", "-query", "-data", document, "-out", question}, wishes...)...)
			content, err := os.ReadFile(question)
			require.NoError(t, err)
			response := post(t, "http://"+w.at.Published+"/tsa", query, content)
			assert.Equal(t, answer, response.Header.Get("Content-Type"))
			require.NoError(t, os.WriteFile(reply, response.body, 0o600))
			verify := []string{"ts", "-verify", "-queryfile", question, "-in", reply, "-CAfile", w.file("root.crt")}
			if name == "no certificate" {
				_, err := openssl(verify...)
				require.Error(t, err, "the token has no certificate that it was not asked for")
				both := filepath.Join(t.TempDir(), "both")
				require.NoError(t, os.WriteFile(both, append(read(t, w.file("tsa.crt")), read(t, w.file("issuing.crt"))...), 0o600))
				verify = append(verify, "-untrusted", both)
			}
			assert.Contains(t, judged(t, verify...), "Verification: OK")
			text := judged(t, "ts", "-reply", "-in", reply, "-text")
			assert.Contains(t, text, "Accuracy: 0x01 seconds")
			assert.Contains(t, text, "Policy OID: 1.3.6.1.4.1.32473.1.3")
			assert.Contains(t, text, "CN=SPECIMEN cnie time stamps")
		})
	}
}

// RFC 3161 §2.4.2: every refusal is a response with its failure information, as
// another library reads it.
func TestTimeStampRefusals(t *testing.T) {
	w := founded(t, nil).serve()
	digest := make([]byte, 32)
	sound := func() timestamp.Request {
		return timestamp.Request{HashAlgorithm: crypto.SHA256, HashedMessage: digest, Certificates: true}
	}
	encoded := func(change func(*timestamp.Request)) []byte {
		r := sound()
		change(&r)
		der, err := r.Marshal()
		require.NoError(t, err)
		return der
	}
	plain := encoded(func(*timestamp.Request) {})
	version2 := append([]byte(nil), plain...)
	version2[4] = 2
	falsely := append([]byte(nil), plain...)
	falsely[len(falsely)-1] = 0
	for name, c := range map[string]struct {
		question []byte
		failure  timestamp.FailureInfo
	}{
		"SHA-1":           {encoded(func(r *timestamp.Request) { r.HashAlgorithm, r.HashedMessage = crypto.SHA1, digest[:20] }), timestamp.BadAlgorithm},
		"short digest":    {encoded(func(r *timestamp.Request) { r.HashedMessage = digest[:31] }), timestamp.BadDataFormat},
		"version 2":       {version2, timestamp.BadRequest},
		"another policy":  {encoded(func(r *timestamp.Request) { r.TSAPolicyOID = asn1.ObjectIdentifier{1, 2, 3} }), timestamp.UnacceptedPolicy},
		"an extension":    {encoded(withExtension), timestamp.UnacceptedExtension},
		"endless nonce":   {encoded(func(r *timestamp.Request) { r.Nonce = new(big.Int).Lsh(big.NewInt(1), 513) }), timestamp.BadRequest},
		"nothing":         {nil, timestamp.BadDataFormat},
		"something after": {append(append([]byte(nil), plain...), 0), timestamp.BadDataFormat},
		"cut off":         {plain[:len(plain)-1], timestamp.BadDataFormat},
		"FALSE written":   {falsely, timestamp.BadDataFormat},
	} {
		t.Run(name, func(t *testing.T) {
			response := post(t, "http://"+w.at.Published+"/tsa", query, c.question)
			assert.Equal(t, 200, response.StatusCode)
			_, err := timestamp.ParseResponse(response.body)
			require.Error(t, err)
			assert.Contains(t, err.Error(), "the request is rejected: ")
			assert.Contains(t, err.Error(), "("+c.failure.String()+")")
			reply := filepath.Join(t.TempDir(), "r")
			require.NoError(t, os.WriteFile(reply, response.body, 0o600))
			assert.Contains(t, judged(t, "ts", "-reply", "-in", reply, "-text"), "Status: Rejected.")
		})
	}
	at := "http://" + w.at.Published + "/tsa"
	assert.Equal(t, 415, post(t, at, "text/plain", plain).StatusCode)
	assert.Equal(t, 413, post(t, at, query, make([]byte, 1<<14)).StatusCode)
	granted, err := timestamp.ParseResponse(post(t, at, query, plain).body)
	require.NoError(t, err)
	assert.WithinDuration(t, time.Now(), granted.Time, time.Minute)
}

// withExtension asks with an extension that nobody knows.
func withExtension(r *timestamp.Request) {
	r.ExtraExtensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{1, 2, 3}, Value: []byte{5, 0}}}
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	return content
}
