package store

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What is committed together stands or falls alone: neither a job that fails, nor
// somebody who does not wait any more, takes others along.
func TestCommittedTogether(t *testing.T) {
	s, err := Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "state.db"))
	require.NoError(t, err)
	expires := time.Now().Add(time.Hour)
	errOwn := errors.New("its own mistake")
	var all sync.WaitGroup
	const jobs = 200
	for n := range jobs {
		name := fmt.Sprint(n)
		all.Go(func() {
			switch n % 4 {
			case 0: // changes something, and fails then
				err := s.within(context.Background(), func(on execer) error {
					_, err := s.change(context.Background(), on, "INSERT INTO slip (id, body, expires) VALUES (?, ?, ?)", name, []byte{}, seconds(expires))
					return errors.Join(err, errOwn)
				})
				assert.ErrorIs(t, err, errOwn)
			case 1: // gives up waiting in the middle
				ctx, cancel := context.WithCancel(context.Background())
				err := s.within(ctx, func(on execer) error {
					cancel()
					_, err := s.change(ctx, on, "INSERT INTO slip (id, body, expires) VALUES (?, ?, ?)", name, []byte{}, seconds(expires))
					return err
				})
				if err != nil {
					assert.ErrorIs(t, err, context.Canceled)
				}
			case 2: // breaks a rule of the tables
				assert.Error(t, s.Put(context.Background(), "0", nil, expires))
			default:
				assert.NoError(t, s.Put(context.Background(), name, []byte{}, expires))
			}
		})
	}
	all.Wait()
	for n := range jobs {
		_, err := s.Look(t.Context(), fmt.Sprint(n), time.Now())
		switch n % 4 {
		case 0, 2:
			assert.ErrorIs(t, err, ErrUnknown, n)
		default:
			assert.NoError(t, err, n)
		}
	}
	require.NoError(t, s.Close())
	require.ErrorIs(t, s.Put(t.Context(), "x", nil, expires), errClosed)
}
