//go:build unix

package server

import (
	"bytes"
	"crypto/rsa"
	"encoding/asn1"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/internal/remote/oauth"
	"cnie/internal/remote/order"
)

func TestRequestsThatAreNotGood(t *testing.T) {
	w := newWorld(t, func(c *Config) {
		c.Clients = append(c.Clients, oauth.Client{ID: "documents", Name: "D", Secret: oauth.HashSecret("s")}, oauth.Client{ID: "other", Name: "O", Secret: oauth.HashSecret("s"), Credentials: []order.Credential{"aaaaaaaaaaaaaaaaaaaaaaaa"}})
	})
	h := w.authority.ecHolder("SPECIMEN AMINA", "11")
	require.NoError(t, w.agent(h).join(""))
	p := w.program()
	good := func(change ...any) object {
		in := object{"credentialID": h.id, "numSignatures": 1, "hashes": hashesOf("one"), "hashAlgorithmOID": oidSHA256}
		for i := 0; i < len(change); i += 2 {
			in[change[i].(string)] = change[i+1]
		}
		return in
	}
	document := func(change ...any) object {
		d := object{"name": "one.txt", "document": []byte("one"), "signature_format": "C"}
		for i := 0; i < len(change); i += 2 {
			d[change[i].(string)] = change[i+1]
		}
		return good("documents", []object{d})
	}
	for name, c := range map[string]struct {
		in   any
		want string
	}{
		"not JSON":                {json.RawMessage(`"x"`), "Missing (or invalid type) object parameter "},
		"no credential":           {good("credentialID", ""), "Missing (or invalid type) string parameter credentialID"},
		"credential of a kind":    {good("credentialID", 7), "Missing (or invalid type) string parameter credentialID"},
		"credential unknown":      {good("credentialID", "aaaaaaaaaaaaaaaaaaaaaaaa"), "Invalid parameter credentialID"},
		"credential malformed":    {good("credentialID", "' OR 1=1"), "Invalid parameter credentialID"},
		"no number":               {good("numSignatures", nil), "Missing (or invalid type) integer parameter numSignatures"},
		"number as a text":        {good("numSignatures", "1"), "Missing (or invalid type) integer parameter numSignatures"},
		"number of none":          {good("numSignatures", 0), "Invalid value for parameter numSignatures"},
		"number too high":         {good("numSignatures", 51), "Numbers of signatures is too high"},
		"number of others":        {good("numSignatures", 2), "Invalid value for parameter numSignatures"},
		"no hashes":               {good("hashes", nil), "Missing (or invalid type) array parameter hashes"},
		"hash as a text":          {good("hashes", "x"), "Missing (or invalid type) array parameter hashes"},
		"hash not base64":         {good("hashes", []string{"?"}), "Invalid Base64 hash string parameter"},
		"hash of another size":    {good("hashes", []string{"AAAA"}), "Invalid digest value length"},
		"hash algorithm":          {good("hashAlgorithmOID", "1.3.14.3.2.26"), "Invalid parameter hashAlgorithmOID"},
		"no hash algorithm":       {good("hashAlgorithmOID", ""), "Invalid parameter hashAlgorithmOID"},
		"algorithm of other keys": {good("signAlgo", oidRSA), "Invalid parameter signAlgo"},
		"algorithms that differ":  {good("signAlgo", "1.2.840.10045.4.3.3"), "String parameter hashAlgorithmOID contradicts with signAlgo parameter"},
		"description of lines":    {good("description", "a\nb"), "description or name: "},
		"a PIN":                   {good("authData", []object{{"id": "PIN", "value": "123456"}}), "This service takes no PIN: the holder types it beside the card"},
		"digests and hashes":      {good("documentDigests", []object{{"hash": hashesOf("one")[0], "label": "x"}}), "documentDigests is instead of hashes and documents"},
		"another document":        {document("document", []byte("two")), "Document or documentDigest does not match authorized hash"},
		"no document":             {document("document", nil), "Missing (or invalid type) string parameter documents[0].document"},
		"no name":                 {document("name", ""), "Missing (or invalid type) string parameter documents[0].name"},
		"a path for a name":       {document("name", "../one.txt"), "description or name: "},
		"a name turned round":     {document("name", "txt.\u202Efdp"), "description or name: "},
		"an unknown format":       {document("signature_format", "X"), "Invalid parameter signature_format"},
		"document not base64":     {document("document", "?"), "Invalid Base64 documents string parameter"},
		"documents too few":       {good("numSignatures", 2, "hashes", hashesOf("one", "two"), "documents", []object{{"name": "x"}}), "Invalid array parameter documents"},
	} {
		got := p.call(methodAuthorize, c.in)
		assert.Contains(t, []int{http.StatusBadRequest, http.StatusForbidden}, got.Status, name)
		if strings.HasSuffix(c.want, " ") {
			assert.Contains(t, got.Text, c.want, name)
		} else {
			assert.Equal(t, c.want, got.Text, name)
		}
	}
	got := w.programOf("documents", "s").call(methodAuthorize, good())
	assert.Equal(t, order.HashForbidden, got.Reason, "a program that may not have hashes signed")
	got = w.programOf("other", "s").call(methodAuthorize, good())
	assert.Equal(t, "Invalid parameter credentialID", got.Text, "a program that may not use the credential")
	got = p.call(methodCheck, object{"handle": "x"})
	assert.Equal(t, "Invalid parameter handle", got.Text)
	got = p.call(methodAuthorize, object{"credentialID": strings.Repeat("x", 40<<20)})
	assert.Equal(t, http.StatusRequestEntityTooLarge, got.Status)
	p.token = "x"
	assert.Equal(t, "invalid_token", p.call(methodList, object{}).Error)
}

