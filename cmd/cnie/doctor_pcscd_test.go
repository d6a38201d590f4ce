//go:build linux && cgo

package main

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/cardreader/pcsc"
	"cnie/internal/doctor"
	"cnie/internal/pcscd"
	"cnie/simulator"
)

func (d desk) doctor(t *testing.T, args ...string) examined {
	t.Helper()
	return parseExamined(t, d.run(t, t.Context(), append([]string{"doctor", "--json"}, args...)...))
}

// What a clerk may meet, at a real service.
func TestDoctorThroughPCSC(t *testing.T) {
	d := desk{pcscd.Start(t, pcscd.Options{})}
	card := citizen(t)
	t.Run("no card", func(t *testing.T) {
		e := d.doctor(t)
		assert.Equal(t, doctor.Remark, e.find("card").Level)
		assert.Contains(t, e.find("virtual-reader").Sentence, d.daemon.Readers[0]+" is no device")
		assert.True(t, e.Ready)
	})
	t.Run("a card", func(t *testing.T) {
		defer d.lay(t, simulator.New(card))()
		d.awaitCard(t)
		e := d.doctor(t)
		assert.Equal(t, doctor.OK, e.find("card").Level, e.Findings)
		assert.NotEmpty(t, e.find("speed").Sentence)
		assert.Contains(t, e.find("extended-length").Sentence, "The reader passes commands")
		assert.True(t, e.Ready)
	})
	t.Run("another program holds the card", func(t *testing.T) {
		defer d.lay(t, simulator.New(card))()
		d.awaitCard(t)
		other, err := pcsc.New().Connect(t.Context(), d.daemon.Readers[0])
		require.NoError(t, err)
		defer other.Close()
		e := d.doctor(t)
		assert.Equal(t, "Another program holds the card.", e.find("card").Sentence)
		assert.False(t, e.Ready)
	})
	t.Run("service died", func(t *testing.T) {
		d.daemon.Kill()
		f := d.doctor(t).find("service")
		assert.Equal(t, doctor.Blocking, f.Level)
		assert.Contains(t, f.Sentence, "has died")
	})
	t.Run("no service", func(t *testing.T) {
		d.daemon.Stop()
		f := d.doctor(t).find("service")
		assert.Contains(t, f.Sentence, "does not run")
	})
}

// forbidden tells the process that asNobody starts where the socket is.
const forbidden = "CNIE_TEST_FORBIDDEN_SOCKET"

// asNobody runs TestDoctorMayNot as a user to whom the socket is closed. Root
// can become one, anybody else is one once it is closed.
func asNobody(t *testing.T, socket string) {
	require.NoError(t, os.Chmod(socket, 0))
	defer func() { assert.NoError(t, os.Chmod(socket, 0o666)) }()
	dir, err := os.MkdirTemp("", "cnie-nobody-")
	require.NoError(t, err)
	defer os.RemoveAll(dir)
	require.NoError(t, os.Chmod(dir, 0o755))
	command := exec.Command(copyOfThis(t, dir), "-test.run=^TestDoctorMayNot$", "-test.v")
	command.Dir = dir
	command.Env = append(os.Environ(), forbidden+"="+socket, "TMPDIR="+dir)
	if os.Geteuid() == 0 {
		require.NoError(t, os.Chown(dir, 65534, 65534))
		command.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	}
	out, err := command.CombinedOutput()
	require.NoError(t, err, "%s", out)
	require.True(t, bytes.Contains(out, []byte("--- PASS: TestDoctorMayNot")), "%s", out)
}

// copyOfThis puts the test program where another user may run it.
func copyOfThis(t *testing.T, dir string) string {
	name, err := os.Executable()
	require.NoError(t, err)
	from, err := os.Open(name)
	require.NoError(t, err)
	defer from.Close()
	to, err := os.OpenFile(filepath.Join(dir, "cnie.test"), os.O_CREATE|os.O_WRONLY, 0o755)
	require.NoError(t, err)
	_, err = io.Copy(to, from)
	require.NoError(t, err)
	require.NoError(t, to.Close())
	return to.Name()
}

// TestDoctorMayNot closes a service's socket, and looks at it in a process of its
// own: the PC/SC library asks only once where the service is.
func TestDoctorMayNot(t *testing.T) {
	socket := os.Getenv(forbidden)
	if socket == "" {
		asNobody(t, pcscd.Start(t, pcscd.Options{}).Socket)
		return
	}
	t.Setenv("PCSCLITE_CSOCK_NAME", socket)
	f := desk{}.doctor(t).find("permission")
	assert.Equal(t, doctor.Blocking, f.Level)
	assert.Contains(t, f.Sentence, "This user may not use")
}
