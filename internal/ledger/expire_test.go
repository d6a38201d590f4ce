package ledger

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What is kept up to a day goes when the next begins, also where nobody stops the
// program in between, and a failure does not end it.
func TestExpireDaily(t *testing.T) {
	var clock atomic.Int64
	today := time.Date(2027, 3, 1, 23, 59, 0, 0, time.UTC)
	clock.Store(today.Unix())
	l, err := Open(t.Context(), Options{Dir: t.TempDir(), Now: func() time.Time { return time.Unix(clock.Load(), 0) }})
	require.NoError(t, err)
	defer func() { assert.NoError(t, l.Close()) }()
	for days := range 3 { // kept up to yesterday, today, tomorrow
		_, err := l.Add(t.Context(), Record{Kind: Verification, Keep: today.AddDate(0, 0, days-1)})
		require.NoError(t, err)
	}
	ctx, stop := context.WithCancel(t.Context())
	told, ended := make(chan []uint64), make(chan struct{})
	go func() {
		defer close(ended)
		l.expireDaily(ctx, time.Millisecond, func(done []Erased, err error) {
			for _, one := range done {
				told <- one.Indexes
			}
			if err != nil {
				told <- nil
			}
		})
	}()
	assert.Equal(t, []uint64{0}, <-told, "at once")
	state, err := l.Status(t.Context(), today)
	require.NoError(t, err)
	assert.Zero(t, state.Expired)
	l.mu.RLock()
	l.engine.fail(errors.New("the disk is full"))
	l.mu.RUnlock()
	clock.Add(120)
	assert.Nil(t, <-told, "it says that it could not")
	for done := <-told; ; done = <-told {
		if done != nil {
			assert.Equal(t, []uint64{1}, done)
			break
		}
	}
	stop()
	<-ended
}
