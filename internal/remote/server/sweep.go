package server

import (
	"context"
	"errors"
	"time"
)

// sweep gives up on what is late, and forgets what is old.
func (s *Server) sweep(ctx context.Context) {
	const pause = time.Second
	tick := time.NewTicker(pause)
	defer tick.Stop()
	for n := 0; ; n++ {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		now := s.now()
		late, err := s.store.Expire(ctx, now)
		for _, id := range late {
			err = errors.Join(err, s.courier.Answered(id))
		}
		if n%30 == 0 {
			err = errors.Join(err, s.store.Purge(ctx, now.Add(-s.config.tokenLife()-s.config.signLife()), now.Add(-s.config.memory()), now))
		}
		if err != nil && ctx.Err() == nil {
			s.log.Warn("sweep", "error", err)
		}
	}
}

// memory is how long requests are remembered: a consent for as long as its token could
// be presented again, whatever the operator wants kept.
func (c *Config) memory() time.Duration {
	return max(c.keep(), c.consentLife()+c.tokenLife()+c.signLife()+time.Minute)
}
