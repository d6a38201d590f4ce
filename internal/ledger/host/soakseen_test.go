//go:build linux

package host_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/internal/ledger"
)

// nothingLost verifies the ledger and looks for all that desks were told of.
func (s *soak) nothingLost(o ledger.Options) {
	r, err := ledger.OpenReader(s.Context(), o)
	require.NoError(s.T, err)
	defer func() { assert.NoError(s.T, r.Close()) }()
	audit, err := r.Verify(s.Context())
	require.NoError(s.T, err)
	require.Empty(s.T, audit.Findings)
	require.Zero(s.T, audit.Pending)
	seen := map[string]bool{}
	require.NoError(s.T, r.Export(s.Context(), ledger.Selection{}, func(e ledger.Entry) error {
		place, told := s.told[e.Record.ID]
		if !told || seen[e.Record.ID] || place.Index != e.Index || string(place.Leaf) != string(e.Leaf) {
			s.Errorf("entry %d, %s: not told of, twice, or elsewhere", e.Index, e.Record.ID)
		}
		seen[e.Record.ID] = true
		return nil
	}))
	require.Len(s.T, seen, len(s.told), "an entry that a desk was told of is not there")
}

func quantile(took []time.Duration, percent int) time.Duration {
	slices.Sort(took)
	return took[min(len(took)*percent/100, len(took)-1)]
}

// show prints a histogram: how many took at most so many milliseconds.
func show(t *testing.T, who string, took []time.Duration) {
	var line strings.Builder
	slices.Sort(took)
	at := 0
	for limit := time.Millisecond; at < len(took); limit *= 2 {
		from := at
		for at < len(took) && took[at] <= limit {
			at++
		}
		if at > from {
			fmt.Fprintf(&line, "  ≤%d: %d", limit.Milliseconds(), at-from)
		}
	}
	t.Logf("%s: %d entries, p50 %v, p95 %v, p99 %v, longest %v; ms%s", who, len(took), quantile(took, 50).Round(10*time.Microsecond),
		quantile(took, 95).Round(10*time.Microsecond), quantile(took, 99).Round(10*time.Microsecond), took[len(took)-1].Round(10*time.Microsecond), line.String())
}
