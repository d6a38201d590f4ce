package seal_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"filippo.io/age"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/lds"
	"cnie/pki"
	"cnie/pki/seal"
)

// statement is small, so that tests can afford to spoil every byte of it.
func statement() seal.Statement {
	at := time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)
	id := 7
	return seal.Statement{
		ID: "ABCD-EFGH-2345-WXYZ", SavedAt: at.Add(time.Minute), Tool: "cnie test",
		Challenge: bytes.Repeat([]byte{0xC4}, 32),
		Judged:    seal.Judgement{At: at, Verdict: pki.Refused, Policy: []string{"The chip must be opened by PACE."}, Trust: "none"},
		Evidence: pki.Evidence{
			ReadAt: at, ReadUntil: at.Add(time.Second), ATR: []byte{0x3B, 0},
			Access: pki.Access{Protocol: pki.PACE, Password: "CAN", Cipher: "AES-128"},
			Asked:  []lds.File{lds.SOD, lds.DG1},
			Files:  map[lds.File][]byte{lds.SOD: {0x77, 1, 2}, lds.CardAccess: {0x31, 0}},
			Denied: map[lds.File]uint16{lds.DG1: 0x6982},
			Chip: &pki.ChipAuthentication{Outcome: pki.ChipPerformed, Protocol: "0.4.0", KeyID: &id,
				EphemeralPrivate: []byte{1}, Command: []byte{2}, Response: []byte{3}},
		},
	}
}

func terminal(t testing.TB) *seal.Key {
	t.Helper()
	key, _, err := seal.GenerateKey()
	require.NoError(t, err)
	return key
}

func signed(t testing.TB, key *seal.Key) []byte {
	t.Helper()
	file, err := seal.Sign(statement(), key)
	require.NoError(t, err)
	return file
}

func encrypted(t testing.TB, file []byte, to ...age.Recipient) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, seal.Encrypt(&b, file, to...))
	return b.Bytes()
}

func identity(t testing.TB) *age.X25519Identity {
	t.Helper()
	id, err := age.GenerateX25519Identity()
	require.NoError(t, err)
	return id
}

func TestWhatGoesInComesOut(t *testing.T) {
	key, id := terminal(t), identity(t)
	file := signed(t, key)

	clear, err := seal.Open(bytes.NewReader(file))
	require.NoError(t, err)
	assert.Equal(t, statement(), clear.Statement)
	assert.Equal(t, key.Public(), clear.Terminal)
	assert.False(t, clear.Encrypted)

	closed := encrypted(t, file, id.Recipient(), identity(t).Recipient())
	assert.NotContains(t, string(closed), "EF.")
	opened, err := seal.Open(bytes.NewReader(closed), identity(t), id)
	require.NoError(t, err)
	assert.Equal(t, statement(), opened.Statement)
	assert.True(t, opened.Encrypted)
}

func TestPostQuantumRecipient(t *testing.T) {
	id, err := age.GenerateHybridIdentity()
	require.NoError(t, err)
	_, err = seal.Open(bytes.NewReader(encrypted(t, signed(t, terminal(t)), id.Recipient())), id)
	require.NoError(t, err)
}

// No byte of a file can be another one, in any bit, without being found.
func TestEveryByteIsBound(t *testing.T) {
	id := identity(t)
	clear := signed(t, terminal(t))
	for name, file := range map[string][]byte{"clear": clear, "encrypted": encrypted(t, clear, id.Recipient())} {
		for at := range file {
			for _, change := range []byte{0x01, 0x20, 0x80} {
				spoilt := bytes.Clone(file)
				spoilt[at] ^= change
				_, err := seal.Open(bytes.NewReader(spoilt), id)
				require.Error(t, err, "%s: byte %d ^ %#x", name, at, change)
				require.True(t, told(err), "%s: byte %d ^ %#x: %v", name, at, change, err)
			}
		}
		for n := range file {
			_, err := seal.Open(bytes.NewReader(file[:n]), id)
			require.True(t, told(err), "%s: first %d bytes: %v", name, n, err)
		}
		for _, more := range []string{"\n", " ", "x", string(file)} {
			_, err := seal.Open(strings.NewReader(string(file)+more), id)
			require.True(t, told(err), "%s: %q follows: %v", name, more[:1], err)
		}
	}
}

// told reports an error that says what is wrong with a file.
func told(err error) bool {
	for _, known := range []error{seal.ErrMalformed, seal.ErrDamaged, seal.ErrSignature, seal.ErrOtherKey} {
		if errors.Is(err, known) {
			return true
		}
	}
	return false
}

