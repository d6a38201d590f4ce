//go:build cgo

package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/simulator/control"
)

// TestThroughPCSC is the programs as a person runs them. One service for all: the
// PC/SC library of a process looks for its service once.
func TestThroughPCSC(t *testing.T) {
	c := newCounter(t)
	t.Run("one card, both applications", c.bothApplications)
	t.Run("four readers", c.fourReaders)
	t.Run("a token", c.token)
	t.Run("state", c.state)
	t.Run("pulled by a script", c.pulled)
	t.Run("torn by a fault", c.torn)
}

// bothApplications has everybody's signature software and the verifier of travel
// documents at the same card, one after the other.
func (c *counter) bothApplications(t *testing.T) {
	c.play(t, 1)
	assert.Contains(t, c.must(t, "opensc-tool", "-n"), "Personal Identity Verification Card")
	code, said := c.verify(t, 0)
	require.Zero(t, code, said)

	dump := c.must(t, "pkcs15-tool", "--dump")
	assert.Contains(t, dump, "PKCS#15 Card [SPECIMEN SIMULATEUR]")
	assert.Equal(t, 4, strings.Count(dump, "X.509 Certificate ["))
	module := c.opensc(t)
	_, said = c.try(t, "pkcs11-tool", "--module", module, "--login", "--pin", "123456", "--test")
	assert.Contains(t, said, "C_GenerateRandom failed: CKR_FUNCTION_NOT_SUPPORTED")
	assert.Equal(t, 1, strings.Count(said, "ERR:"), said)
	assert.Contains(t, said, "1 errors")
	c.login(t, module)

	code, said = c.verify(t, 0)
	require.Zero(t, code, "the PIN opened nothing and closed nothing: %s", said)
}

func (c *counter) opensc(t *testing.T) string {
	t.Helper()
	for _, pattern := range []string{"/usr/lib/*/opensc-pkcs11.so", "/usr/lib64/opensc-pkcs11.so", "/usr/lib/opensc-pkcs11.so"} {
		if found, _ := filepath.Glob(pattern); len(found) > 0 {
			return found[0]
		}
	}
	require.Fail(t, "OpenSC's PKCS #11 module is not installed; run `make deps-test`")
	return ""
}

// login opens a session with the key in 9A at an sshd that the client starts and
// speaks to through a pipe. As root it insists on a folder in /run, which it gets
// in a mount namespace of its own.
func (c *counter) login(t *testing.T, module string) {
	t.Helper()
	key, _, _ := strings.Cut(c.must(t, "ssh-keygen", "-D", module), "\n")
	c.write(t, "authorized", key+"\n", 0o600)
	c.must(t, "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", "host")
	c.write(t, "sshd.conf", fmt.Sprintf("HostKey %[1]s/host\nAuthorizedKeysFile %[1]s/authorized\nStrictModes no\nUsePAM no\nPidFile none\nPermitRootLogin prohibit-password\nPasswordAuthentication no\nKbdInteractiveAuthentication no\n", c.dir), 0o600)
	t.Setenv("SSH_ASKPASS", c.write(t, "ask", "#!/bin/sh\necho 123456\n", 0o700))
	t.Setenv("SSH_ASKPASS_REQUIRE", "force")
	server := "exec /usr/sbin/sshd -i -f " + c.dir + "/sshd.conf"
	if os.Getuid() == 0 {
		server = "unshare --mount sh -c 'mount -t tmpfs none /run && mkdir /run/sshd && " + server + "'"
	}
	who := strings.TrimSpace(c.must(t, "id", "-un"))
	said := c.must(t, "ssh", "-F", "none", "-I", module, "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile="+c.dir+"/known",
		"-o", "PreferredAuthentications=publickey", "-o", "ProxyCommand="+server, who+"@card", "echo logged in")
	assert.Contains(t, said, "logged in")
}

func (c *counter) write(t *testing.T, name, content string, mode os.FileMode) string {
	t.Helper()
	path := filepath.Join(c.dir, name)
	require.NoError(t, os.WriteFile(path, []byte(content), mode))
	return path
}

