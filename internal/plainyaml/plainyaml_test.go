package plainyaml_test

import (
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/internal/plainyaml"
)

func TestParse(t *testing.T) {
	const fancy = "tags, anchors and aliases have no place here"
	for text, want := range map[string]string{
		"":                       "1:1: the file is empty",
		"# nothing\n":            "1:1: the file is empty",
		"a: 1\n---\nb: 2\n":      "1:1: there is more than one document",
		"a: !foo":                "1:4: " + fancy,
		"a: 1\nb: !!bool true\n": "2:4: " + fancy,
		"a: &x 1\n":              "1:4: " + fancy,
		"a: *x\n":                "1:4: " + fancy,
		"a: {<<: {b: 1}}\n":      "1:5: " + fancy,
		"!foo":                   "1:1: " + fancy,
		"- !foo\n- 1":            "1:3: " + fancy,
		"a: [1, !foo]\n":         "1:4: sequence end token",
		"a: [":                   "1:4: ",
	} {
		_, err := plainyaml.Parse([]byte(text))
		require.Error(t, err, text)
		assert.Contains(t, err.Error(), want, text)
		assert.NotContains(t, err.Error(), "\n")
	}
	_, err := plainyaml.Parse(nil)
	assert.ErrorIs(t, err, plainyaml.ErrEmpty)
	source, err := plainyaml.Parse([]byte("a:\n  b: [x, y]\n"))
	require.NoError(t, err)
	for path, want := range map[string][2]int{"$.a.b[1]": {2, 10}, "$.a.b[7]": {2, 6}, "$.a.c": {2, 4}, "$.z": {1, 1}} {
		line, column := plainyaml.Locate(source, path)
		assert.Equal(t, want, [2]int{line, column}, path)
	}
}

// Whatever is plain can be decoded without a panic, and located.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{"a: 1", "a: !foo", "? a\n: b", "- &x 1\n- *x", "%YAML 1.2\n---\na: |\n  b", "a: {<<: b}", "!!map {a: 1}", "\"a\": 'b'"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		if len(content) > 2000 {
			return // the parser's time grows with the square of the nesting
		}
		source, err := plainyaml.Parse(content)
		if err != nil {
			var wrong *plainyaml.Error
			require.ErrorAs(t, err, &wrong)
			require.NotContains(t, err.Error(), "\n")
			return
		}
		var into struct {
			A any            `yaml:"a"`
			B map[string]int `yaml:"b"`
		}
		if err := yaml.UnmarshalWithOptions(content, &into, yaml.Strict()); err != nil {
			require.NotContains(t, plainyaml.At(err).Error(), "\n")
		}
		line, column := plainyaml.Locate(source, "$.a.b[0]")
		require.Positive(t, line)
		require.Positive(t, column)
	})
}
