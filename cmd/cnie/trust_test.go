package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/ssh"

	"cnie/pki/specimen"
	"cnie/simulator"
)

// atlas is a publisher of lists, its signer, and what the tests make of them.
type atlas struct {
	t         *testing.T
	dir       string // the store
	files     string // a folder for inputs
	publisher *specimen.Country
	signer    *specimen.ListSigner
	morocco   *specimen.Country
}

func newAtlas(t *testing.T) *atlas {
	t.Helper()
	a := &atlas{t: t, dir: filepath.Join(t.TempDir(), "trust"), files: t.TempDir()}
	start := time.Now().AddDate(-1, 0, 0).UTC().Truncate(24 * time.Hour)
	var err error
	a.publisher, err = specimen.New("publisher", specimen.Options{Name: "XA", Country: "XA", Code: "XAA", NotBefore: start})
	require.NoError(t, err)
	a.morocco, err = specimen.New("trust tests", specimen.Options{NotBefore: start})
	require.NoError(t, err)
	a.signer, err = a.publisher.IssueListSigner(specimen.ListSignerOptions{})
	require.NoError(t, err)
	return a
}

func (a *atlas) file(name string, content []byte) string {
	path := filepath.Join(a.files, name)
	require.NoError(a.t, os.WriteFile(path, content, 0o600))
	return path
}

// list signs a master list so many days ago.
func (a *atlas) list(daysAgo int, members ...[]byte) []byte {
	raw, err := a.signer.SignMasterList(time.Now().AddDate(0, 0, -daysAgo), members...)
	require.NoError(a.t, err)
	return raw
}

// run is `cnie trust … --trust DIR`.
func (a *atlas) run(args ...string) outcome {
	return cnie(a.t, simulator.NewSystem("Simulated"), append(append([]string{"trust"}, args...), "--trust", a.dir)...)
}

// good runs and expects success and silence on standard error.
func (a *atlas) good(args ...string) string {
	a.t.Helper()
	o := a.run(args...)
	require.Equal(a.t, exitOK, o.code, o.stderr)
	require.Empty(a.t, o.stderr)
	return o.stdout
}

// bad runs and expects one sentence.
func (a *atlas) bad(code int, sentence string, args ...string) {
	a.t.Helper()
	o := a.run(args...)
	assert.Equal(a.t, code, o.code, o.stderr)
	assert.Contains(a.t, o.stderr, sentence)
	assert.Equal(a.t, 1, strings.Count(o.stderr, "\n"), "one sentence: %s", o.stderr)
}

// TestTrustJourney goes through a store's life by commands.
func TestTrustJourney(t *testing.T) {
	a := newAtlas(t)
	first := a.file("first.ml", a.list(20, a.publisher.Certificate, a.morocco.Certificate))
	a.bad(exitConfiguration, "not a managed trust store", "status")
	a.bad(exitNotPermitted, "--signer", "import", first)
	pin := a.file("signer.der", a.signer.Certificate)
	out := a.good("import", first, "--signer", pin)
	assert.Contains(t, out, "added    master list XA/"+specimen.Organisation)
	assert.Contains(t, out, "2 certificates, 2 arrived, 0 left")
	assert.Contains(t, out, "2 of 2 certificates are chained")
	assert.Contains(t, a.good("import", first), "held ")
	a.bad(exitMalformed, "damaged PEM", "import", a.file("cut.pem", []byte("-----BEGIN CERTIFICATE-----\nMIIB")))

	crl, err := a.morocco.CRL(time.Now().AddDate(0, 0, -100), time.Now().AddDate(0, 0, -10))
	require.NoError(t, err)
	a.good("import", a.file("mar.crl", crl))
	second := a.file("second.ml", a.list(10, a.publisher.Certificate))
	assert.Contains(t, a.good("import", second), "1 certificates, 0 arrived, 1 left")
	a.bad(exitNotPermitted, "--allow-older", "import", a.file("third.ml", a.list(15, a.publisher.Certificate)))

	status := a.good("status")
	assert.Contains(t, status, "Vanished: C=MA")
	assert.Contains(t, status, "10 days old")
	assert.Contains(t, status, "OUT OF DATE")
	assert.Contains(t, status, "2 certificates of 2 countries, 2 of them chained")

	for _, country := range []string{"MAR", "MA", "mar"} {
		var rows []listed
		require.NoError(t, json.Unmarshal([]byte(a.good("list", "--country", country, "--json")), &rows))
		require.Len(t, rows, 1, country)
		assert.True(t, rows[0].Standing.Vanished)
		a.bad(exitUsage, "--reason", "note", rows[0].KeyID)
	}
	var rows []listed
	require.NoError(t, json.Unmarshal([]byte(a.good("list", "--json")), &rows))
	require.Len(t, rows, 2)
	a.good("note", rows[0].KeyID, "--reason", "confirmed by telephone")
	assert.Contains(t, a.good("list"), "confirmed by telephone")
	a.bad(exitUsage, "no such thing", "note", rows[1].KeyID, "--reason", "nothing to explain")

	assert.Contains(t, a.good("list", "--versions"), "note on")
	a.good("rollback", "2")
	assert.NotContains(t, a.good("status"), "Vanished")
	a.bad(exitUsage, "no such thing", "rollback", "99")
	a.bad(exitUsage, "is no version", "rollback", "yesterday")
}

