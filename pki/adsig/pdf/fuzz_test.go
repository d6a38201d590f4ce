package pdf_test

import (
	"bytes"
	"compress/zlib"
	"testing"

	"cnie/pki/adsig/pdf"
	"cnie/pki/adsig/pdf/pdftest"

	"github.com/stretchr/testify/require"
)

func deflate(t testing.TB, content []byte) string {
	var out bytes.Buffer
	z := zlib.NewWriter(&out)
	_, err := z.Write(content)
	require.NoError(t, err)
	require.NoError(t, z.Close())
	return out.String()
}

// FuzzOpen reads everything that a file has, and revises it: what was read and
// written again has to be read as the same.
func FuzzOpen(f *testing.F) {
	for _, document := range structures() {
		f.Add(document)
	}
	form := pdftest.Page("SPECIMEN")
	form.Objects[1] = "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[7 0 R]>>>>"
	form.Objects[7] = "<</T(a)/FT/Sig/Kids[8 0 R]/V<</Contents<00>/ByteRange[0 1 2 3]>>>>"
	form.Objects[8] = "<</T<FEFF0645>/Rect[0 0 1 1]>>"
	f.Add(form.Bytes())
	f.Fuzz(func(t *testing.T, document []byte) {
		_ = walk(document)
		file, err := open(document)
		if err != nil {
			return
		}
		checkSkim(t, file)
		u := file.Update()
		var copied []pdf.Ref
		for r := range file.Refs() {
			if v, err := file.Get(r); err == nil && v != nil && len(copied) < 16 {
				u.Put(r, v)
				copied = append(copied, r)
			}
		}
		tail, err := u.Bytes()
		if err != nil {
			return
		}
		again, err := open(append(bytes.Clone(document), tail...))
		if err != nil {
			t.Fatalf("revised: %v", err)
		}
		for _, r := range copied {
			compare(t, file, again, r)
		}
	})
}

func compare(t *testing.T, before, after *pdf.File, r pdf.Ref) {
	v, err := before.Get(r)
	require.NoError(t, err)
	w, err := after.Get(r)
	require.NoError(t, err)
	if s, ok := v.(*pdf.Stream); ok { // its length is written anew
		delete(s.Dict, "Length")
		delete(w.(*pdf.Stream).Dict, "Length")
	}
	if !pdf.Equal(v, w) {
		t.Fatalf("object %v: %v became %v", r, v, w)
	}
}
