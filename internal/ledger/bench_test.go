package ledger_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cnie/internal/ledger"
)

// BenchmarkAdd is n entries by so many desks: one desk without a pause, 500 that each
// add one each ten seconds, and 500 without a pause, which no town hall does.
func BenchmarkAdd(b *testing.B) {
	for _, run := range []struct {
		desks int
		pause time.Duration
	}{{1, 0}, {500, 10 * time.Second}, {500, 0}} {
		b.Run(fmt.Sprintf("desks=%d/pause=%v", run.desks, run.pause), func(b *testing.B) {
			l := open(b, ledger.Options{Dir: b.TempDir()})
			took := make([]time.Duration, b.N)
			numbers := make(chan int)
			var all sync.WaitGroup
			for desk := range run.desks {
				all.Go(func() {
					time.Sleep(run.pause * time.Duration(desk) / time.Duration(run.desks))
					for n := range numbers {
						start := time.Now()
						if _, err := l.Add(context.Background(), verification(n)); err != nil {
							b.Error(err)
						}
						took[n] = time.Since(start)
						time.Sleep(run.pause - took[n])
					}
				})
			}
			b.ResetTimer()
			for n := range b.N {
				numbers <- n
			}
			close(numbers)
			all.Wait()
			b.StopTimer()
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
			b.ReportMetric(float64(took[len(took)*95/100].Microseconds())/1000, "p95-ms")
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "entries/s")
			require.NoError(b, l.Close())
		})
	}
}