// TestTrustServesVerify judges a card by a managed directory.
func TestTrustServesVerify(t *testing.T) {
	a := newAtlas(t)
	loose := t.TempDir()
	require.NoError(t, specimen.Default().WriteTrust(loose, time.Now()))
	out := a.good("import", loose)
	assert.Equal(t, 2, strings.Count(out, "added "))
	assert.Contains(t, a.good("status"), "SPECIMEN")
	card := citizen(t)
	o, answer := verify(t, simulator.New(card), "--can", card.CAN, "--trust", a.dir)
	assert.Equal(t, exitOK, o.code, "%s%s", o.stdout, o.stderr)
	assert.True(t, answer.Specimen)
	a.dir = loose
	a.bad(exitConfiguration, "choose an empty folder", "import", a.file("a.der", a.morocco.Certificate))
}

// TestTrustFetch takes a list from an https server on this machine.
func TestTrustFetch(t *testing.T) {
	a := newAtlas(t)
	list := a.list(1, a.publisher.Certificate)
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/list.ml" {
			http.NotFound(w, r)
			return
		}
		_, _ = w.Write(list)
	}))
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // a refused handshake is meant
	defer server.Close()
	ca := a.file("ca.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}))
	a.bad(exitUnavailable, "404", "import", server.URL+"/other", "--tls-ca", ca)
	a.bad(exitUnavailable, "check the address", "import", server.URL+"/list.ml")
	a.bad(exitUsage, "https", "import", strings.Replace(server.URL, "https", "http", 1))
	a.bad(exitUsage, "no certificate in PEM", "import", server.URL, "--tls-ca", a.file("empty.pem", nil))
	sum := fingerprintOf(a.signer.Certificate)
	out := a.good("import", server.URL+"/list.ml", "--tls-ca", ca, "--signer", sum, "--json")
	assert.Contains(t, out, `"origin": "`+server.URL+`/list.ml"`)
	assert.Contains(t, out, `"outcome": "added"`)
}

// keys makes an Ed25519 pair as ssh-keygen does.
func (a *atlas) keys(seed byte) (private, public string) {
	key := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, ed25519.SeedSize))
	block, err := ssh.MarshalPrivateKey(key, "SPECIMEN")
	require.NoError(a.t, err)
	line, err := ssh.NewPublicKey(key.Public())
	require.NoError(a.t, err)
	name := string([]byte{'k', '0' + seed})
	return a.file(name, pem.EncodeToMemory(block)), a.file(name+".pub", ssh.MarshalAuthorizedKey(line))
}

