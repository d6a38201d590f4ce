package main

import (
	"bytes"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/simulator"
	"cnie/simulator/piv"
)

const agentFile = `service: https://localhost:1
service-roots: root.crt
authority: https://localhost:1
authority-roots: root.crt
folder: state
`

// anyRoot is a certificate in PEM that nobody relies on.
func anyRoot(t *testing.T) []byte {
	t.Helper()
	contents, err := piv.Specimen("SPECIMEN AMINA", map[piv.Slot]piv.Algorithm{piv.Signature: piv.P256})
	require.NoError(t, err)
	key := contents.Keys[piv.Signature].Private
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now(), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	require.NoError(t, err)
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

// What keeps an agent from starting has a sentence and an exit code each, and
// leaves nothing behind.
func TestAgentDoesNotStart(t *testing.T) {
	s := newScreen(t)
	for name, c := range map[string]struct {
		args     []string
		from, to string
		code     int
		sentence string
	}{
		"not enrolled":     {[]string{"run", "FILE"}, "", "", exitConfiguration, "run `cnie agent enroll FILE`"},
		"no card":          {[]string{"enroll", "FILE"}, "", "", exitUnavailable, "no card"},
		"misspelt":         {[]string{"run", "FILE"}, "folder", "folders", exitConfiguration, "agent.yaml:5:1"},
		"in clear":         {[]string{"run", "FILE"}, "service: https", "service: http", exitConfiguration, "agent.yaml:1:10"},
		"no such roots":    {[]string{"run", "FILE"}, "service-roots: root", "service-roots: other", exitIO, "other.crt"},
		"roots of nothing": {[]string{"run", "FILE"}, "service-roots: root.crt", "service-roots: agent.yaml", exitConfiguration, "PEM"},
		"no file":          {[]string{"run"}, "", "", exitUsage, "takes the agent's file"},
		"a flag to agree":  {[]string{"run", "FILE", "--yes"}, "", "", exitUsage, "unknown flag"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			file := filepath.Join(dir, "agent.yaml")
			require.NoError(t, os.WriteFile(file, []byte(strings.Replace(agentFile, c.from, c.to, 1)), 0o600))
			require.NoError(t, os.WriteFile(filepath.Join(dir, "root.crt"), anyRoot(t), 0o600))
			args := []string{"agent"}
			for _, arg := range c.args {
				args = append(args, strings.Replace(arg, "FILE", file, 1))
			}
			var stdout, stderr bytes.Buffer
			p := &program{system: simulator.NewSystem("Simulated", nil), stdin: s.tty, stdout: &stdout, stderr: &stderr}
			code := p.run(t.Context(), args)
			assert.Equal(t, c.code, code, stderr.String())
			assert.Contains(t, stderr.String(), c.sentence)
			assert.Empty(t, stdout.String())
			assert.NoDirExists(t, filepath.Join(dir, "state"))
		})
	}
}
