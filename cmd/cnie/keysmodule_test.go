//go:build linux && cgo

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/simulator"
)

// A key in a module, which another program made, is listed without its PIN.
func TestKeysInAModule(t *testing.T) {
	const module = "/usr/lib/softhsm/libsofthsm2.so"
	require.FileExists(t, module, "SoftHSM is not installed; run `make deps-test`")
	dir := t.TempDir()
	config := filepath.Join(dir, "softhsm2.conf")
	require.NoError(t, os.WriteFile(config, fmt.Appendf(nil, "directories.tokendir = %s\nlog.level = ERROR\n", dir), 0o600))
	t.Setenv("SOFTHSM2_CONF", config)
	for _, command := range [][]string{
		{"softhsm2-util", "--init-token", "--free", "--label", "SPECIMEN", "--so-pin", "11111111", "--pin", "13572468"},
		{"pkcs11-tool", "--module", module, "--login", "--pin", "13572468", "--keypairgen", "--key-type", "EC:prime256v1", "--id", "0A", "--label", "SPECIMEN AMINA"},
	} {
		out, err := exec.Command(command[0], command[1:]...).CombinedOutput()
		require.NoError(t, err, "%s", out)
	}
	none := simulator.NewSystem("Simulated")
	o := cnie(t, none, "keys", "--pkcs11", module)
	require.Equal(t, exitOK, o.code, o.stderr)
	assert.Contains(t, o.stdout, "0A   P-256      as the card asks  no certificate  SPECIMEN  SPECIMEN AMINA")

	key := keysOf(t, cnie(t, none, "keys", "--json", "--pkcs11", module)).Keys[0]
	assert.False(t, key.Certificate)
	assert.Nil(t, key.NotAfter)
	o = cnie(t, none, "keys", "--pkcs11", key.URI+"?module-path="+module)
	require.Equal(t, exitOK, o.code, o.stderr)
	assert.Contains(t, o.stdout, "SPECIMEN AMINA")

	o = cnie(t, none, "keys", "--pkcs11", "pkcs11:token=another?module-path="+module)
	assert.Equal(t, exitUnavailable, o.code)
	assert.Contains(t, o.stderr, "no such token")
	o = cnie(t, none, "keys", "--pkcs11", config)
	assert.Equal(t, exitUnavailable, o.code)
	assert.Contains(t, o.stderr, "cannot be loaded")
}
