package pcsc

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestFeatures(t *testing.T) {
	list := []byte{0x06, 4, 0x42, 0x33, 0x00, 0x06, 0x12, 4, 0x42, 0x33, 0x00, 0x12}
	code, found := feature(list, tagProperties)
	assert.True(t, found)
	assert.Equal(t, uint32(0x42330012), code)
	_, found = feature(list, 0x13)
	assert.False(t, found)
	for _, cut := range []int{0, 1, 7, 11} {
		_, found = feature(list[:cut], tagProperties)
		assert.False(t, found, cut)
	}
	_, found = feature([]byte{0x12, 3, 1, 2, 3}, tagProperties)
	assert.False(t, found, "no control code has three bytes")
}

func TestMaxData(t *testing.T) {
	for want, properties := range map[int][]byte{
		0x10000:   {0x09, 1, 0, 0x0A, 4, 0, 0, 1, 0, 0x0B, 2, 1, 2},
		256:       {0x0A, 4, 0, 1, 0, 0},
		1<<31 - 1: {0x0A, 4, 0xFF, 0xFF, 0xFF, 0xFF},
		0:         {0x0A, 2, 0, 1},
	} {
		assert.Equal(t, want, maxData(properties))
	}
	assert.Zero(t, maxData(nil))
}

// What a driver sends never does more than be found or not.
func FuzzFeatures(f *testing.F) {
	f.Add([]byte{0x06, 4, 0x42, 0x33, 0x00, 0x06, 0x12, 4, 0x42, 0x33, 0x00, 0x12}, byte(0x12))
	f.Add([]byte{0x0A, 4, 0, 0, 1, 0}, byte(0x0A))
	f.Add([]byte{0x0A, 0xFF}, byte(0x0A))
	f.Fuzz(func(t *testing.T, list []byte, tag byte) {
		value := entry(list, tag)
		assert.LessOrEqual(t, len(value), max(0, len(list)-2))
		code, found := feature(list, tag)
		assert.Equal(t, found, len(value) == 4)
		assert.True(t, found || code == 0)
		assert.GreaterOrEqual(t, maxData(list), 0)
	})
}