func (c *counter) fourReaders(t *testing.T) {
	c.play(t, 3, "specimen", "expired", "-", "large-keys")
	var listed struct {
		Readers []struct {
			Name string
			Card bool
		}
	}
	require.NoError(t, json.Unmarshal([]byte(c.must(t, "cnie", "readers", "--json")), &listed))
	var cards []string
	for _, reader := range listed.Readers {
		if reader.Card {
			cards = append(cards, reader.Name)
		}
	}
	assert.ElementsMatch(t, []string{c.daemon.Readers[0], c.daemon.Readers[1], c.daemon.Readers[3]}, cards)
	for reader, want := range map[int]int{0: 0, 1: 10, 3: 0} {
		code, said := c.verify(t, reader)
		assert.Equal(t, want, code, said)
	}
}

func (c *counter) token(t *testing.T) {
	c.play(t, 1, "yubikey")
	said := c.must(t, "yubico-piv-tool", "-r", "Virtual", "-a", "status")
	assert.Contains(t, said, "99000001")
	assert.Contains(t, said, "CN=SPECIMEN JETON")
	code, said := c.verify(t, 0)
	assert.Zero(t, code, said)
}

// state is a PIN that a real client changed, in another run of the program.
func (c *counter) state(t *testing.T) {
	module := c.opensc(t)
	login := func(pin string, more ...string) (int, string) {
		return c.try(t, "pkcs11-tool", append([]string{"--module", module, "--login", "--pin", pin}, more...)...)
	}
	t.Run("change", func(t *testing.T) {
		c.play(t, 1, "--state", "cards.json")
		code, said := login("123456", "--change-pin", "--new-pin", "654321")
		require.Zero(t, code, said)
	})
	c.play(t, 1, "--state", "cards.json")
	code, said := login("123456", "-O")
	assert.NotZero(t, code)
	assert.Contains(t, said, "CKR_PIN_INCORRECT")
	code, said = login("654321", "-O")
	assert.Zero(t, code, said)
}

// pulled is a shell script's work: it waits until the read is under way, pulls the
// card, puts it back, puts another one in.
func (c *counter) pulled(t *testing.T) {
	c.play(t, 1, "--fault", "slow=30ms", "--control", "hand")
	type end struct {
		code int
		said string
	}
	ended := make(chan end, 1)
	go func() {
		code, said := c.verify(t, 0)
		ended <- end{code, said}
	}()
	require.Eventually(t, func() bool { return c.slot(t).Commands >= 20 }, hang, 20*time.Millisecond)
	c.must(t, "cnie-sim", "ctl", "--control", "hand", "remove")
	got := <-ended
	assert.Equal(t, 75, got.code, got.said)
	assert.Contains(t, got.said, "the card was removed")

	c.must(t, "cnie-sim", "ctl", "--control", "hand", "insert")
	c.must(t, "cnie-sim", "ctl", "--control", "hand", "fault", "--clear")
	assert.Empty(t, c.slot(t).Faults)
	code, said := c.verify(t, 0)
	assert.Zero(t, code, said)
	assert.Contains(t, c.must(t, "cnie-sim", "ctl", "--control", "hand", "swap", "expired"), "expired, seen by the reader")
	code, said = c.verify(t, 0)
	assert.Equal(t, 10, code, said)
}

// slot asks the run what is in its first slot.
func (c *counter) slot(t *testing.T) control.Slot {
	t.Helper()
	var slots []control.Slot
	require.NoError(t, json.Unmarshal([]byte(c.must(t, "cnie-sim", "ctl", "--control", "hand", "status", "--json")), &slots))
	require.NotEmpty(t, slots)
	return slots[0]
}

// torn has the card pull itself out, once, and come back or not.
func (c *counter) torn(t *testing.T) {
	for fault, back := range map[string]string{"torn": "", "torn-back": "specimen,torn-back@30", "torn-other": "expired"} {
		t.Run(fault, func(t *testing.T) {
			card := "specimen," + fault + "@30"
			if fault == "torn-other" {
				card = "specimen,torn-other=expired@30"
			}
			c.play(t, 1, card, "--control", "hand")
			code, said := c.verify(t, 0)
			assert.Equal(t, 75, code, said)
			require.Equal(t, back, c.slot(t).Card)
			want := map[string]int{"": 69, "expired": 10, "specimen,torn-back@30": 0}[back]
			args := []string{"verify", "--can", "123456", "--trust", "trust", "--reader", c.daemon.Readers[0]}
			if back != "" {
				args = append(args, "--wait", "10s")
			}
			code, said = c.try(t, "cnie", args...)
			assert.Equal(t, want, code, said)
		})
	}
}
