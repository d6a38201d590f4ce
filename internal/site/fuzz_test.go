package site

import (
	"bytes"
	"crypto/ed25519"
	"encoding/pem"
	"testing"

	"aead.dev/minisign"
	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/ssh"

	"cnie/pki/trust/sshsig"
)

func FuzzKeys(f *testing.F) {
	f.Add([]byte("# two\nuntrusted comment: SPECIMEN\nRWQBI0VniavN7wABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f\n"))
	f.Add([]byte("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f x\n"))
	f.Fuzz(func(t *testing.T, content []byte) {
		k, err := parseKeys(content)
		if err == nil {
			require.Len(t, k.Names(), k.Count())
			require.NotZero(t, k.Count())
		}
	})
}

// FuzzSignature begins with signatures made for something else, by trusted keys:
// none that can be made of them is one for a site file.
func FuzzSignature(f *testing.F) {
	message, seed := []byte("production: false\n"), bytes.Repeat([]byte{1}, 100)
	public, private, err := minisign.GenerateKey(bytes.NewReader(seed))
	require.NoError(f, err)
	key := ed25519.NewKeyFromSeed(seed[:ed25519.SeedSize])
	block, err := ssh.MarshalPrivateKey(key, "")
	require.NoError(f, err)
	shell, err := ssh.NewPublicKey(key.Public())
	require.NoError(f, err)
	signature, err := sshsig.Sign(pem.EncodeToMemory(block), "file", message)
	require.NoError(f, err)
	f.Add(signature)
	f.Add(minisign.SignWithComments(private, message, "file", ""))
	k := Keys{minisign: []minisign.PublicKey{public}, ssh: []ssh.PublicKey{shell}}
	f.Fuzz(func(t *testing.T, signature []byte) {
		for _, verify := range []func(content, text []byte) (string, error){k.verifyMinisign, k.verifySSH} {
			name, err := verify(message, signature)
			require.Error(t, err)
			require.Empty(t, name)
		}
	})
}
