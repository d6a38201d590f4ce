package pdf_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"cnie/pki/adsig/pdf"
	"cnie/pki/adsig/pdf/pdftest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What is located is told where it stands, and whether it is digits only.
func TestLocate(t *testing.T) {
	for text, digits := range map[string]bool{
		"<00ff>": true, "<>": true, "<00FF00>": true,
		"<00 ff>": false, "<00f >": false, "<00f>": false, "<00\nff00>": false, "<00\x00ff>": false,
		"(00ff)": false, "<</A 1>>": false, "12": false,
	} {
		f := pdftest.Page("SPECIMEN")
		f.Objects[9] = "<</Contents " + text + " /Other 1>>"
		file, err := open(f.Bytes())
		require.NoError(t, err, text)
		d, spans, err := file.Locate(pdf.Ref{Number: 9})
		require.NoError(t, err, text)
		assert.Equal(t, digits, spans["Contents"].Digits, text)
		at := spans["Contents"]
		assert.Equal(t, text, string(f.Bytes()[at.From:at.To]))
		again, err := file.Dict(pdf.Ref{Number: 9})
		require.NoError(t, err)
		assert.True(t, pdf.Equal(d, again), text)
	}
}

// An earlier revision has what was kept of the later one only where the same bytes
// are the same object and lie in it as a whole.
func TestEarlier(t *testing.T) {
	f := pdftest.Page("SPECIMEN")
	f.Objects[9] = "<</Contents <" + strings.Repeat("ab", 3000) + "> >>"
	first := f.Bytes()
	whole, err := open(first)
	require.NoError(t, err)
	update := whole.Update()
	update.Put(pdf.Ref{Number: 9}, pdf.Dict{"Contents": pdf.String("another")})
	tail, err := update.Bytes()
	require.NoError(t, err)

	now, err := open(append(bytes.Clone(first), tail...))
	require.NoError(t, err)
	later, _, err := now.Locate(pdf.Ref{Number: 9})
	require.NoError(t, err)
	assert.Equal(t, pdf.String("another"), later["Contents"])
	old, err := now.Earlier(int64(len(first)))
	require.NoError(t, err)
	before, err := old.Dict(pdf.Ref{Number: 9})
	require.NoError(t, err)
	assert.Len(t, before["Contents"], 3000, "the object that it was")

	_, _, err = whole.Locate(pdf.Ref{Number: 9})
	require.NoError(t, err)
	for _, end := range []int{len(first), len(first) - 1} { // without and with the last line's end
		same, err := whole.Earlier(int64(end))
		require.NoError(t, err)
		d, err := same.Dict(pdf.Ref{Number: 9})
		require.NoError(t, err)
		assert.True(t, pdf.Equal(before, d))
	}
	_, err = whole.Earlier(int64(len(first) / 2))
	assert.ErrorIs(t, err, pdf.ErrMalformed)
	_, _, err = whole.Locate(pdf.Ref{Number: 4711})
	assert.ErrorIs(t, err, pdf.ErrMalformed)
}

// A signed end that lies inside the object, made to look like the end of a file in
// one of its strings: the object is not in what was signed.
func TestEarlierThatEndsInsideTheObject(t *testing.T) {
	f := pdftest.Page("SPECIMEN")
	f.Objects[9] = "<<>>"
	base := f.Bytes()
	here := fmt.Sprintf("%010d 00000", bytes.Index(base, []byte("\n9 0 obj"))+1)
	require.Equal(t, 1, bytes.Count(base, []byte(here)))
	base = bytes.Replace(base, []byte(here), fmt.Appendf(nil, "%010d 00000", len(base)), 1)
	last := string(base[bytes.LastIndex(base, []byte("startxref")):])

	trap := string(base) + "9 0 obj\n<</Contents <ab> /Trap (" + last
	whole, err := open([]byte(trap + ")>>\nendobj\n" + last))
	require.NoError(t, err)
	_, _, err = whole.Locate(pdf.Ref{Number: 9})
	require.NoError(t, err)
	old, err := whole.Earlier(int64(len(trap)))
	require.NoError(t, err)
	_, err = old.Dict(pdf.Ref{Number: 9})
	assert.ErrorIs(t, err, pdf.ErrMalformed)
}
