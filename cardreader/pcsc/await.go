package pcsc

import "context"

// await runs work and returns what it brings, or the context's error as soon as
// the context ends. PC/SC calls cannot be interrupted: work that is given up
// runs to its end, and what it brings goes to discard. Work is always begun.
func await[T any](ctx context.Context, work func() (T, error), discard func(T)) (T, error) {
	type outcome struct {
		value T
		err   error
	}
	if ctx.Done() == nil {
		return work()
	}
	came := make(chan outcome, 1)
	go func() {
		value, err := work()
		came <- outcome{value, err}
	}()
	select {
	case o := <-came:
		return o.value, o.err
	case <-ctx.Done():
		go func() {
			if o := <-came; o.err == nil {
				discard(o.value)
			}
		}()
		return *new(T), ctx.Err()
	}
}
