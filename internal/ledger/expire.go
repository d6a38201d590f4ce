package ledger

import (
	"context"
	"time"
)

// wake is how often the day is looked at: a timer of hours would stand still while a
// machine sleeps.
const wake = 10 * time.Minute

// ExpireDaily erases what is kept beyond its day: now, and on each day that begins
// (UTC) until ctx ends. What it did, or could not do and tries again, it tells.
func (l *Ledger) ExpireDaily(ctx context.Context, tell func([]Erased, error)) {
	l.expireDaily(ctx, wake, tell)
}

func (l *Ledger) expireDaily(ctx context.Context, every time.Duration, tell func([]Erased, error)) {
	for done := int64(-1); ctx.Err() == nil; {
		if now := l.o.Now(); day(now) != done {
			erased, err := l.Expire(ctx, now)
			if ctx.Err() != nil && err != nil {
				return
			}
			if err == nil {
				done = day(now)
			}
			if err != nil || len(erased) > 0 {
				tell(erased, err)
			}
		}
		select {
		case <-time.After(every):
		case <-ctx.Done():
		}
	}
}
