package site_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/pem"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"aead.dev/minisign"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/ssh"

	"cnie/internal/site"
	"cnie/pki/trust/sshsig"
)

// office signs site files, in both formats.
type office struct {
	mini           minisign.PrivateKey
	miniPublic     string
	shell          []byte // private key
	shellPublic    string
	keys, shellKey string // files
}

func newOffice(t testing.TB, dir string, seed byte) office {
	t.Helper()
	var o office
	public, private, err := minisign.GenerateKey(bytes.NewReader(bytes.Repeat([]byte{seed}, 100)))
	require.NoError(t, err)
	text, err := public.MarshalText()
	require.NoError(t, err)
	o.mini, o.miniPublic = private, string(text)
	key := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, ed25519.SeedSize))
	block, err := ssh.MarshalPrivateKey(key, "SPECIMEN")
	require.NoError(t, err)
	line, err := ssh.NewPublicKey(key.Public())
	require.NoError(t, err)
	o.shell, o.shellPublic = pem.EncodeToMemory(block), string(ssh.MarshalAuthorizedKey(line))
	o.keys = write(t, dir, "site.pub", "# who signs\n"+o.miniPublic+"\n"+o.shellPublic)
	o.shellKey = write(t, dir, "key", string(o.shell))
	return o
}

func (o office) minisign(content, comment string) string {
	return string(minisign.SignWithComments(o.mini, []byte(content), comment, "untrusted"))
}

func (o office) openSSH(t testing.TB, content, namespace string) string {
	t.Helper()
	signature, err := sshsig.Sign(o.shell, namespace, []byte(content))
	require.NoError(t, err)
	return string(signature)
}

func readKeys(t testing.TB, file string) site.Keys {
	t.Helper()
	keys, err := site.ReadKeys(file)
	require.NoError(t, err)
	return keys
}

func TestSignature(t *testing.T) {
	dir := t.TempDir()
	ours, other := newOffice(t, t.TempDir(), 1), newOffice(t, t.TempDir(), 2)
	keys := readKeys(t, ours.keys)
	assert.Equal(t, 2, keys.Count())
	content := with(t, "production: false", production)
	for name, c := range map[string]struct {
		content, minisig, sig string
		keys                  site.Keys
		want                  error
	}{
		"minisign":             {content: content, minisig: ours.minisign(content, site.Namespace), keys: keys},
		"OpenSSH":              {content: content, sig: ours.openSSH(t, content, site.Namespace), keys: keys},
		"both":                 {content: content, minisig: ours.minisign(content, site.Namespace), sig: ours.openSSH(t, content, site.Namespace), keys: keys},
		"none":                 {content: content, keys: keys, want: site.ErrUnsigned},
		"none, no keys":        {content: content, want: site.ErrUnsigned},
		"no keys":              {content: content, minisig: ours.minisign(content, site.Namespace), want: site.ErrNoKeys},
		"another minisign key": {content: content, minisig: other.minisign(content, site.Namespace), keys: keys, want: site.ErrAnotherKey},
		"another OpenSSH key":  {content: content, sig: other.openSSH(t, content, site.Namespace), keys: keys, want: site.ErrAnotherKey},
		"changed, minisign":    {content: content + "#", minisig: ours.minisign(content, site.Namespace), keys: keys, want: site.ErrChanged},
		"changed, OpenSSH":     {content: content + "#", sig: ours.openSSH(t, content, site.Namespace), keys: keys, want: site.ErrChanged},
		"comment":              {content: content, minisig: ours.minisign(content, "file:site.yaml"), keys: keys, want: site.ErrNamespace},
		"namespace":            {content: content, sig: ours.openSSH(t, content, "file"), keys: keys, want: site.ErrNamespace},
		"no minisign":          {content: content, minisig: "hello", keys: keys, want: site.ErrSignature},
		"no OpenSSH":           {content: content, sig: "hello", keys: keys, want: site.ErrSignature},
		"huge":                 {content: content, sig: string(make([]byte, 1<<15)), keys: keys, want: site.ErrSignature},
		"one good, one bad":    {content: content, minisig: ours.minisign(content, site.Namespace), sig: other.openSSH(t, content, site.Namespace), keys: keys, want: site.ErrAnotherKey},

		"specimen unsigned":          {content: good, keys: keys},
		"specimen, nobody can tell":  {content: good, minisig: other.minisign(good, site.Namespace)},
		"specimen, badly signed":     {content: good, minisig: other.minisign(good, site.Namespace), keys: keys, want: site.ErrAnotherKey},
		"specimen, widened by clerk": {content: good + "#", sig: ours.openSSH(t, good, site.Namespace), keys: keys, want: site.ErrChanged},
	} {
		t.Run(name, func(t *testing.T) {
			path := write(t, dir, "site.yaml", c.content)
			for ending, signature := range map[string]string{".minisig": c.minisig, ".sig": c.sig} {
				require.NoError(t, os.RemoveAll(path+ending))
				if signature != "" {
					write(t, dir, "site.yaml"+ending, signature)
				}
			}
			s, err := site.Load(path, c.keys)
			if c.want != nil {
				assert.ErrorIs(t, err, c.want)
				assert.Nil(t, s)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, c.keys.Count() > 0 && c.minisig+c.sig != "", s.Signer != "")
			assert.Equal(t, filepath.Join(dir, "trust"), s.Resolve("trust"))
		})
	}
}

