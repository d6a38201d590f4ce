package cryptoki

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// The layouts, counted by hand from the structures of PKCS #11 v2.40: packed with
// numbers of four bytes on Windows, aligned with eight elsewhere.
func TestLayouts(t *testing.T) {
	type layout struct {
		at   []int
		size int
	}
	for name, c := range map[string]struct {
		fields               []field
		windows, small, lp64 layout // small: Windows with addresses of four bytes
	}{
		"CK_INFO":      {infoFields, layout{[]int{0, 2, 34, 38, 70}, 72}, layout{[]int{0, 2, 34, 38, 70}, 72}, layout{[]int{0, 2, 40, 48, 80}, 88}},
		"CK_SLOT_INFO": {slotFields, layout{[]int{0, 64, 96, 100, 102}, 104}, layout{[]int{0, 64, 96, 100, 102}, 104}, layout{[]int{0, 64, 96, 104, 106}, 112}},
		"CK_TOKEN_INFO": {
			tokenFields,
			layout{[]int{0, 32, 64, 80, 96, 100, 104, 108, 112, 116, 120, 124, 128, 132, 136, 140, 142, 144}, 160},
			layout{[]int{0, 32, 64, 80, 96, 100, 104, 108, 112, 116, 120, 124, 128, 132, 136, 140, 142, 144}, 160},
			layout{[]int{0, 32, 64, 80, 96, 104, 112, 120, 128, 136, 144, 152, 160, 168, 176, 184, 186, 188}, 208},
		},
		"CK_SESSION_INFO":        {sessionFields, layout{[]int{0, 4, 8, 12}, 16}, layout{[]int{0, 4, 8, 12}, 16}, layout{[]int{0, 8, 16, 24}, 32}},
		"CK_ATTRIBUTE":           {attributeFields, layout{[]int{0, 4, 12}, 16}, layout{[]int{0, 4, 8}, 12}, layout{[]int{0, 8, 16}, 24}},
		"CK_MECHANISM":           {mechanismFields, layout{[]int{0, 4, 12}, 16}, layout{[]int{0, 4, 8}, 12}, layout{[]int{0, 8, 16}, 24}},
		"CK_RSA_PKCS_PSS_PARAMS": {pssFields, layout{[]int{0, 4, 8}, 12}, layout{[]int{0, 4, 8}, 12}, layout{[]int{0, 8, 16}, 24}},
		"CK_C_INITIALIZE_ARGS":   {startFields, layout{[]int{0, 8, 16, 24, 32, 36}, 44}, layout{[]int{0, 4, 8, 12, 16, 20}, 24}, layout{[]int{0, 8, 16, 24, 32, 40}, 48}},
	} {
		for system, l := range map[string]struct {
			Layout
			want layout
		}{"windows": {Windows(8), c.windows}, "windows of 32 bits": {Windows(4), c.small}, "unix": {Unix(8), c.lp64}} {
			at, size := l.offsets(c.fields)
			assert.Equal(t, l.want, layout{at, size}, "%s on %s", name, system)
		}
	}
}

// C_GetFunctionList's own entry is the fourth, C_Sign's the forty-fourth.
func TestFunctionList(t *testing.T) {
	for l, want := range map[Layout][2]int{Windows(8): {26, 346}, Windows(4): {14, 174}, Unix(8): {32, 352}, Unix(4): {16, 176}} {
		at, _ := l.offsets(functionFields)
		assert.Equal(t, want, [2]int{at[1+fGetFunctionList], at[1+fSign]}, "%+v", l)
	}
}

func TestNumbers(t *testing.T) {
	assert.Equal(t, uint64(0xFFFFFFFF), Windows(8).unavailable())
	assert.Equal(t, ^uint64(0), Unix(8).unavailable())
	assert.Len(t, Windows(8).number(7), 4)
	for _, l := range []Layout{Windows(8), Unix(8)} {
		assert.Equal(t, uint64(0x1041), get(l.number(ECDSA), l.Long))
	}
}

func TestErrorWords(t *testing.T) {
	assert.EqualError(t, PINIncorrect, "PKCS #11: PIN_INCORRECT (0xA0)")
	assert.EqualError(t, Error(0x80000001), "PKCS #11: 0x80000001")
}
