//go:build linux && cgo

package pcsc_test

import (
	"context"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/ebfe/scard"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/cardreader"
	"cnie/cardreader/pcsc"
	"cnie/cardreader/readertest"
	"cnie/internal/pcscd"
)

const (
	readerNotice = 3 * time.Second // vpcd is polled every 400 ms
	pollEvery    = 5 * time.Millisecond
)

// inserted is a card in the first reader of a daemon, known to the service.
func inserted(t testing.TB, daemon *pcscd.Daemon) *slots {
	s := &slots{daemon: daemon}
	s.insert(t, 0, &readertest.Echo{})
	waitForCard(t, daemon.Readers[0])
	return s
}

func waitForCard(t testing.TB, reader string) {
	require.Eventually(t, func() bool {
		readers, err := pcsc.New().Readers(context.Background())
		return err == nil && slices.ContainsFunc(readers, func(r cardreader.Reader) bool { return r.Name == reader && r.HasCard })
	}, readerNotice, pollEvery)
}

func TestServiceDies(t *testing.T) {
	daemon := pcscd.Start(t, pcscd.Options{})
	s := inserted(t, daemon)
	system := pcsc.New()
	card, err := system.Connect(t.Context(), daemon.Readers[0])
	require.NoError(t, err)
	watched := make(chan error, 1)
	go func() {
		for _, err := range system.Watch(t.Context()) {
			if err != nil {
				watched <- err
			}
		}
	}()
	time.Sleep(100 * time.Millisecond) // the watch waits by now

	daemon.Kill()
	var typed *pcsc.Error
	for range 2 {
		_, err = card.TransmitRaw(t.Context(), []byte{0x80, 0x10, 0, 0})
		assert.ErrorIs(t, err, cardreader.ErrNoService)
		assert.ErrorAs(t, err, &typed)
	}
	assert.ErrorIs(t, card.Reset(t.Context()), cardreader.ErrNoService)
	assert.NoError(t, card.Close())
	select {
	case err := <-watched:
		assert.ErrorIs(t, err, cardreader.ErrNoService)
	case <-time.After(2 * time.Second):
		assert.Fail(t, "the watch goes on")
	}
	noService(t, system)
	s.remove(0)
}

func TestResetAfterServiceDied(t *testing.T) {
	daemon := pcscd.Start(t, pcscd.Options{})
	s := inserted(t, daemon)
	card, err := pcsc.New().Connect(t.Context(), daemon.Readers[0])
	require.NoError(t, err)
	daemon.Kill()
	assert.ErrorIs(t, card.Reset(t.Context()), cardreader.ErrNoService)
	assert.NoError(t, card.Close())
	s.remove(0)
}

func TestNoService(t *testing.T) {
	pcscd.Start(t, pcscd.Options{}).Stop() // where it was, nobody is
	noService(t, pcsc.New())
}

func noService(t *testing.T, system *pcsc.System) {
	_, err := system.Readers(t.Context())
	assert.ErrorIs(t, err, cardreader.ErrNoService)
	_, err = system.Connect(t.Context(), "Virtual PCD 00 00")
	assert.ErrorIs(t, err, cardreader.ErrNoService)
	for _, err = range system.Watch(t.Context()) {
		assert.ErrorIs(t, err, cardreader.ErrNoService)
	}
}

// A service that is started anew is found again.
func TestServiceStartedAnew(t *testing.T) {
	for drivers := 1; drivers <= 3; drivers++ {
		d := pcscd.Start(t, pcscd.Options{Drivers: drivers})
		readers, err := pcsc.New().Readers(t.Context())
		require.NoError(t, err)
		require.Len(t, readers, len(d.Readers))
		for i, name := range d.Readers {
			assert.Equal(t, cardreader.Reader{Name: name}, readers[i])
		}
		d.Stop()
	}
}

// oldCard is an echo card that speaks T=0, from before T=1.
type oldCard struct{ readertest.Echo }

