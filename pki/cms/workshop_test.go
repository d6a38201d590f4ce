package cms_test

import (
	"bytes"
	"encoding/pem"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"cnie/pki/cert"

	"github.com/stretchr/testify/require"
)

// A workshop is a folder in which OpenSSL has an authority, keys and
// certificates under it, and signs.
type workshop struct {
	t         testing.TB
	dir       string
	authority *cert.Certificate
	known     map[string]*cert.Certificate
}

const requestConfig = `[req]
distinguished_name = name
x509_extensions = extensions
[name]
[extensions]
basicConstraints = critical, CA:TRUE
subjectKeyIdentifier = hash
`

func newWorkshop(t testing.TB) *workshop {
	w := &workshop{t: t, dir: t.TempDir(), known: map[string]*cert.Certificate{}}
	require.NoError(t, os.WriteFile(w.path("req.cnf"), []byte(requestConfig), 0o600))
	w.authority = w.identity("authority", ecKey("P-256"))
	return w
}

func (w *workshop) path(name string) string { return filepath.Join(w.dir, name) }

// identity makes a key and its certificate, once; the authority's own is
// self-signed.
func (w *workshop) identity(name string, genpkey []string) *cert.Certificate {
	if c, made := w.known[name]; made {
		return c
	}
	openssl(w.t, append([]string{"genpkey", "-out", w.path(name + ".key")}, genpkey...)...)
	args := []string{"req", "-config", w.path("req.cnf"), "-x509", "-new", "-key", w.path(name + ".key"),
		"-subj", "/C=MA/O=SPECIMEN/CN=" + name, "-days", "30", "-out", w.path(name + ".pem")}
	if w.authority != nil {
		args = append(args, "-CA", w.path("authority.pem"), "-CAkey", w.path("authority.key"))
	}
	openssl(w.t, args...)
	w.known[name] = parseFile(w.t, w.path(name+".pem"))
	return w.known[name]
}

// A sample is one message as OpenSSL made it, with what its verifier needs.
type sample struct {
	row        row
	name       string
	message    []byte
	detached   []byte              // the content where the message has none, canonical
	signers    []*cert.Certificate // where the message does not carry them
	verifyArgs []string
}

// produce lets OpenSSL sign content.
func (w *workshop) produce(r row, content []byte) sample {
	s := sample{row: r, name: r.name()}
	input := w.path("content")
	require.NoError(w.t, os.WriteFile(input, content, 0o600))
	args := []string{"cms", "-sign", "-in", input, "-outform", "DER", "-nosmimecap"}
	for _, key := range r.keys {
		c := w.identity(key, keys[key])
		args = append(args, "-signer", w.path(key+".pem"), "-inkey", w.path(key+".key"))
		if r.has("-nocerts") {
			s.signers = append(s.signers, c)
		}
		for _, option := range r.keyOptions {
			args = append(args, "-keyopt", option)
		}
	}
	if len(s.signers) > 0 {
		s.verifyArgs = append(s.verifyArgs, "-certfile", w.bundle(s))
	}
	if !r.has("-nodetach") {
		s.detached = content
		if !r.has("-binary") { // RFC 8551 §3.1.1
			lines := bytes.ReplaceAll(content, []byte("\r\n"), []byte("\n"))
			s.detached = bytes.ReplaceAll(lines, []byte("\n"), []byte("\r\n"))
		}
		file := w.path(s.fileName() + ".content")
		require.NoError(w.t, os.WriteFile(file, s.detached, 0o600))
		s.verifyArgs = append(s.verifyArgs, "-content", file)
	}
	s.message = w.run(nil, append(args, r.args...)...)
	return s
}

func (s sample) fileName() string { return strings.ReplaceAll(s.name, "/", "_") }

// bundle writes the certificates that the message does not carry.
func (w *workshop) bundle(s sample) string {
	var all []byte
	for _, c := range s.signers {
		all = append(all, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})...)
	}
	file := w.path(s.fileName() + ".pem")
	require.NoError(w.t, os.WriteFile(file, all, 0o600))
	return file
}

// run returns what OpenSSL writes, which must go well.
func (w *workshop) run(input []byte, args ...string) []byte {
	out, accepted, remark := w.try(input, args...)
	require.True(w.t, accepted, "openssl %v: %s", args, remark)
	return out
}

// try returns OpenSSL's output, its verdict, and its reason. Nothing but the
// arguments steers it.
func (w *workshop) try(input []byte, args ...string) (out []byte, accepted bool, remark string) {
	var stdout, stderr bytes.Buffer
	command := exec.Command("openssl", args...)
	command.Env = append(os.Environ(), "OPENSSL_CONF="+os.DevNull)
	command.Stdin, command.Stdout, command.Stderr = bytes.NewReader(input), &stdout, &stderr
	err := command.Run()
	return stdout.Bytes(), err == nil, stderr.String()
}
