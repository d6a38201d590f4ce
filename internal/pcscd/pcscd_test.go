//go:build linux

package pcscd

import (
	"fmt"
	"net"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestDaemonsLiveSideBySide(t *testing.T) {
	a, b := Start(t, Options{}), Start(t, Options{Drivers: 2})
	assert.Equal(t, b.Socket, os.Getenv("PCSCLITE_CSOCK_NAME"))
	assert.Len(t, a.Ports, 2)
	assert.Len(t, b.Ports, 4)
	assert.Len(t, b.Readers, 4)
	assert.NotContains(t, b.Ports, a.Ports[0])
	for _, d := range []*Daemon{a, b} {
		assert.True(t, listening(d.Ports))
		assert.FileExists(t, d.Socket)
	}
}

func TestStopLeavesNothing(t *testing.T) {
	socket := ""
	for _, end := range []func(*Daemon){func(*Daemon) {}, (*Daemon).Kill, (*Daemon).Stop} {
		d, err := Launch(Options{})
		require.NoError(t, err)
		if socket == "" {
			socket = d.Socket
		}
		assert.Equal(t, socket, d.Socket, "the C library looks for it once")
		end(d)
		d.Stop()
		assert.NoDirExists(t, d.dir)
		assert.False(t, listening(d.Ports))
		assert.True(t, free(d.Ports[0]))
		lock, err := net.Listen("unix", fmt.Sprintf("@cnie-vpcd-%d", d.Ports[0]))
		require.NoError(t, err, "the reservation must be gone")
		require.NoError(t, lock.Close())
	}
}

func TestReserveSkipsPortsInUse(t *testing.T) {
	ports, held, err := reserve(1)
	require.NoError(t, err)
	defer held.release()
	again, heldToo := take(ports[0], 1)
	assert.Nil(t, again, "reserved by this process")
	assert.Nil(t, heldToo)
	held.release()
	l, err := net.Listen("tcp4", ":0")
	require.NoError(t, err)
	defer l.Close()
	again, _ = take(l.Addr().(*net.TCPAddr).Port-1, 1)
	assert.Nil(t, again, "the second port of the pair is bound")
}

func TestMissingDriverSaysWhatToDo(t *testing.T) {
	installed := drivers
	defer func() { drivers = installed }()
	drivers = []string{"/nowhere/*/libifdvpcd.so"}
	_, err := Launch(Options{})
	assert.ErrorIs(t, err, ErrMissing)
	assert.ErrorContains(t, err, "make deps")
}
