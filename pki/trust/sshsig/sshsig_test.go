package sshsig_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/pem"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"cnie/pki/trust/sshsig"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/ssh"
)

const namespace = "cnie-trust"

// pair makes a key from a seed, as OpenSSH writes it.
func pair(t testing.TB, seed byte) (private, public []byte) {
	t.Helper()
	key := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, ed25519.SeedSize))
	block, err := ssh.MarshalPrivateKey(key, "SPECIMEN")
	require.NoError(t, err)
	line, err := ssh.NewPublicKey(key.Public())
	require.NoError(t, err)
	return pem.EncodeToMemory(block), ssh.MarshalAuthorizedKey(line)
}

func TestSignAndVerify(t *testing.T) {
	private, public := pair(t, 1)
	_, other := pair(t, 2)
	message := []byte("a store of trust")
	signature, err := sshsig.Sign(private, namespace, message)
	require.NoError(t, err)
	again, err := sshsig.Sign(private, namespace, message)
	require.NoError(t, err)
	assert.Equal(t, signature, again)

	assert.NoError(t, sshsig.Verify(public, namespace, message, signature))
	assert.ErrorIs(t, sshsig.Verify(other, namespace, message, signature), sshsig.ErrSignature)
	assert.ErrorIs(t, sshsig.Verify(public, "file", message, signature), sshsig.ErrSignature)
	assert.ErrorIs(t, sshsig.Verify(public, namespace, []byte("another"), signature), sshsig.ErrSignature)
	assert.ErrorIs(t, sshsig.Verify(public, namespace, message, append(signature, signature...)), sshsig.ErrMalformed)
	assert.ErrorIs(t, sshsig.Verify(public, namespace, message, nil), sshsig.ErrMalformed)
	assert.ErrorIs(t, sshsig.Verify([]byte("no key"), namespace, message, signature), sshsig.ErrKey)

	block, _ := pem.Decode(signature)
	for i := range block.Bytes {
		damaged := bytes.Clone(block.Bytes)
		damaged[i] ^= 1
		armoured := pem.EncodeToMemory(&pem.Block{Type: block.Type, Bytes: damaged})
		assert.Error(t, sshsig.Verify(public, namespace, message, armoured), "byte %d", i)
	}
}

func TestUnusableKeys(t *testing.T) {
	key := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{1}, ed25519.SeedSize))
	locked, err := ssh.MarshalPrivateKeyWithPassphrase(key, "SPECIMEN", []byte("secret"))
	require.NoError(t, err)
	_, err = sshsig.Sign(pem.EncodeToMemory(locked), namespace, nil)
	assert.ErrorIs(t, err, sshsig.ErrKey)
	assert.ErrorContains(t, err, "passphrase")
	_, err = sshsig.Sign([]byte("no key"), namespace, nil)
	assert.ErrorIs(t, err, sshsig.ErrKey)
}

// run executes ssh-keygen, which the tests' dependencies bring.
func run(t *testing.T, stdin []byte, args ...string) error {
	t.Helper()
	command := exec.Command("ssh-keygen", args...)
	command.Stdin = bytes.NewReader(stdin)
	out, err := command.CombinedOutput()
	t.Logf("ssh-keygen %v: %s", args, out)
	return err
}

// TestOpenSSH goes both ways with the real ssh-keygen.
func TestOpenSSH(t *testing.T) {
	private, public := pair(t, 1)
	dir := t.TempDir()
	in := func(name string, content []byte) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, content, 0o600))
		return path
	}
	message := bytes.Repeat([]byte("trust "), 1000)
	key, file := in("key", private), in("message", message)
	allowed := in("allowed", append([]byte("office "), public...))

	require.NoError(t, run(t, nil, "-Y", "sign", "-n", namespace, "-f", key, file))
	theirs, err := os.ReadFile(file + ".sig")
	require.NoError(t, err)
	assert.NoError(t, sshsig.Verify(public, namespace, message, theirs))

	ours, err := sshsig.Sign(private, namespace, message)
	require.NoError(t, err)
	mine := in("ours.sig", ours)
	verify := []string{"-Y", "verify", "-f", allowed, "-I", "office", "-n", namespace, "-s", mine}
	assert.NoError(t, run(t, message, verify...))
	assert.Error(t, run(t, message[1:], verify...))
}

func FuzzVerify(f *testing.F) {
	private, public := pair(f, 1)
	signature, err := sshsig.Sign(private, namespace, nil)
	require.NoError(f, err)
	f.Add(signature)
	f.Fuzz(func(t *testing.T, armoured []byte) { _ = sshsig.Verify(public, namespace, []byte("other"), armoured) })
}