func TestAccessTokenExpires(t *testing.T) {
	w := newWorld(t)
	p := w.program()
	assert.Equal(t, http.StatusOK, p.call(methodList, object{}).Status)
	w.clock.set(901 * time.Second)
	assert.Equal(t, http.StatusUnauthorized, p.call(methodList, object{}).Status)
}

func TestCredentials(t *testing.T) {
	w := newWorld(t)
	amina, omar := w.authority.ecHolder("SPECIMEN AMINA", "11"), w.authority.rsaHolder("SPECIMEN OMAR", "12")
	require.NoError(t, w.agent(amina).join(""))
	gone := w.agent(omar)
	require.NoError(t, gone.join(""))
	p := w.program()
	assert.ElementsMatch(t, []string{string(amina.id), string(omar.id)}, p.call(methodList, object{}).IDs)
	_, err := gone.call(t.Context(), "DELETE", "/"+string(gone.welcome.Session), nil)
	require.NoError(t, err)
	assert.Equal(t, []string{string(amina.id)}, p.call(methodList, object{"onlyValid": true}).IDs)

	var out credentialOut
	got := p.call(methodCredential, object{"credentialID": omar.id, "certificates": "chain", "certInfo": true, "authInfo": true})
	require.NoError(t, json.Unmarshal(got.raw, &out))
	assert.Equal(t, keyInfo{Status: "enabled", Algo: signsRSA, Len: 2048}, out.Key)
	assert.Equal(t, []string{base64.StdEncoding.EncodeToString(omar.leaf.Raw)}, out.Cert.Certificates)
	assert.Equal(t, "CN=SPECIMEN OMAR,O=SPECIMEN", out.Cert.Subject)
	assert.Equal(t, omar.leaf.NotAfter.UTC().Format("20060102150405Z"), out.Cert.To)
	assert.Equal(t, authInfo{"explicit", []string{}}, out.Auth)
	assert.Equal(t, "2", out.SCAL)
	assert.Equal(t, 50, out.Multisign)
	got = p.call(methodCredential, object{"credentialID": amina.id, "certificates": "none"})
	out = credentialOut{}
	require.NoError(t, json.Unmarshal(got.raw, &out))
	assert.Equal(t, "1.2.840.10045.3.1.7", out.Key.Curve)
	assert.Empty(t, out.Cert.Certificates)
	assert.Equal(t, "Invalid parameter certificates", p.call(methodCredential, object{"credentialID": amina.id, "certificates": "x"}).Text)
	assert.Equal(t, "userID parameter MUST be null", p.call(methodList, object{"userID": "x"}).Text)
}

