package persona

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/lds"
)

func generated(seed uint64, n int) []*Persona { return slices.Collect(Generate(seed, n)) }

func TestTheSameSeedGivesTheSamePeople(t *testing.T) {
	all := generated(7, 200)
	assert.Equal(t, all, generated(7, 200))
	assert.Equal(t, all[:10], generated(7, 10), "however many are asked for")
	assert.NotEqual(t, all[:10], generated(8, 10))
	assert.Empty(t, generated(7, 0))
	assert.Empty(t, generated(7, -1))
	for range Generate(7, 10) {
		break
	}
	first := all[0]
	assert.Equal(t, "s7-00001", first.Name)
	assert.Equal(t, "ZZZP8Y2EG", first.Document.Number, "the same on every machine")
}

func TestGeneratedPeopleAreDistinct(t *testing.T) {
	seen := map[string]bool{}
	styles, sexes, ages := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for p := range Generate(7, 5000) {
		require.NoError(t, p.withDefaults().check(), p.Name)
		for what, value := range map[string]string{
			"number": p.Document.Number, "CIN": p.Person.CIN, "name": p.Person.Surname + p.Person.GivenNames,
		} {
			require.False(t, seen[what+value], "two people have the same %s", what)
			seen[what+value] = true
		}
		styles[p.Portrait.Style], sexes[p.Person.Sex], ages[p.Portrait.Age] = true, true, true
	}
	assert.Len(t, styles, len(styleNames))
	assert.Len(t, sexes, 2)
	assert.Len(t, ages, 3)
}

// TestPlacesAreTaken goes round once in a small world.
func TestPlacesAreTakenOnce(t *testing.T) {
	for _, size := range []uint64{36 * 36, 10_000, combinations} {
		taken := map[uint64]bool{}
		for i := range size {
			taken[place(99, i, size)] = true
		}
		assert.Len(t, taken, int(size))
	}
	assert.Less(t, place(^uint64(0), ^uint64(0), 36), uint64(36))
}

// TestGeneratedCards goes through the file: what is read again is the same card.
func TestGeneratedCards(t *testing.T) {
	dir := t.TempDir()
	for p := range Generate(3, 20) {
		card, err := p.Card()
		require.NoError(t, err)
		content, err := p.YAML()
		require.NoError(t, err)
		path := filepath.Join(dir, p.Name+".yaml")
		require.NoError(t, os.WriteFile(path, content, 0o600))
		assert.Equal(t, card, cardOf(t, path), p.Name)
		checkFiles(t, card)
		checkHashes(t, card)
		checkKeys(t, card)
	}
}

func TestShippedPersonasSurviveWriting(t *testing.T) {
	for _, name := range Names() {
		p, err := Load(name)
		require.NoError(t, err)
		content, err := p.YAML()
		require.NoError(t, err)
		again, err := parse(name, name, content)
		require.NoError(t, err)
		assert.Equal(t, p, again)
	}
}

func TestWrittenCardIsADump(t *testing.T) {
	card := cardOf(t, "every-group")
	dir := t.TempDir()
	require.NoError(t, card.WriteDir(dir))
	dump, err := FromDir(dir)
	require.NoError(t, err)
	assert.Equal(t, card.Files, dump.Files)
	assert.Contains(t, slices.Collect(maps.Keys(dump.Files)), lds.DG3)
	assert.ErrorIs(t, card.WriteDir(filepath.Join(dir, "nowhere")), os.ErrNotExist)
}

func TestTemplate(t *testing.T) {
	numbers := map[string]bool{}
	for _, name := range []string{"mine", "yours", "a name with {{file}} in it", "x1"} {
		p, err := parse(name, "new.yaml", Template(name))
		require.NoError(t, err, name)
		_, err = p.Card()
		require.NoError(t, err)
		numbers[p.Document.Number] = true
	}
	assert.Len(t, numbers, 4)
	p, err := parse("mine", "new.yaml", Template("mine"))
	require.NoError(t, err)
	assert.Equal(t, "MINE", p.Person.GivenNames)
}

// BenchmarkPersonalise makes a thousand cards a round: portraits, keys,
// certificates and signatures.
func BenchmarkPersonalise(b *testing.B) {
	for b.Loop() {
		for p := range Generate(7, 1000) {
			if _, err := p.Card(); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Milliseconds())/float64(b.N)/1000, "ms/card")
}
