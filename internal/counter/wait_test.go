package counter

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// An answer and an end that come together are an end, whichever is looked at first.
func TestAnswerAndEndAtOnce(t *testing.T) {
	o := Options{Patience: time.Minute, Now: time.Now, Measure: func(string, time.Duration) {}}
	for range 100 {
		asked := &transaction{desk: &Desk{o: o}, changed: make(chan struct{}), agreed: make(chan struct{})}
		ctx, end := context.WithCancelCause(t.Context())
		close(asked.agreed)
		end(errRefused)
		require.ErrorIs(t, asked.ask(ctx), errRefused)
		answers := make(chan Match, 1)
		answers <- Matches
		_, err := wait(ctx, asked, answers)
		require.ErrorIs(t, err, errRefused)
	}
}
