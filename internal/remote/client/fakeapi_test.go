package client

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/stretchr/testify/assert"
)

func (f *fake) api(w http.ResponseWriter, r *http.Request, method string) {
	body := map[string]any{}
	if r.Method != http.MethodPost || json.NewDecoder(r.Body).Decode(&body) != nil {
		refuseWith(w, 400, "invalid_request", "not a POST with JSON")
		return
	}
	bearer := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	f.calls = append(f.calls, call{method, body, bearer})
	if method != "info" && bearer != "service-token" {
		refuseWith(w, 401, "invalid_token", "")
		return
	}
	if f.drops[method] > 0 {
		f.drops[method]--
		f.carryOut(httptest.NewRecorder(), method, body)
		panic(http.ErrAbortHandler)
	}
	f.carryOut(w, method, body)
}

func (f *fake) carryOut(w http.ResponseWriter, method string, body map[string]any) {
	switch method {
	case "info":
		f.info(w)
	case "credentials/list":
		tell(w, 200, map[string]any{"credentialIDs": []string{"amina"}})
	case "credentials/info":
		f.credential(w, body)
	case "credentials/getChallenge":
		tell(w, 200, map[string]any{"challenge": "What was the name of your school?"})
	case "credentials/authorize":
		f.authorize(w, body)
	case "credentials/authorizeCheck":
		f.check(w, body)
	case "signatures/signHash":
		f.sign(w, body)
	case "signatures/signPolling":
		f.poll(w, body)
	default:
		refuseWith(w, 501, "invalid_request", "no such method")
	}
}

func (f *fake) info(w http.ResponseWriter) {
	told := map[string]any{
		"specs": "2.0.0.2", "name": "Fake", "logo": "https://x.example/l.png", "region": "MA", "lang": "en", "description": "", "authType": f.authTypes,
		"methods":                   []string{"credentials/list", "credentials/info", "credentials/authorize", "credentials/authorizeCheck", "credentials/getChallenge", "signatures/signHash", "signatures/signPolling"},
		"asynchronousOperationMode": f.later, "signAlgorithms": map[string]any{"algos": f.algorithms},
		"signature_formats": map[string]any{"formats": []string{}}, "conformance_levels": []string{},
	}
	if f.issuer {
		told["oauth2Issuer"] = f.server.URL + "/tenant"
	} else {
		told["oauth2"] = f.server.URL + "/login/"
	}
	tell(w, 200, told)
}

func (f *fake) credential(w http.ResponseWriter, body map[string]any) {
	if body["credentialID"] != "amina" {
		refuseWith(w, 400, "invalid_request", "Invalid parameter credentialID")
		return
	}
	tell(w, 200, map[string]any{
		"key": map[string]any{"status": "enabled", "algo": f.algorithms, "len": 256}, "cert": map[string]any{"status": f.status, "certificates": f.chain},
		"auth": map[string]any{"mode": f.mode, "objects": f.objects}, "SCAL": "2", "multisign": f.multisign,
	})
}

func (f *fake) authorize(w http.ResponseWriter, body map[string]any) {
	hashes := texts(body["hashes"])
	if int(body["numSignatures"].(float64)) != len(hashes) || len(hashes) > f.multisign || f.mode != "explicit" {
		refuseWith(w, 400, "invalid_request", "Numbers of signatures is too high")
		return
	}
	for _, o := range f.objects {
		id := o.(map[string]any)["id"]
		given := false
		for _, one := range asList(body["authData"]) {
			entry := one.(map[string]any)
			given = given || entry["id"] == id && entry["value"] == "4711"
		}
		if !given {
			refuseWith(w, 400, "invalid_authentication_data", "The authentication data is invalid")
			return
		}
	}
	sad := rand.Text()
	f.sads[sad] = hashes
	if f.pending > 0 {
		f.waits = f.pending
		tell(w, 202, map[string]any{"handle": sad})
		return
	}
	tell(w, 200, map[string]any{"SAD": sad, "expiresIn": 60})
}

func (f *fake) check(w http.ResponseWriter, body map[string]any) {
	if f.waits--; f.waits > 0 {
		tell(w, 202, map[string]any{"handle": body["handle"]})
		return
	}
	tell(w, 200, map[string]any{"SAD": body["handle"]})
}

func (f *fake) sign(w http.ResponseWriter, body map[string]any) {
	sad, _ := body["SAD"].(string)
	hashes := texts(body["hashes"])
	if f.sads[sad] == nil && f.remember {
		tell(w, 400, map[string]any{"error": "invalid_request", "error_description": "SAD already used", "responseID": "r-1"})
		return
	}
	if !assert.ObjectsAreEqual(f.sads[sad], hashes) {
		refuseWith(w, 400, "invalid_request", "Hash is not authorized by the SAD")
		return
	}
	delete(f.sads, sad)
	var signatures []string
	for _, h := range hashes {
		digest, err := base64.StdEncoding.DecodeString(h)
		assert.NoError(f.t, err)
		signatures = append(signatures, base64.StdEncoding.EncodeToString(f.signature(digest, body)))
	}
	if body["operationMode"] == "A" {
		f.held, f.waits = signatures, f.pending
		tell(w, 200, map[string]any{"responseID": "r-1"})
		return
	}
	tell(w, 200, map[string]any{"signatures": signatures})
}

func (f *fake) poll(w http.ResponseWriter, body map[string]any) {
	assert.Equal(f.t, "r-1", body["requestID"])
	if f.waits--; f.waits > 0 {
		refuseWith(w, 202, "accepted_request", "The previous async request has been accepted but not yet completed")
		return
	}
	tell(w, 200, map[string]any{"signatures": f.held})
}

func (f *fake) signature(digest []byte, body map[string]any) []byte {
	if f.lie {
		digest = make([]byte, len(digest))
	}
	if key, is := f.key.(*ecdsa.PrivateKey); is && f.raw {
		r, s, err := ecdsa.Sign(rand.Reader, key, digest)
		assert.NoError(f.t, err)
		return append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...)
	}
	var opts crypto.SignerOpts = crypto.SHA256
	if body["signAlgo"] == "1.2.840.113549.1.1.10" {
		assert.NotEmpty(f.t, body["signAlgoParams"])
		opts = &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash, Hash: crypto.SHA256}
	}
	signature, err := f.key.Sign(rand.Reader, digest, opts)
	assert.NoError(f.t, err)
	return signature
}

func asList(v any) []any { list, _ := v.([]any); return list }

func texts(v any) (all []string) {
	for _, one := range asList(v) {
		all = append(all, one.(string))
	}
	return all
}

// named are the methods that were called.
func (f *fake) named() (all []string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, c := range f.calls {
		all = append(all, c.method)
	}
	return all
}
