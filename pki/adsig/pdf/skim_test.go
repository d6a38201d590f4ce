package pdf_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"cnie/pki/adsig/pdf"
	"cnie/pki/adsig/pdf/pdftest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// checkSkim compares what skimming finds with what reading does: what it says
// yes to can be read, and refers to the same objects.
func checkSkim(t *testing.T, f *pdf.File) (plain int) {
	t.Helper()
	for r := range f.Refs() {
		refs, ok := f.Skim(r)
		if !ok {
			continue
		}
		plain++
		got := map[pdf.Ref]int{}
		for _, r := range refs {
			got[r]++
		}
		v, err := f.Get(r)
		if errors.Is(err, pdf.ErrLimit) {
			return plain // for what was read before
		}
		require.NoError(t, err, "%v was skimmed and cannot be read", r)
		want := map[pdf.Ref]int{}
		collect(v, want)
		assert.Equal(t, want, got, "%v", r)
	}
	return plain
}

func collect(v any, into map[pdf.Ref]int) {
	switch x := v.(type) {
	case pdf.Ref:
		into[x]++
	case pdf.Array:
		for _, member := range x {
			collect(member, into)
		}
	case pdf.Dict:
		for _, member := range x {
			collect(member, into)
		}
	case *pdf.Stream:
		collect(x.Dict, into)
	}
}

func TestSkimFindsWhatGetFinds(t *testing.T) {
	files, err := filepath.Glob("../pades/testdata/*.pdf")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	plain := 0
	for _, name := range files {
		content, err := os.ReadFile(name)
		require.NoError(t, err)
		if f, err := open(content); err == nil { // one is encrypted
			plain += checkSkim(t, f)
		}
	}
	assert.Greater(t, plain, 50)
}

// TestSkimKeepsItsHandsOff has objects that it has to leave to Get, and some that
// look as if.
func TestSkimKeepsItsHandsOff(t *testing.T) {
	for object, want := range map[string]bool{
		"<</A 1 0 R/B[2 0 R 3]/C<</D 4 0 R>>>>":              true,
		"<</A(1 0 R)/B<31203020>/C/R/D true/E null/F -1.5>>": true,
		"<</A 1 0%\n R>>":                         true,
		"7 0 R":                                   true,
		"<</A 1 0 R/A 2 0 R>>":                    false, // twice the same key
		"<</A 1 0 R/#41 2 0 R>>":                  false,
		"<</Type/XRef/Root 1 0 R>>":               false,
		"<</A 1 0 R":                              false,
		"<</A 12x>>":                              false,
		"[<</Length 1>>]\nstream\nx\nendstream":   false, // a stream without a dictionary
		"<</Length 4 0 R>>\nstream\nx\nendstream": false,
		"<</Length 2>>\nstream\nx endstream":      true,
		"<</Length 1/P<</Length 9>>>>\nstream\nx\nendstream": true,
		"<</P<</Length 1>>>>\nstream\nx\nendstream":          false,
		"<</Length 9>>\nstream\nx\nendstream":                false,
		"<</Length 1>>\nstream x\nendstream":                 false,
		"<</A " + pdftest.Stream("", "x") + ">>":             false,
	} {
		f := pdftest.Page("SPECIMEN")
		f.Objects[5] = object
		file := mustOpen(t, f.Bytes())
		_, plain := file.Skim(pdf.Ref{Number: 5})
		assert.Equal(t, want, plain, object)
		checkSkim(t, file)
	}
	long := pdftest.Page("SPECIMEN")
	long.Objects[5] = fmt.Sprintf("(%05000d)", 0)
	_, plain := mustOpen(t, long.Bytes()).Skim(pdf.Ref{Number: 5})
	assert.False(t, plain, "it goes on behind what was looked at")
}