func TestRefusals(t *testing.T) {
	key, id := terminal(t), identity(t)
	file := string(signed(t, key))
	line := strings.SplitAfter(file, "\n")[1]
	begin := strings.Index(file, "-----BEGIN")
	manyRecipients := "age-encryption.org/v1\n" + strings.Repeat("-> X25519 "+strings.Repeat("A", 43)+"\n"+strings.Repeat("A", 43)+"\n", 2000)
	for name, c := range map[string]struct {
		file string
		want error
	}{
		"empty":                     {"", seal.ErrMalformed},
		"no evidence":               {"a letter\n", seal.ErrMalformed},
		"of another version":        {strings.Replace(file, "evidence 1", "evidence 2", 1), seal.ErrMalformed},
		"without signature":         {file[:begin], seal.ErrDamaged},
		"with another's signature":  {file[:begin] + string(signed(t, terminal(t)))[begin:], nil},
		"with two signatures":       {file + file[begin:], seal.ErrSignature},
		"signature in one line":     {file[:begin] + oneLine(file[begin:]), seal.ErrDamaged},
		"Windows line ends":         {strings.ReplaceAll(file, "\n", "\r\n"), seal.ErrMalformed},
		"signature of another kind": {file[:begin] + rename(t, file[begin:]), seal.ErrSignature},
		"changed content":           {strings.Replace(file, line, strings.Replace(line, "refused", "accepted", 1), 1), seal.ErrSignature},
		"too long":                  {strings.Repeat("a", seal.MaxSize+1), seal.ErrTooLong},
		"age, cut in the header":    {"age-encryption.org/v1\n-> X25519 ", seal.ErrDamaged},
		"age, endless recipients":   {manyRecipients, seal.ErrDamaged},
		"encrypted to others":       {string(encrypted(t, []byte(file), identity(t).Recipient())), seal.ErrOtherKey},
		"encrypted, no evidence":    {string(encrypted(t, []byte("a letter"), id.Recipient())), seal.ErrMalformed},
		"encrypted twice":           {string(encrypted(t, encrypted(t, []byte(file), id.Recipient()), id.Recipient())), seal.ErrMalformed},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := seal.Open(strings.NewReader(c.file), id)
			if c.want == nil { // a whole file of another terminal: for the caller to tell
				require.NoError(t, err)
				assert.NotEqual(t, key.Public(), s.Terminal)
				return
			}
			assert.ErrorIs(t, err, c.want)
			assert.Nil(t, s)
		})
	}
	_, err := seal.Open(bytes.NewReader(encrypted(t, []byte(file), id.Recipient())))
	assert.ErrorIs(t, err, seal.ErrNeedsKey)
	_, err = seal.Open(iotest.ErrReader(os.ErrClosed))
	assert.ErrorIs(t, err, os.ErrClosed)
}

func oneLine(armored string) string {
	lines := strings.Split(strings.TrimSpace(armored), "\n")
	return lines[0] + "\n" + strings.Join(lines[1:len(lines)-1], "") + "\n" + lines[len(lines)-1] + "\n"
}

// rename changes the namespace inside a signature: one made for a file or for
// git must not count for evidence.
func rename(t *testing.T, armored string) string {
	lines := strings.Split(strings.TrimSpace(armored), "\n")
	raw, err := base64.StdEncoding.DecodeString(strings.Join(lines[1:len(lines)-1], ""))
	require.NoError(t, err)
	changed := bytes.Replace(raw, []byte("evidence@cnie"), []byte("evidence@cnif"), 1)
	require.NotEqual(t, raw, changed)
	text, out := base64.StdEncoding.EncodeToString(changed), lines[0]+"\n"
	for ; len(text) > 64; text = text[64:] {
		out += text[:64] + "\n"
	}
	return out + text + "\n" + lines[len(lines)-1] + "\n"
}

// A terminal that signs something else than a statement of this version is not
// taken at its word, even though its signature is right.
func TestStatementsThatAreNone(t *testing.T) {
	good := statement()
	for name, spoil := range map[string]func(*seal.Statement){
		"no id":              func(s *seal.Statement) { s.ID = "" },
		"id with markup":     func(s *seal.Statement) { s.ID = "<b>D-EFGH-2345-WXYZ" },
		"no time":            func(s *seal.Statement) { s.Evidence.ReadAt = time.Time{} },
		"no verdict":         func(s *seal.Statement) { s.Judged.Verdict = "splendid" },
		"short challenge":    func(s *seal.Statement) { s.Challenge = []byte{1} },
		"long challenge":     func(s *seal.Statement) { s.Challenge = make([]byte, 65) },
		"judged at no time":  func(s *seal.Statement) { s.Judged.At = time.Time{} },
		"saved at no moment": func(s *seal.Statement) { s.SavedAt = time.Time{} },
	} {
		s := good
		spoil(&s)
		_, err := seal.Sign(s, terminal(t))
		assert.ErrorIs(t, err, seal.ErrMalformed, name)
	}
}

