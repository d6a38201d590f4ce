package doctor_test

import (
	"context"
	"fmt"
	"iter"
	"net"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/cardreader"
	"cnie/internal/doctor"
)

// broken is a service that does not answer.
type broken struct{ err error }

func (b broken) Readers(context.Context) ([]cardreader.Reader, error) { return nil, b.err }
func (b broken) Watch(context.Context) iter.Seq2[cardreader.Event, error] {
	return func(func(cardreader.Event, error) bool) {}
}
func (b broken) Connect(context.Context, string) (cardreader.Card, error) { return nil, b.err }

func TestService(t *testing.T) {
	dir := t.TempDir()
	socket := func(name string) string { return filepath.Join(dir, name) }
	alive, err := net.Listen("unix", socket("alive"))
	require.NoError(t, err)
	defer alive.Close()
	dead, err := net.Listen("unix", socket("dead"))
	require.NoError(t, err)
	dead.(*net.UnixListener).SetUnlinkOnClose(false)
	require.NoError(t, dead.Close())

	for _, c := range []struct {
		err              error
		socket, id, part string
	}{
		{cardreader.ErrNoService, socket("none"), "service", "does not run. Install and start it"},
		{cardreader.ErrNoService, socket("dead"), "service", "has died"},
		{cardreader.ErrNoService, socket("alive"), "permission", "polkit"},
		{cardreader.ErrNoService, "", "service", `Start the service "Smart Card"`},
		{fmt.Errorf("%w: built without cgo", cardreader.ErrNoService), "", "service", "CGO_ENABLED=1"},
		{context.DeadlineExceeded, socket("alive"), "service", "Restart it"},
	} {
		d := newDesk()
		d.system, d.options.Socket = broken{c.err}, c.socket
		d.want(t, c.id, doctor.Blocking, c.part)
		assert.Nil(t, d.find(t, "reader"), "nothing is known of readers")
		assert.NotNil(t, d.find(t, "trust"), "the rest is looked at all the same")
	}
}

// TestForbiddenSocket needs a user whom permissions bind; TestThroughPCSC of the
// program itself takes another user for it.
func TestForbiddenSocket(t *testing.T) {
	d := newDesk()
	dir := t.TempDir()
	listener, err := net.Listen("unix", filepath.Join(dir, "socket"))
	require.NoError(t, err)
	defer listener.Close()
	require.NoError(t, os.Chmod(dir, 0))
	defer func() { assert.NoError(t, os.Chmod(dir, 0o700)) }()
	d.system, d.options.Socket = broken{cardreader.ErrNoService}, filepath.Join(dir, "socket")
	part := "This user may not use"
	if os.Geteuid() == 0 {
		part = "hangs up on this user" // nothing is forbidden to root
	}
	d.want(t, "permission", doctor.Blocking, part)
}