// Every byte of a signed file and of its signature counts. Comments that
// minisign calls untrusted are not signed.
func TestEveryByteCounts(t *testing.T) {
	dir := t.TempDir()
	o := newOffice(t, t.TempDir(), 1)
	keys := readKeys(t, o.keys)
	content := with(t, "production: false", production)
	path := write(t, dir, "site.yaml", content)
	write(t, dir, "site.yaml.minisig", o.minisign(content, site.Namespace))
	for i := range content {
		changed := []byte(content)
		changed[i] ^= 1
		require.NoError(t, os.WriteFile(path, changed, 0o600))
		_, err := site.Load(path, keys)
		require.ErrorIs(t, err, site.ErrChanged, "byte %d", i)
	}
}

func run(t *testing.T, dir, name string, args ...string) {
	t.Helper()
	command := exec.Command(name, args...)
	command.Dir = dir
	out, err := command.CombinedOutput()
	require.NoError(t, err, "%s %v: %s", name, args, out)
}

// The real minisign and the real ssh-keygen sign, and their public keys are read
// as they write them.
func TestRealSigners(t *testing.T) {
	for name, sign := range map[string]func(t *testing.T, dir string) string{
		"minisign": func(t *testing.T, dir string) string {
			run(t, dir, "minisign", "-G", "-W", "-p", "key.pub", "-s", "key")
			run(t, dir, "minisign", "-S", "-t", site.Namespace, "-s", "key", "-x", "site.yaml.minisig", "-m", "site.yaml")
			return "key.pub"
		},
		"minisign, as it was before prehashing": func(t *testing.T, dir string) string {
			run(t, dir, "minisign", "-G", "-W", "-p", "key.pub", "-s", "key")
			run(t, dir, "minisign", "-S", "-l", "-t", site.Namespace, "-s", "key", "-x", "site.yaml.minisig", "-m", "site.yaml")
			return "key.pub"
		},
		"ssh-keygen": func(t *testing.T, dir string) string {
			run(t, dir, "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "SPECIMEN", "-f", "key")
			run(t, dir, "ssh-keygen", "-Y", "sign", "-n", site.Namespace, "-f", "key", "site.yaml")
			return "key.pub"
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			path := write(t, dir, "site.yaml", with(t, "production: false", production))
			keys := readKeys(t, filepath.Join(dir, sign(t, dir)))
			s, err := site.Load(path, keys)
			require.NoError(t, err)
			assert.Equal(t, keys.Names(), []string{s.Signer})
			write(t, dir, "site.yaml", with(t, "production: false", production, "[photo, surname]", "[photo, surname, sex]"))
			_, err = site.Load(path, keys)
			assert.ErrorIs(t, err, site.ErrChanged)
		})
	}
}

// The real minisign also verifies what the tests' library signs.
func TestMinisignTakesOurs(t *testing.T) {
	dir := t.TempDir()
	o := newOffice(t, dir, 1)
	write(t, dir, "site.yaml", good)
	write(t, dir, "site.yaml.minisig", o.minisign(good, site.Namespace))
	write(t, dir, "mini.pub", o.miniPublic+"\n")
	run(t, dir, "minisign", "-V", "-p", "mini.pub", "-m", "site.yaml")
}
