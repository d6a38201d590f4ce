package emrtd_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"cnie/cardreader/emrtd"
)

// BenchmarkRead reads the specimen from a chip in the same process, which is
// what the protocols cost on both sides. The metrics count a whole run, access
// control (6 APDUs) included.
func BenchmarkRead(b *testing.B) {
	card := load(b, "specimen")
	l := insert(card)
	o := emrtd.Options{Password: can(b, card.CAN), Files: asked}
	for b.Loop() {
		l.commands, l.seen = 0, nil
		require.NoError(b, l.reset(b.Context()))
		_, err := read(l, o)
		require.NoError(b, err)
	}
	b.ReportMetric(float64(l.commands), "apdus")
}
