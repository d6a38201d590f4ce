package cardspec

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/lds"
)

// Every statement has a source; what is unknown claims no value, and the reverse.
func TestEveryFactIsFounded(t *testing.T) {
	for _, s := range All() {
		for _, f := range s.Facts {
			assert.NotEmpty(t, f.Source, "%s: %s", s.Name, f.Field)
			assert.Equal(t, f.Mark == Unknown, f.Value == "", "%s: %s", s.Name, f.Field)
		}
		for _, f := range s.Files {
			assert.NotEmpty(t, f.Source, "%s: %v", s.Name, f.File)
			assert.False(t, f.Mark == Unknown && f.Present, "%s: %v", s.Name, f.File)
			assert.NotZero(t, f.Access)
		}
		got, err := ByName(s.Name)
		require.NoError(t, err)
		assert.Equal(t, s, got)
	}
	_, err := ByName("nothing")
	assert.Error(t, err)
}

func TestFor(t *testing.T) {
	for text, want := range map[string]string{
		"IDMARZZZ0SIM1<4ZZ000001<<<<<<<9001011F3501014MAR<<<<<<<<<<<9SPECIMEN<<SIMULATEUR<<<<<<<<<<": "cnie2",
		"I<MARZZZ0SIM2<7Z000002<<<<<<<<8506151M3006151MAR<<<<<<<<<<<5SPECIMEN<<ANCIEN<<<<<<<<<<<<<<": "cnie2",
		"I<UTOD231458907<<<<<<<<<<<<<<<7408122F1204159UTO<<<<<<<<<<<6ERIKSSON<<ANNA<MARIA<<<<<<<<<<": "",
		"P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<L898902C36UTO7408122F1204159ZE184226B<<<<<10":   "passport",
	} {
		m, err := lds.ParseMRZ(text)
		require.NoError(t, err)
		s, ok := For(m)
		assert.Equal(t, want != "", ok)
		assert.Equal(t, want, s.Name)
	}
	permit, ok := For(lds.MRZ{Format: lds.TD1, DocumentCode: "IR", IssuingState: "MAR"})
	assert.True(t, ok)
	assert.Equal(t, "residence", permit.Name)
}

func TestFingerprintsAreNeverInReach(t *testing.T) {
	for _, s := range All() {
		access := map[lds.File]Access{}
		for _, f := range s.Files {
			access[f.File] = f.Access
		}
		assert.Equal(t, Extended, access[lds.DG3], s.Name)
		assert.Equal(t, Basic, access[lds.DG1], s.Name)
	}
}
