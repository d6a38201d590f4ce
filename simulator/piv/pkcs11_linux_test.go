package piv_test

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/simulator/piv"
)

// patience is how long a program may take on a machine that is busy.
const patience = 2 * time.Minute

// TestPKCS11Clients goes through OpenSC's module with other people's libraries.
func TestPKCS11Clients(t *testing.T) {
	b := inReader(t, specimen(t, nil))
	module := opensc(t)
	t.Run("OpenSSL", func(t *testing.T) {
		text := b.write("text", "SPECIMEN")
		b.run("openssl", "dgst", "-engine", "pkcs11", "-keyform", "engine", "-sign", "pkcs11:id=%01;type=private;pin-value=123456", "-sha256", "-out", "signature", text)
		b.certificate(piv.Authentication)
		assert.Contains(t, b.run("openssl", "dgst", "-sha256", "-verify", "public.pem", "-signature", "signature", text), "Verified OK")
	})
	t.Run("GnuTLS", func(t *testing.T) {
		assert.Equal(t, 4, strings.Count(b.run("p11tool", "--provider", module, "--list-all-certs"), "Type: X.509 Certificate"))
		out := b.run("p11tool", "--provider", module, "--login", "--set-pin=123456", "--test-sign", "pkcs11:id=%01;type=private")
		assert.Contains(t, out, "Verifying against public key in the token... ok")
	})
	t.Run("NSS", func(t *testing.T) {
		b.run("certutil", "-N", "-d", "sql:"+b.dir, "--empty-password")
		b.run("modutil", "-dbdir", "sql:"+b.dir, "-add", "OpenSC", "-libfile", module, "-force")
		pins := b.write("pins", "123456\n")
		listed := b.run("certutil", "-L", "-d", "sql:"+b.dir, "-h", "all", "-f", pins)
		assert.Equal(t, 4, strings.Count(listed, "SPECIMEN AMINA:Certificate for"), listed)
		keys := b.run("certutil", "-K", "-d", "sql:"+b.dir, "-h", "SPECIMEN AMINA", "-f", pins)
		assert.Equal(t, 2, strings.Count(keys, "> rsa"), keys)
		assert.Equal(t, 2, strings.Count(keys, "> ec"), keys)
	})
	t.Run("SSH", func(t *testing.T) { login(t, b, module) })
}

// login opens a session with the key in 9A at an sshd that listens nowhere: the
// client starts it and speaks to it through a pipe.
func login(t *testing.T, b *bench, module string) {
	keys := b.run("ssh-keygen", "-D", module)
	require.Equal(t, 4, strings.Count(keys, "pubkey"), keys)
	first, _, _ := strings.Cut(keys, "\n")
	b.write("authorized", first+"\n")
	b.run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", "host")
	b.write("sshd.conf", fmt.Sprintf("HostKey %[1]s/host\nAuthorizedKeysFile %[1]s/authorized\nStrictModes no\nUsePAM no\nPidFile none\nPermitRootLogin prohibit-password\nPasswordAuthentication no\nKbdInteractiveAuthentication no\n", b.dir))
	ask := b.write("ask", "#!/bin/sh\necho 123456\n")
	require.NoError(t, os.Chmod(ask, 0o700))
	b.env = append(b.env, "SSH_ASKPASS="+ask, "SSH_ASKPASS_REQUIRE=force")
	who := strings.TrimSpace(b.run("id", "-un"))
	out := b.run("ssh", "-F", "none", "-I", module, "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile="+b.dir+"/known",
		"-o", "PreferredAuthentications=publickey", "-o", "ProxyCommand="+server(t, b.dir), who+"@card", "echo logged in")
	assert.Contains(t, out, "logged in")
}

// server starts sshd for one connection. As root it insists on a folder in /run,
// which it gets in a mount namespace of its own.
func server(t *testing.T, dir string) string {
	path := "/usr/sbin/sshd"
	if found, err := exec.LookPath("sshd"); err == nil {
		path = found
	}
	require.FileExists(t, path, "sshd is not installed; run `make deps`, or `make deps-test` for it alone")
	start := fmt.Sprintf("exec %s -i -f %s/sshd.conf", path, dir)
	if os.Getuid() != 0 {
		return start
	}
	return "unshare --mount sh -c 'mount -t tmpfs none /run && mkdir /run/sshd && " + start + "'"
}
