package fault

import (
	"encoding/hex"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/lds"
	"cnie/pki"
	"cnie/simulator/persona"
)

// TestTable: every row says all that it should, in words that exist.
func TestTable(t *testing.T) {
	all := All()
	require.GreaterOrEqual(t, len(all), 60)
	exits := map[string][]int{Accepted: {0}, Refused: {10}, Inconclusive: {11}, Error: {13, 69, 75}}
	layers := []Layer{Issuer, Content, Chip, Access, Channel, Transport, CardMotion, PIN}
	seen := map[string]string{}
	for _, k := range all {
		t.Run(k.Name, func(t *testing.T) {
			assert.Regexp(t, `^[a-z][a-z0-9-]{2,30}$`, k.Name)
			assert.Contains(t, layers, k.Layer)
			assert.Contains(t, exits, k.Expect.Verdict)
			assert.Contains(t, exits[k.Expect.Verdict], k.Expect.Exit)
			assert.Equal(t, k.Expect.Verdict == Refused, len(k.Expect.Checks) > 0, "checks fail when, and only when, the card is refused")
			assert.Regexp(t, `^[A-Z"0-9].*[^.]$`, k.Summary, "a line")
			assert.Regexp(t, `^(EF\.|[A-Z0-9])(EF\.|[^.])*\.$`, k.Expect.Why, "a sentence")
			assert.Contains(t, persona.Names(), k.Persona)
			assert.NotEmpty(t, k.does)
			if k.arg.Is != "" {
				assert.NoError(t, k.arg.check(k.Default))
			}
			assert.Empty(t, seen[k.Summary], "has the same summary")
			seen[k.Summary] = k.Name
			for _, id := range k.Expect.Checks {
				assert.True(t, slices.ContainsFunc(pki.Rules(), func(r pki.Rule) bool { return string(r.ID) == id }), id)
			}
		})
	}
}

// What a verb's settings may be.
var values = map[string]func(string) bool{
	"file": aFile, "leave-out": func(s string) bool { return aFile(s) || s == "certificate" || s == "uniqueness" },
	"hex": digits, "data": digits, "object": digits, "ins": digits, "sw": digits, "got": digits,
	"bytes": number, "above": number, "most": number,
	"on": func(s string) bool { return selectors[s] != nil },
	"by": func(s string) bool { return signatories[s] != nil },
	"of": func(s string) bool { return pictures[s] != nil },
	"at": regexp.MustCompile(`^(first|middle|last)$`).MatchString,
}

func aFile(s string) bool  { _, err := lds.ParseFile(s); return err == nil }
func digits(s string) bool { b, err := hex.DecodeString(s); return err == nil && len(b) > 0 }
func number(s string) bool { return regexp.MustCompile(`^[0-9]{1,6}$`).MatchString(s) }

// TestVerbs: every row uses verbs that there are, with settings that they take,
// and every verb and selector is used.
func TestVerbs(t *testing.T) {
	used := map[string]bool{}
	for _, k := range All() {
		f := Fault{Kind: k, Arg: k.Default}
		for _, step := range k.does {
			require.Len(t, step, 1, "%s: one verb a step", k.Name)
			for verb, s := range step {
				used[verb], used["on "+s["on"]], used["by "+s["by"]], used["of "+s["of"]] = true, true, true, true
				keys := append(slices.Clone(crafts[verb].keys), acts[verb].keys...)
				if acts[verb].do != nil {
					keys = append(keys, "on")
				} else {
					require.NotNil(t, crafts[verb].do, "%s: %s", k.Name, verb)
				}
				for key, value := range s.of(f) {
					assert.Contains(t, keys, key, "%s: %s", k.Name, verb)
					if valid := values[key]; valid != nil && !strings.Contains(value, " ") {
						assert.True(t, valid(value), "%s: %s: %s: %q", k.Name, verb, key, value)
					}
				}
			}
		}
	}
	for verb := range crafts {
		assert.True(t, used[verb], "nothing uses %s", verb)
	}
	for verb := range acts {
		assert.True(t, used[verb], "nothing uses %s", verb)
	}
	for on := range selectors {
		assert.True(t, used["on "+on], "nothing uses %s", on)
	}
	for by := range signatories {
		assert.True(t, used["by "+by], "nobody has %s sign", by)
	}
	for of := range pictures {
		assert.True(t, used["of "+of], "nobody uses the picture %s", of)
	}
}

// All gives a copy: what a caller does to it stays with the caller.
func TestAllIsACopy(t *testing.T) {
	All()[0].Name = "changed"
	assert.NotEqual(t, "changed", All()[0].Name)
	assert.True(t, slices.IsSortedFunc(All(), func(a, b Kind) int { return strings.Compare(a.Name, b.Name) }))
}
