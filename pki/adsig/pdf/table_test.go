package pdf

import (
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
)

// The table is a map that is quicker: whatever numbers come, in whatever order,
// it knows what a map would.
func TestTableIsAMap(t *testing.T) {
	for seed := range uint64(50) {
		random := rand.New(rand.NewPCG(seed, 1))
		ours, want := newTable(random.Int64N(100_000)), map[int]entry{}
		for i := range 500 {
			number := []int{i, random.IntN(400), random.IntN(maxNumber), 1 << 60, -1}[random.IntN(5)]
			e := entry{uint8(random.IntN(3)), random.Int64(), int(random.Uint32() >> 1)}
			ours.add(number, e)
			if _, known := want[number]; !known {
				want[number] = e
			}
		}
		assert.Equal(t, len(want), ours.count)
		assert.Equal(t, slices.Sorted(maps.Keys(want)), slices.Collect(ours.numbers()))
		for number, e := range want {
			assert.Equal(t, e, ours.at(number), "%d", number)
		}
		_, known := ours.get(1 << 61)
		assert.False(t, known)
	}
}

// A file of a few bytes cannot make its reader set aside room for millions of
// objects.
func TestTableOfASmallFileIsSmall(t *testing.T) {
	ours := newTable(100)
	for number := 1; number < maxNumber; number *= 2 {
		ours.add(number, entry{1, 1, 0})
	}
	assert.Less(t, len(ours.low), 1000)
}
