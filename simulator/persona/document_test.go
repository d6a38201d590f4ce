package persona

import (
	"cmp"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

//go:generate go test . -run TestPersonasDocument -update

var update = flag.Bool("update", false, "write docs/personas.md anew")

const personasDocument = "../../docs/personas.md"

// TestPersonasDocument keeps docs/personas.md equal to the personas.
func TestPersonasDocument(t *testing.T) {
	want := personasMarkdown(t)
	if *update {
		require.NoError(t, os.WriteFile(personasDocument, []byte(want), 0o644))
	}
	got, err := os.ReadFile(personasDocument)
	require.NoError(t, err)
	assert.Equal(t, want, string(got), "run `make generate`")
}

func personasMarkdown(t *testing.T) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# Personas\n\nGenerated from `simulator/persona/personas` by `make generate`. %d people who do not exist, each with a card;\n"+
		"`cnie-sim run --persona NAME` plays one. The verdict is that of a correct inspection under the specimen anchors\n"+
		"(`cnie-sim trust DIR`), today unless a time is given; a test has `cnie verify` judge every row, and the checks that\n"+
		"are named are exactly those that fail. What may stand in a persona file says [persona.schema.json](persona.schema.json);\n"+
		"`cnie-sim new NAME` writes one to start from.\n\n"+
		"| name | what | expected verdict | why |\n| --- | --- | --- | --- |\n", len(Names()))
	for _, name := range Names() {
		p, err := Load(name)
		require.NoError(t, err)
		require.NotEmpty(t, p.Summary, name)
		require.True(t, p.Expect.Why != "" || p.Expect.Verdict == "accepted", "%s does not say why", name)
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", name, p.Summary, verdictMarkdown(p.Expect), cmp.Or(p.Expect.Why, headComment(t, name)))
	}
	return b.String()
}

// headComment is what the file says of itself: the point of a persona that is
// accepted.
func headComment(t *testing.T, name string) string {
	content, err := shipped.ReadFile("personas/" + name + ".yaml")
	require.NoError(t, err)
	var lines []string
	for line := range strings.Lines(string(content)) {
		comment, is := strings.CutPrefix(line, "# ")
		if !is {
			break
		}
		lines = append(lines, strings.TrimSpace(comment))
	}
	require.NotEmpty(t, lines, name)
	return strings.Join(lines, " ")
}

func verdictMarkdown(e Expect) string {
	s := e.Verdict
	if len(e.Failed) > 0 {
		s += ": `" + strings.Join(e.Failed, "`, `") + "`"
	}
	if e.AllowBAC {
		s += ", with `--allow-bac`"
	}
	if e.At != "" {
		s += " on " + e.At[:len("2026-01-31")]
	}
	return s
}

// TestPersonasAreDistinct: no two share a number, a name or what is said of them.
func TestPersonasAreDistinct(t *testing.T) {
	require.GreaterOrEqual(t, len(Names()), 40)
	seen := map[string]string{}
	for _, name := range Names() {
		p, err := Load(name)
		require.NoError(t, err)
		for what, value := range map[string]string{
			"number": p.Document.Number, "CIN": p.Person.CIN, "summary": p.Summary, "portrait": fmt.Sprint(p.Portrait),
		} {
			if other, twice := seen[what+value]; twice && value != "" {
				t.Errorf("%s and %s have the same %s", name, other, what)
			}
			seen[what+value] = name
		}
	}
}
