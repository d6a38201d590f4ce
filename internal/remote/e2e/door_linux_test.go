//go:build cgo

package e2e_test

import (
	"io"
	"net"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// door is one address in front of two replicas, as a balancer of connections is: it
// takes the next that answers.
type door struct {
	listener net.Listener
	mu       sync.Mutex
	behind   [2]string
	turn     int
}

func newDoor(t *testing.T) *door {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	d := &door{listener: listener}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			outside, err := listener.Accept()
			if err != nil {
				return
			}
			go d.lead(outside)
		}
	}()
	return d
}

func (d *door) url() string { return named(d.listener.Addr().String()) }

func (d *door) put(i int, address string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.behind[i] = address
}

func (d *door) next() [2]string {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.turn++
	return [2]string{d.behind[d.turn%2], d.behind[(d.turn+1)%2]}
}

func (d *door) lead(outside net.Conn) {
	defer outside.Close()
	for _, address := range d.next() {
		inside, err := net.Dial("tcp", address)
		if err != nil {
			continue
		}
		defer inside.Close()
		go func() {
			_, _ = io.Copy(inside, outside)
			_ = inside.(*net.TCPConn).CloseWrite()
		}()
		_, _ = io.Copy(outside, inside)
		return
	}
}
