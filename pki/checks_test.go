package pki_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/lds"
	"cnie/pki"
)

//go:generate go test . -run "TestChecksDocument|TestChecksNeverChange" -update

var update = flag.Bool("update", false, "write docs/checks.md anew and add new checks to testdata/checks.txt")

const (
	checksDocument = "../docs/checks.md"
	checksGolden   = "testdata/checks.txt"
)

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
		"so that the verdict is at best inconclusive); `notApplicable`. What each means for each check stands below the table; an\n" +
		"outcome that is not listed there never occurs. A judgement that was stopped leaves what is left to check `notChecked` and is\n" +
		"never accepted, even if the policy lets an axis be open.\n\n| id | axis | what it asks | clause |\n| --- | --- | --- | --- |\n")
	for _, rule := range pki.Rules() {
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", rule.ID, rule.Axis, rule.Meaning, rule.Clause)
	}
	b.WriteString("\n## Outcomes\n")
	for _, rule := range pki.Rules() {
		title := "`" + string(rule.ID) + "`"
		if rule.ID == pki.CheckIntegrityOf(lds.DG1) {
			title += " … `" + string(pki.CheckIntegrityOf(lds.DG16)) + "`"
		} else if strings.HasPrefix(string(rule.ID), "integrity.dg") {
			continue
		}
		fmt.Fprintf(&b, "\n### %s\n", title)
		for o := pki.Passed; o <= pki.NotApplicable; o++ {
			writeOutcome(&b, rule, o)
		}
		writeOutcome(&b, rule, pki.NotChecked)
	}
	return b.String()
}

func writeOutcome(b *strings.Builder, rule pki.Rule, o pki.Outcome) {
	if meaning := rule.Outcomes[o]; meaning != "" {
		fmt.Fprintf(b, "- `%s`: %s.\n", o, meaning)
	}
}

// Every id is unique, lies on the axis that its first word names, says what it
// asks and what its outcomes mean.
func TestRegistry(t *testing.T) {
	seen := map[pki.CheckID]bool{}
	for _, rule := range pki.Rules() {
		assert.False(t, seen[rule.ID], "%s stands twice", rule.ID)
		seen[rule.ID] = true
		assert.True(t, strings.HasPrefix(string(rule.ID), string(rule.Axis)+"."), rule.ID)
		assert.NotEmpty(t, rule.Clause, rule.ID)
		assert.True(t, strings.HasSuffix(rule.Meaning, "?"), rule.ID)
		assert.NotEmpty(t, rule.Outcomes, rule.ID)
		for o, meaning := range rule.Outcomes {
			assert.NotEmpty(t, meaning, "%s, %v", rule.ID, o)
		}
	}
}

// TestChecksNeverChange keeps what was published: whoever stored an id in a
// ledger must be able to look up what it asked. The golden file only grows;
// -update adds lines to it and changes none.
func TestChecksNeverChange(t *testing.T) {
	content, err := os.ReadFile(checksGolden)
	if !*update || !os.IsNotExist(err) {
		require.NoError(t, err)
	}
	published := map[string]bool{}
	for line := range strings.Lines(string(content)) {
		published[strings.TrimSpace(line)] = true
	}
	for _, rule := range pki.Rules() {
		line := fmt.Sprintf("%s | %s", rule.ID, rule.Meaning)
		if *update && !published[line] {
			content = append(content, line+"\n"...)
			published[line] = true
		}
		assert.True(t, published[line], "%s is new, or asks something else than before; new ones are added by `make generate`", rule.ID)
		delete(published, line)
	}
	assert.Empty(t, published, "published checks that are gone or ask something else now")
	if *update && !t.Failed() {
		require.NoError(t, os.WriteFile(checksGolden, content, 0o644))
	}
}

// explained reports outcomes that the registry has no words for.
func explained(t testing.TB, r pki.Report) {
	t.Helper()
	for _, c := range r.Checks {
		assert.NotEmpty(t, outcomes[c.ID][c.Outcome], "%s %v: %s", c.ID, c.Outcome, c.Reason)
	}
}

var outcomes = func() map[pki.CheckID]map[pki.Outcome]string {
	all := map[pki.CheckID]map[pki.Outcome]string{}
	for _, rule := range pki.Rules() {
		all[rule.ID] = rule.Outcomes
	}
	return all
}()
