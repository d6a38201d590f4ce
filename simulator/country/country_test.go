package country_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/lds"
	"cnie/simulator/country"
	"cnie/simulator/persona"
)

var (
	utopia = persona.CSCA{Name: "UTOPIA", Country: "UT", Code: "UTO", Seed: "utopia"}
	today  = time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
)

func made(t *testing.T, csca persona.CSCA, at time.Time) *country.Country {
	t.Helper()
	c, err := country.Make(csca, at)
	require.NoError(t, err)
	return c
}

// The same values give the same country; keys do not depend on the day, and
// another seed has none of them.
func TestDeterministic(t *testing.T) {
	c := made(t, utopia, today)
	assert.Equal(t, c.Files, made(t, utopia, today).Files)
	later := made(t, utopia, today.AddDate(0, 1, 0))
	other := utopia
	other.Seed = "dystopia"
	strange := made(t, other, today)
	for i, f := range c.Files {
		assert.Equal(t, f.Name, later.Files[i].Name)
		dated := map[string]bool{"UTOPIA.crl": true, "UTOPIA.ml": true, "UTOPIA.dvl": true}[f.Name]
		assert.Equal(t, dated, !bytes.Equal(f.Content, later.Files[i].Content), f.Name)
		assert.NotEqual(t, f.Fingerprint(), strange.Files[i].Fingerprint(), f.Name)
	}
}

// Whatever has a name says what it is.
func TestEveryNameSaysSpecimen(t *testing.T) {
	for _, f := range made(t, utopia, today).Files {
		assert.True(t, bytes.Contains(f.Content, []byte("SPECIMEN")), f.Name)
	}
}

// The citizen of the folder, loaded from it, was signed by a document signer that
// the country publishes.
func TestCitizen(t *testing.T) {
	dir := t.TempDir()
	c := made(t, utopia, today)
	require.NoError(t, c.WriteDir(dir))
	p, err := persona.Load(filepath.Join(dir, country.Citizen))
	require.NoError(t, err)
	card, err := p.Card()
	require.NoError(t, err)
	signer, found := c.Find("dsc/ID-2025Q1.der")
	require.True(t, found)
	assert.True(t, bytes.Contains(card.Files[lds.SOD], signer.Content))
	written, err := os.ReadFile(filepath.Join(dir, "dsc", "ID-2025Q1.der"))
	require.NoError(t, err)
	assert.Equal(t, signer.Content, written)
}

func TestSecondKey(t *testing.T) {
	day := utopia.Begins(2)
	_, early := made(t, utopia, day.AddDate(0, 0, -1)).Find("-2.der")
	assert.False(t, early)
	_, there := made(t, utopia, day).Find("-2.der")
	assert.True(t, there)
	assert.Equal(t, time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC), day)
}