// OpenSSH agrees about the signature: it verifies ours, and we verify none that
// it would not.
func TestOpenSSHVerifies(t *testing.T) {
	tool, err := exec.LookPath("ssh-keygen")
	require.NoError(t, err, "install openssh-client")
	key := terminal(t)
	file := string(signed(t, key))
	at := strings.Index(file, "-----BEGIN SSH")
	dir := t.TempDir()
	allowed, signature := filepath.Join(dir, "terminals"), filepath.Join(dir, "sig")
	require.NoError(t, os.WriteFile(allowed, []byte("terminal "+key.Public().String()+"\n"), 0o600))
	require.NoError(t, os.WriteFile(signature, []byte(file[at:]), 0o600))
	for message, good := range map[string]bool{file[:at]: true, "X" + file[1:at]: false} {
		c := exec.Command(tool, "-Y", "verify", "-f", allowed, "-I", "terminal", "-n", "evidence@cnie", "-s", signature)
		c.Stdin = strings.NewReader(message)
		out, err := c.CombinedOutput()
		assert.Equal(t, good, err == nil, "%s", out)
	}
}

func TestOpenSSHMakesKeys(t *testing.T) {
	tool, err := exec.LookPath("ssh-keygen")
	require.NoError(t, err, "install openssh-client")
	for kind, want := range map[string]error{"ed25519": nil, "ecdsa": seal.ErrTerminalKey} {
		name := filepath.Join(t.TempDir(), "key")
		require.NoError(t, exec.Command(tool, "-q", "-t", kind, "-N", "", "-f", name).Run())
		file, err := os.ReadFile(name)
		require.NoError(t, err)
		key, err := seal.ParseKey(file)
		require.ErrorIs(t, err, want)
		public, err := os.ReadFile(name + ".pub")
		require.NoError(t, err)
		parsed, err := seal.ParsePublicKeys(public)
		require.ErrorIs(t, err, want)
		if want == nil {
			assert.Equal(t, key.Public(), parsed[0])
		}
	}
	name := filepath.Join(t.TempDir(), "locked")
	require.NoError(t, exec.Command(tool, "-q", "-t", "ed25519", "-N", "secret", "-f", name).Run())
	file, err := os.ReadFile(name)
	require.NoError(t, err)
	_, err = seal.ParseKey(file)
	assert.ErrorIs(t, err, seal.ErrLocked)
}

func TestKeys(t *testing.T) {
	key, file, err := seal.GenerateKey()
	require.NoError(t, err)
	again, err := seal.ParseKey(file)
	require.NoError(t, err)
	assert.Equal(t, key.Public(), again.Public())
	assert.True(t, strings.HasPrefix(key.Public().Fingerprint(), "SHA256:"))
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x"} {
		assert.NotContains(t, fmt.Sprintf(verb, key), string(file[40:60]))
		assert.NotContains(t, fmt.Sprintf(verb, *key), string(file[40:60]))
	}

	other := terminal(t).Public()
	pins, err := seal.ParsePublicKeys([]byte("# counters\n\n" + key.Public().String() + "\n" + other.String()))
	require.NoError(t, err)
	assert.Equal(t, []seal.PublicKey{key.Public(), other}, pins)
	for _, bad := range []string{"", "# none", "ssh-ed25519 AAAA", "ssh-rsa AAAA", string(file)} {
		_, err := seal.ParsePublicKeys([]byte(bad))
		assert.ErrorIs(t, err, seal.ErrTerminalKey)
	}
	assert.Empty(t, seal.PublicKey{}.Fingerprint())
	assert.Empty(t, seal.PublicKey{}.String())
}

func TestIDs(t *testing.T) {
	a, b := seal.NewID(), seal.NewID()
	assert.Regexp(t, `^[A-Z2-7]{4}(-[A-Z2-7]{4}){3}$`, a)
	assert.NotEqual(t, a, b)
}

func FuzzOpen(f *testing.F) {
	id := identity(f)
	file := signed(f, terminal(f))
	f.Add(file)
	f.Add(encrypted(f, file, id.Recipient()))
	f.Add([]byte("cnie evidence 1\n{}\n-----BEGIN SSH SIGNATURE-----\n"))
	f.Add([]byte("age-encryption.org/v1\n-> X25519 AAAA\n\n--- "))
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := seal.Open(bytes.NewReader(b), id)
		if err != nil {
			require.Nil(t, s)
			return
		}
		require.NoError(t, s.Check())
		again, err := seal.Sign(s.Statement, terminal(t))
		require.NoError(t, err)
		_, err = seal.Open(bytes.NewReader(again))
		require.NoError(t, err)
	})
}