func (*oldCard) ATR() []byte { return []byte{0x3B, 0x02, 0x14, 0x50} }

func TestCardOfT0(t *testing.T) {
	daemon := pcscd.Start(t, pcscd.Options{})
	s := &slots{daemon: daemon}
	defer s.empty(t)
	s.insert(t, 1, &oldCard{})
	waitForCard(t, daemon.Readers[1])
	card, err := pcsc.New().Connect(t.Context(), daemon.Readers[1])
	require.NoError(t, err)
	defer card.Close()
	assert.Equal(t, "3B021450", card.ATR().String())
	answer, err := card.TransmitRaw(t.Context(), []byte{0x80, 0x10, 0, 0, 1, 7})
	require.NoError(t, err)
	assert.Equal(t, []byte{0x80, 0x10, 0, 0, 1, 7, 0x90, 0x00}, answer)
}

// A connection is exclusive against programs that would share, too.
func TestSharedCardIsBusy(t *testing.T) {
	daemon := pcscd.Start(t, pcscd.Options{})
	s := inserted(t, daemon)
	defer s.empty(t)
	other, err := scard.EstablishContext()
	require.NoError(t, err)
	defer func() { assert.NoError(t, other.Release()) }()
	shared, err := other.Connect(daemon.Readers[0], scard.ShareShared, scard.ProtocolAny)
	require.NoError(t, err)
	_, err = pcsc.New().Connect(t.Context(), daemon.Readers[0])
	assert.ErrorIs(t, err, cardreader.ErrReaderBusy)
	require.NoError(t, shared.Disconnect(scard.LeaveCard))
	card, err := pcsc.New().Connect(t.Context(), daemon.Readers[0])
	require.NoError(t, err)
	assert.NoError(t, card.Close())
}

// Many contexts wait for the same reader while the collector runs: the library
// must not let go of a name that C still reads.
func TestNamesOutliveCollections(t *testing.T) {
	daemon := pcscd.Start(t, pcscd.Options{})
	s := inserted(t, daemon)
	ctx, cancel := context.WithCancel(t.Context())
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			for _, err := range pcsc.New().Watch(ctx) {
				assert.NoError(t, err)
			}
		})
	}
	for range 100 {
		readers, err := pcsc.New().Readers(ctx)
		require.NoError(t, err)
		assert.True(t, readers[0].HasCard)
		runtime.GC()
	}
	s.empty(t)
	cancel()
	all.Wait()
}

// A watch that nothing happens to must sleep.
func TestWatchIsIdle(t *testing.T) {
	daemon := pcscd.Start(t, pcscd.Options{})
	s := inserted(t, daemon)
	defer s.empty(t)
	ctx, cancel := context.WithTimeout(t.Context(), 700*time.Millisecond)
	defer cancel()
	events := 0
	start := cpuTime(t)
	for _, err := range pcsc.New().Watch(ctx) {
		require.NoError(t, err)
		events++
	}
	assert.Equal(t, 3, events, "two readers, one card")
	assert.Less(t, cpuTime(t)-start, 100*time.Millisecond)
}

// As many readers as pcscd has room for: a wait cannot name more, and there is
// none to come.
func TestSixteenReaders(t *testing.T) {
	daemon := pcscd.Start(t, pcscd.Options{Drivers: 8})
	require.Len(t, daemon.Readers, 16)
	events := make(chan cardreader.Event)
	go func() {
		defer close(events)
		for event, err := range pcsc.New().Watch(t.Context()) {
			if !assert.NoError(t, err) {
				return
			}
			events <- event
		}
	}()
	for range daemon.Readers {
		assert.Equal(t, cardreader.ReaderAdded, (<-events).Kind)
	}
	s := &slots{daemon: daemon}
	s.insert(t, 15, &readertest.Echo{})
	defer s.remove(15)
	event := <-events
	assert.Equal(t, cardreader.CardInserted, event.Kind)
	assert.Equal(t, daemon.Readers[15], event.Reader)
}
