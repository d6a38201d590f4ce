package counter

import (
	"context"
	"time"
)

const (
	glimpse = 5 * time.Second // how often the clock on the wall is looked at
	asleep  = time.Minute     // by which it may run ahead of the timers
)

// watchClock ends what is on the desk when the machine has slept: the timers stood
// still meanwhile, and whoever wakes it is not who agreed.
func (d *Desk) watchClock(ctx context.Context) {
	tick := time.NewTicker(glimpse)
	defer tick.Stop()
	for wall, timers := d.o.Now(), time.Now(); ; wall, timers = d.o.Now(), time.Now() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		if d.o.Now().Round(0).Sub(wall.Round(0))-time.Since(timers) > asleep {
			d.o.Log.InfoContext(ctx, "the clock ran ahead, as after a sleep: what is on the desk ends")
			d.endAll()
		}
	}
}

// endAll ends every transaction as if nobody had acted, and wipes those that have
// ended.
func (d *Desk) endAll() {
	d.mu.Lock()
	all := make([]*transaction, 0, len(d.active))
	for _, t := range d.active {
		all = append(all, t)
	}
	d.mu.Unlock()
	for _, t := range all {
		if t.abandon(failure(failTimeout)) != nil && t.snapshot().State.Ended() {
			d.forget(t)
		}
	}
}
