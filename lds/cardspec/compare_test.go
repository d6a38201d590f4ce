package cardspec

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/lds"
)

func find(t *testing.T, all []Finding, field string) Finding {
	t.Helper()
	for _, f := range all {
		if f.Field == field {
			return f
		}
	}
	require.Fail(t, "nothing was said of "+field)
	return Finding{}
}

func TestCompare(t *testing.T) {
	s, err := ByName("cnie2")
	require.NoError(t, err)
	fitting := Seen{ATR: s.ATR, PACE: true, Open: []lds.File{lds.CardAccess}, Listed: []lds.File{lds.DG1, lds.DG2, lds.DG11}}
	all := s.Compare(fitting)
	for _, f := range all {
		assert.True(t, f.Fits, f.Field)
	}
	assert.Equal(t, Finding{"EF.DG11", Unknown, "", "there", true}, find(t, all, "EF.DG11"))
	assert.Equal(t, Finding{"EF.DG2", Assumed, "there", "there", true}, find(t, all, "EF.DG2"))

	all = s.Compare(Seen{ATR: []byte{0x3B, 0x00}, Listed: []lds.File{lds.DG1}})
	for _, field := range []string{"ATR", "PACE", "EF.CardAccess", "EF.DG2"} {
		assert.False(t, find(t, all, field).Fits, field)
	}
	assert.Equal(t, "3B00", find(t, all, "ATR").Seen)

	closed := s.Compare(Seen{PACE: true, Open: []lds.File{lds.CardAccess}})
	for _, f := range closed {
		assert.NotContains(t, f.Field, "EF.DG", "nobody looked")
	}
	passport, err := ByName("passport")
	require.NoError(t, err)
	assert.Equal(t, "optional", find(t, passport.Compare(fitting), "EF.DG16").Said)
}
