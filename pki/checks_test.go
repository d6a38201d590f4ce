package pki_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/pki"
)

//go:generate go test . -run TestChecksDocument -update

var update = flag.Bool("update", false, "write docs/checks.md anew")

const checksDocument = "../docs/checks.md"

// TestChecksDocument keeps docs/checks.md equal to the registry.
func TestChecksDocument(t *testing.T) {
	want := checksMarkdown()
	if *update {
		require.NoError(t, os.WriteFile(checksDocument, []byte(want), 0o644))
	}
	got, err := os.ReadFile(checksDocument)
	require.NoError(t, err)
	assert.Equal(t, want, string(got), "run `make generate`")
}

func checksMarkdown() string {
	var b strings.Builder
	b.WriteString("# Checks\n\nGenerated from the registry in `pki` by `make generate`. Ids never change their meaning.\n\n" +
		"Outcomes: `passed`; `warned` (passed, with a remark); `failed` (the verdict is refused); `notChecked` (the axis stays open,\n" +
		"so that the verdict is at best inconclusive); `notApplicable`.\n\n| id | axis | what it asks | clause |\n| --- | --- | --- | --- |\n")
	for _, rule := range pki.Rules() {
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", rule.ID, rule.Axis, rule.Meaning, rule.Clause)
	}
	return b.String()
}

// Every id is unique, lies on the axis that its first word names, and says what
// it asks.
func TestRegistry(t *testing.T) {
	seen := map[pki.CheckID]bool{}
	for _, rule := range pki.Rules() {
		assert.False(t, seen[rule.ID], "%s stands twice", rule.ID)
		seen[rule.ID] = true
		assert.True(t, strings.HasPrefix(string(rule.ID), string(rule.Axis)+"."), rule.ID)
		assert.NotEmpty(t, rule.Clause, rule.ID)
		assert.True(t, strings.HasSuffix(rule.Meaning, "?"), rule.ID)
	}
}
