package pcsc

import (
	"encoding/binary"
	"math"
)

// PC/SC part 10 §2.2 and §2.6.14: a reader lists its features, each with the
// control code that reaches it, and its properties.
const (
	getFeatures     = 3400
	tagProperties   = 0x12
	tagMaxAPDUBytes = 0x0A
)

// feature finds the control code of a feature, big-endian as part 10 has it.
func feature(list []byte, tag byte) (code uint32, found bool) {
	value := entry(list, tag)
	if len(value) != 4 {
		return 0, false
	}
	return binary.BigEndian.Uint32(value), true
}

// maxData reads a property, little-endian as its kind is. What no int holds is
// as good as all.
func maxData(properties []byte) int {
	value := entry(properties, tagMaxAPDUBytes)
	if len(value) != 4 {
		return 0
	}
	return int(min(binary.LittleEndian.Uint32(value), math.MaxInt32))
}

// entry finds one of the list's entries, nil when it has none such: a tag of one
// byte, a length of one byte, the value.
func entry(list []byte, tag byte) []byte {
	for len(list) >= 2 {
		n := int(list[1])
		if len(list) < 2+n {
			return nil
		}
		if list[0] == tag {
			return list[2 : 2+n]
		}
		list = list[2+n:]
	}
	return nil
}
