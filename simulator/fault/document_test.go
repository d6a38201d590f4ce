package fault

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

//go:generate go test . -run TestDocument -update

var update = flag.Bool("update", false, "write docs/faults.md anew")

const document = "../../docs/faults.md"

// TestDocument keeps docs/faults.md equal to the table.
func TestDocument(t *testing.T) {
	want := markdown()
	if *update {
		require.NoError(t, os.WriteFile(document, []byte(want), 0o644))
	}
	got, err := os.ReadFile(document)
	require.NoError(t, err)
	assert.True(t, want == string(got), "docs/faults.md is not what the table says; run `make generate`")
}

var headings = []struct {
	layer Layer
	title string
}{
	{Issuer, "Issuer: who signed, and when"},
	{Content, "Content: what the files say"},
	{Chip, "Chip: keys and habits"},
	{Access, "Access: PACE and Basic Access Control"},
	{Channel, "Channel: secure messaging"},
	{Transport, "Transport: raw commands and answers"},
	{CardMotion, "Card motion: who holds the card"},
	{PIN, "PIN: secrets with a retry counter"},
}

func markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# Faults\n\nGenerated from `simulator/fault/kinds.yaml` by `make generate`. %d ways in which a card can be dishonest, broken\n"+
		"or odd, and what a correct inspection answers to each under the specimen anchors (`cnie-sim trust DIR`); a test has\n"+
		"`cnie verify` judge every row, and the checks that are named are exactly those that fail.\n\n"+
		"`cnie-sim run --fault NAME` plays one, on the persona `specimen` unless another is named; several go together. A\n"+
		"fault is written `NAME[=ARG][@N|@5s]`: the argument in the table is the default. Faults marked ◦ are live: they act on\n"+
		"the wire, from the first command that they concern, from the 30th command on with `@30` or after five seconds with\n"+
		"`@5s`, and `cnie-sim ctl fault` switches them on while the card is in use. Those marked • are live too and act at one\n"+
		"command only. All the others are made with the card.\n", len(All()))
	for _, h := range headings {
		var rows []string
		for _, k := range All() {
			if k.Layer == h.layer {
				rows = append(rows, fmt.Sprintf("| %s | %s | %s | %s |\n", spec(k), k.Summary, verdict(k), k.Expect.Why))
			}
		}
		if len(rows) > 0 {
			fmt.Fprintf(&b, "\n## %s\n\n| fault | what the card does | expected verdict | why |\n| --- | --- | --- | --- |\n%s", h.title, strings.Join(rows, ""))
		}
	}
	return b.String()
}

// spec is how a fault is written, with its default argument, and a mark.
func spec(k Kind) string {
	s := k.Name
	if k.Arg != "" {
		s += "=" + k.Default
	}
	s = "`" + s + "`"
	switch {
	case k.Once:
		s += " •"
	case k.does.live():
		s += " ◦"
	}
	if k.Arg != "" {
		s += "<br>" + k.Arg
	}
	return s
}

func verdict(k Kind) string {
	s := k.Expect.Verdict
	if s == Error {
		s = fmt.Sprintf("none: exit code %d", k.Expect.Exit)
	}
	if len(k.Expect.Checks) > 0 {
		s += ": `" + strings.Join(k.Expect.Checks, "`, `") + "`"
	}
	if k.Persona != "specimen" {
		s += ", of `" + k.Persona + "`"
	}
	if k.Expect.At != "" {
		s += " on " + k.Expect.At[:len("2026-01-31")]
	}
	return s
}
