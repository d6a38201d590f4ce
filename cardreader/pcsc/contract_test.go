//go:build linux && cgo

package pcsc_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"

	"cnie/cardreader/pcsc"
	"cnie/cardreader/readertest"
	"cnie/internal/pcscd"
	"cnie/simulator/vpcd"
)

// The contract, over a real pcscd.
func TestContract(t *testing.T) {
	daemon := pcscd.Start(t, pcscd.Options{Drivers: 2})
	readertest.Run(t, func(t *testing.T) readertest.Harness {
		slots := &slots{daemon: daemon}
		h := readertest.Harness{
			System:  pcsc.New(),
			Readers: daemon.Readers,
			Script:  readertest.EchoScript,
			Insert:  func(reader int) { slots.insert(t, reader, &readertest.Echo{}) },
			Remove:  slots.remove,
		}
		t.Cleanup(func() { slots.empty(t) })
		return h
	})
}

// slots hold the cards in the readers of a daemon.
type slots struct {
	daemon *pcscd.Daemon
	eject  sync.Map // reader: func()
}

func (s *slots) insert(t testing.TB, reader int, card vpcd.Card) {
	ctx, cancel := context.WithCancel(context.Background())
	left := make(chan struct{})
	go func() {
		defer close(left)
		addr := fmt.Sprintf("127.0.0.1:%d", s.daemon.Ports[reader])
		if err := vpcd.Serve(ctx, addr, card); err != nil {
			t.Logf("card in reader %d: %v", reader, err)
		}
	}()
	s.eject.Store(reader, func() { cancel(); <-left })
}

func (s *slots) remove(reader int) {
	if eject, ok := s.eject.LoadAndDelete(reader); ok {
		eject.(func())()
	}
}

// empty takes all cards out and waits until the service has noticed.
func (s *slots) empty(t testing.TB) {
	for reader := range s.daemon.Ports {
		s.remove(reader)
	}
	assert.Eventually(t, func() bool {
		readers, err := pcsc.New().Readers(context.Background())
		for _, r := range readers {
			if r.HasCard {
				return false
			}
		}
		return err == nil
	}, readerNotice, pollEvery)
}