// PSS names three things that have to agree, as DER in base64.
func TestPSS(t *testing.T) {
	w := newWorld(t)
	h := w.authority.rsaHolder("SPECIMEN OMAR", "12")
	w.agent(h).start()
	p := w.program()
	parameters := func(hash, mgf asn1.ObjectIdentifier, salt int) string {
		type algorithm struct {
			ID         asn1.ObjectIdentifier
			Parameters asn1.RawValue `asn1:"optional"`
		}
		inner, err := asn1.Marshal(algorithm{ID: mgf})
		require.NoError(t, err)
		der, err := asn1.Marshal(struct {
			Hash algorithm `asn1:"explicit,tag:0"`
			MGF  algorithm `asn1:"explicit,tag:1"`
			Salt int       `asn1:"explicit,tag:2"`
		}{algorithm{ID: hash}, algorithm{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 8}, asn1.RawValue{FullBytes: inner}}, salt})
		require.NoError(t, err)
		return base64.StdEncoding.EncodeToString(der)
	}
	sha256, sha384 := asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}, asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 2}
	in := func(parameters string) object {
		return object{"credentialID": h.id, "numSignatures": 1, "hashes": hashesOf("one"), "hashAlgorithmOID": oidSHA256, "signAlgo": oidPSS, "signAlgoParams": parameters}
	}
	for name, bad := range map[string]string{
		"none": "", "not base64": "?", "not DER": "AAAA", "another hash": parameters(sha384, sha384, 48), "another MGF": parameters(sha256, sha384, 32), "another salt": parameters(sha256, sha256, 20),
	} {
		assert.Contains(t, p.call(methodAuthorize, in(bad)).Text, "signAlgoParams", name)
	}
	granted := p.wait(p.call(methodAuthorize, in(parameters(sha256, sha256, 32))))
	require.NotEmpty(t, granted.SAD, granted.Text)
	request := in(parameters(sha256, sha256, 32))
	request["SAD"] = granted.SAD
	got := p.call(methodHash, request)
	require.Equal(t, http.StatusOK, got.Status, got.Text)
	assert.True(t, order.RSAPSS.Verify(h.leaf.PublicKey.(*rsa.PublicKey), order.SHA256, digest("one"), got.Signatures[0]))
}

// Whatever a program sends, it is answered, as JSON.
func FuzzAuthorize(f *testing.F) {
	w := newWorld(f)
	h := w.authority.ecHolder("SPECIMEN AMINA", "11")
	require.NoError(f, w.agent(h).join(""))
	c, err := w.server.store.Credential(f.Context(), h.id, w.server.now())
	require.NoError(f, err)
	by := &caller{client: &w.server.config.Clients[0]}
	seed, err := json.Marshal(object{
		"credentialID": h.id, "numSignatures": 1, "hashes": hashesOf("one"), "hashAlgorithmOID": oidSHA256, "description": "x",
		"documents": []object{{"name": "n", "document": []byte("one"), "signature_format": "C"}},
	})
	require.NoError(f, err)
	f.Add(seed)
	f.Add([]byte(`{"numSignatures":1,"documentDigests":[{"hash":"AA==","label":"x"}],"hashAlgorithmOID":"2.16.840.1.101.3.4.2.1"}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		var in authorizeIn
		if err := decode(bytes.NewReader(text), &in); err != nil {
			require.IsType(t, &failure{}, err)
			return
		}
		o, contents, err := w.server.consent(by, c, &in)
		if err != nil {
			require.IsType(t, &failure{}, err)
			return
		}
		_, err = o.Encode()
		require.NoError(t, err)
		require.True(t, len(contents) == 0 || len(contents) == len(o.Documents))
	})
}