// TestTrustBundle carries a store from one machine to another.
func TestTrustBundle(t *testing.T) {
	a := newAtlas(t)
	private, public := a.keys(1)
	_, other := a.keys(2)
	a.good("import", a.file("mar.der", a.morocco.Certificate))
	bundle := filepath.Join(a.files, "bundle.tar")
	a.bad(exitUsage, "-o FILE", "export")
	a.bad(exitUsage, "Ed25519", "export", "-o", bundle, "--key", public)
	require.NoFileExists(t, bundle)
	a.good("export", "-o", bundle, "--key", private)
	counter := filepath.Join(t.TempDir(), "counter")
	assert.Contains(t, a.good("verify", bundle, "--signer", public, "--into", counter), "Good signature: version 2")
	assert.Contains(t, a.good("verify", bundle, "--signer", public, "--json"), `"certificates": 1`)
	a.bad(exitNotPermitted, "another key made it", "verify", bundle, "--signer", other)
	a.bad(exitUsage, "--signer", "verify", bundle)

	a.good("import", a.file("pub.der", a.publisher.Certificate))
	newer := filepath.Join(a.files, "newer.tar")
	a.good("export", a.dir, "-o", newer, "--key", private)
	a.good("verify", newer, "--signer", public, "--into", counter)
	a.bad(exitNotPermitted, "version 3 of the store is held", "verify", bundle, "--signer", public, "--into", counter)

	content, err := os.ReadFile(bundle)
	require.NoError(t, err)
	content[700] ^= 1
	require.NoError(t, os.WriteFile(bundle, content, 0o600))
	a.bad(exitNotPermitted, "differs from what was signed", "verify", bundle, "--signer", public)
	require.NoError(t, os.Remove(bundle+".sig"))
	a.bad(exitIO, "bundle.tar.sig", "verify", bundle, "--signer", public)
	assert.Contains(t, a.good("export", "-o", bundle), "ssh-keygen -Y sign -n cnie-trust")
}

// TestTrustArguments: every mistake gets one sentence and its exit code.
func TestTrustArguments(t *testing.T) {
	a := newAtlas(t)
	huge := a.file("huge.ml", nil)
	require.NoError(t, os.Truncate(huge, 100<<20))
	a.bad(exitUsage, "takes the files", "import")
	a.bad(exitIO, "no such file", "import", filepath.Join(a.files, "missing.ml"))
	a.bad(exitMalformed, "neither a certificate", "import", a.file("noise.ml", []byte("noise")))
	a.bad(exitMalformed, "too large", "import", huge)
	a.bad(exitUsage, "holds no file", "import", t.TempDir())
	a.bad(exitIO, "no such file", "import", huge, "--signer", "/nowhere")
	a.bad(exitUsage, "there is no command", "imports")
	assert.Contains(t, a.good(), "master lists")
	dsc, err := a.morocco.IssueDSC(specimen.DSCOptions{})
	require.NoError(t, err)
	a.bad(exitNotPermitted, "signing authority", "import", a.file("dsc.der", dsc.Certificate))
	a.bad(exitNotPermitted, "1 of 2 were refused", "import", a.file("dsc.der", dsc.Certificate), a.file("mar.der", a.morocco.Certificate))
	assert.Contains(t, a.good("list"), "CSCA SPECIMEN 01")
}

func fingerprintOf(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

// A first import that brings nothing leaves no empty store: the next one, and
// whoever judges, would take it for one that somebody filled.
func TestFirstImportOfNothing(t *testing.T) {
	a := newAtlas(t)
	crl, err := a.morocco.CRL(time.Now(), time.Now().AddDate(0, 3, 0))
	require.NoError(t, err)
	for name, file := range map[string]string{
		"malformed": a.file("noise.der", []byte("noise")), "refused": a.file("nobody.crl", crl),
	} {
		for _, folder := range []string{a.dir, t.TempDir()} {
			o := cnie(t, nil, "trust", "import", file, "--trust", folder)
			assert.NotEqual(t, exitOK, o.code, name)
			if folder == a.dir {
				assert.NoDirExists(t, folder, name)
				continue
			}
			left, err := os.ReadDir(folder)
			require.NoError(t, err)
			assert.Empty(t, left, name)
		}
	}
	o := cnie(t, nil, "trust", "import", a.file("csca.der", a.morocco.Certificate), "--trust", a.dir)
	assert.Equal(t, exitOK, o.code, o.stderr)
	o = cnie(t, nil, "trust", "import", a.file("noise.der", []byte("noise")), "--trust", a.dir)
	assert.NotEqual(t, exitOK, o.code)
	assert.DirExists(t, a.dir)
}
