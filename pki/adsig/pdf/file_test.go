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

func open(b []byte) (*pdf.File, error) { return pdf.Open(bytes.NewReader(b), int64(len(b))) }

func mustOpen(t testing.TB, b []byte) *pdf.File {
	t.Helper()
	f, err := open(b)
	require.NoError(t, err)
	return f
}

// structures are the same document in each structure that there is.
func structures() map[string][]byte {
	streams := pdftest.Page("SPECIMEN")
	streams.Streams = true
	packed := pdftest.Page("SPECIMEN")
	packed.Streams, packed.Packed = true, []int{1, 2, 3, 5}
	plain := pdftest.Page("SPECIMEN").Bytes()
	return map[string][]byte{
		"table": plain, "stream": streams.Bytes(), "packed": packed.Bytes(),
		"hybrid": pdftest.Hybrid("SPECIMEN", false), "hybrid apart": pdftest.Hybrid("SPECIMEN", true),
		"revised":      (&pdftest.File{Objects: map[int]string{5: "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"}}).Append(plain),
		"comment":      bytes.Replace(plain, []byte("trailer\n"), []byte("trailer % here\n"), 1),
		"space at end": append(bytes.Clone(plain), " \r\n\n"...),
	}
}

func TestStructures(t *testing.T) {
	for name, document := range structures() {
		t.Run(name, func(t *testing.T) {
			f := mustOpen(t, document)
			assert.Equal(t, "1.7", f.Version())
			p, err := f.Page(1)
			require.NoError(t, err)
			assert.Equal(t, pdf.Ref{Number: 3}, p.Ref)
			box, err := f.Box(p.Boxes["MediaBox"])
			require.NoError(t, err)
			assert.Equal(t, [4]float64{0, 0, 595.28, 841.89}, box)
			content, err := f.Get(p.Dict["Contents"].(pdf.Ref))
			require.NoError(t, err)
			text, err := f.Unpack(content.(*pdf.Stream), 1<<20)
			require.NoError(t, err)
			assert.Contains(t, string(text), "(SPECIMEN) Tj")
			_, err = f.Page(2)
			assert.ErrorContains(t, err, "there is no page 2: the document has 1")
			behind, err := f.After()
			require.NoError(t, err)
			assert.Zero(t, behind)
		})
	}
}

// TestUpdate revises each structure twice and reads it again.
func TestUpdate(t *testing.T) {
	for name, document := range structures() {
		t.Run(name, func(t *testing.T) {
			for i := range 2 {
				f := mustOpen(t, document)
				u := f.Update()
				values := pdf.Array{nil, true, int64(-7), pdf.Real("1.50"), pdf.Name("a b#/"), pdf.String("x(y)\\"), pdf.String{0, 0xff}, pdf.Dict{"K": pdf.Array{}}, pdf.Ref{Number: 3}}
				added := u.Add(values)
				u.Put(pdf.Ref{Number: 5}, pdf.Dict{"Round": int64(i)})
				stream := u.Add(pdf.NewStream(pdf.Dict{}, []byte("raw")))
				mark := &pdf.Raw{Text: []byte("(mark)")}
				u.Add(mark)
				tail, err := u.Bytes()
				require.NoError(t, err)
				document = append(bytes.Clone(document), tail...)
				f = mustOpen(t, document)
				got, err := f.Get(added)
				require.NoError(t, err)
				assert.True(t, pdf.Equal(values, got), "%v", got)
				replaced, err := f.Dict(pdf.Ref{Number: 5})
				require.NoError(t, err)
				assert.Equal(t, pdf.Dict{"Round": int64(i)}, replaced)
				s, err := f.Get(stream)
				require.NoError(t, err)
				raw, err := f.Unpack(s.(*pdf.Stream), 3)
				require.NoError(t, err)
				assert.Equal(t, "raw", string(raw))
				assert.Equal(t, "(mark)", string(document[mark.At:mark.At+6]))
			}
		})
	}
}

// TestRefused has files that readers could take in different ways, or that ask
// for too much.
func TestRefused(t *testing.T) {
	plain := string(pdftest.Page("SPECIMEN").Bytes())
	replace := func(old, with string) string {
		require.Contains(t, plain, old)
		return strings.Replace(plain, old, with, 1)
	}
	object := func(n int, value string) string {
		f := pdftest.Page("SPECIMEN")
		f.Objects[n] = value
		return string(f.Bytes())
	}
	trailer := func(more string) string {
		f := pdftest.Page("SPECIMEN")
		f.Trailer = more
		return string(f.Bytes())
	}
	for name, c := range map[string]struct {
		document string
		want     error
		says     string
	}{
		"empty":                  {"", pdf.ErrMalformed, "does not begin"},
		"not a PDF":              {"MZ" + plain, pdf.ErrMalformed, "does not begin"},
		"cut":                    {plain[:len(plain)-20], pdf.ErrMalformed, "does not end"},
		"no end":                 {strings.TrimSuffix(plain, "%%EOF\n"), pdf.ErrMalformed, "%%EOF"},
		"start outside":          {replace("startxref\n", "startxref\n99"), pdf.ErrMalformed, "outside the file"},
		"start astray":           {replace("startxref\n", "startxref\n1\n%"), pdf.ErrMalformed, ""},
		"no root":                {replace("/Root 1 0 R", ""), pdf.ErrMalformed, "no catalog"},
		"encrypted":              {trailer("/Encrypt<</Filter/Standard>>"), pdf.ErrEncrypted, ""},
		"circle":                 {trailer("/Prev 15"), pdf.ErrMalformed, ""},
		"object astray":          {replace("\n1 0 obj", "\n6 0 obj"), pdf.ErrMalformed, "stands where"},
		"key twice":              {object(1, "<</Type/Catalog/Pages 2 0 R/Pages 3 0 R>>"), pdf.ErrMalformed, "twice"},
		"deep":                   {object(1, strings.Repeat("[", 1<<20)), pdf.ErrMalformed, "nested"},
		"length wrong":           {replace("/Length 39", "/Length 38"), pdf.ErrMalformed, "not as long"},
		"length of itself":       {object(4, "<</Length 4 0 R>>\nstream\nx\nendstream"), pdf.ErrMalformed, "takes itself"},
		"pages in circles":       {object(2, "<</Kids[3 0 R 2 0 R]/Type/Pages>>"), pdf.ErrMalformed, "round in circles"},
		"references in circles":  {object(2, "2 0 R"), pdf.ErrMalformed, "without end"},
		"long table":             {replace("xref\n0 1\n", "xref\n0 8388607\n"), pdf.ErrLimit, "objects"},
		"longer table":           {replace("xref\n0 1\n", "xref\n0 999999999999\n"), pdf.ErrMalformed, "subsection"},
		"string without an end":  {object(1, "(((("), pdf.ErrMalformed, ""},
		"hexadecimal with an x":  {object(1, "<00x0>"), pdf.ErrMalformed, ""},
		"number with two points": {object(1, "1.2.3"), pdf.ErrMalformed, ""},
	} {
		t.Run(name, func(t *testing.T) {
			err := walk([]byte(c.document))
			require.ErrorIs(t, err, c.want)
			assert.ErrorContains(t, err, c.says)
		})
	}
}

// walk reads everything that there is.
func walk(document []byte) error {
	f, err := open(document)
	if err != nil {
		return err
	}
	if err := f.Pages(func(int, pdf.Page) (bool, error) { return true, nil }); err != nil {
		return err
	}
	if _, err := f.Fields(); err != nil {
		return err
	}
	for r := range f.Refs() {
		v, err := f.Get(r)
		if err != nil {
			return err
		}
		if s, ok := v.(*pdf.Stream); ok {
			_, _ = f.Unpack(s, 1<<20)
		}
	}
	return nil
}

// TestNested has objects in each other's strings.
func TestNested(t *testing.T) {
	var body, table strings.Builder
	const count = 40000
	body.WriteString("%PDF-1.7\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n")
	fmt.Fprintf(&table, "xref\n0 1\n0000000000 65535 f \n1 1\n0000000009 00000 n \n2 %d\n", count)
	for n := range count {
		fmt.Fprintf(&table, "%010d 00000 n \n", body.Len())
		fmt.Fprintf(&body, "%d 0 obj (", n+2)
	}
	body.WriteString(strings.Repeat(") endobj ", count))
	start := body.Len()
	fmt.Fprintf(&body, "%strailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", table.String(), count+2, start)
	f := mustOpen(t, []byte(body.String()))
	var err error
	for r := range f.Refs() {
		if _, err = f.Get(r); err != nil {
			break
		}
	}
	assert.ErrorIs(t, err, pdf.ErrLimit)
}

// TestBomb unpacks no more than it is told to.
func TestBomb(t *testing.T) {
	f := pdftest.Page("SPECIMEN")
	f.Objects[4] = pdftest.Stream("/Filter/FlateDecode", deflate(t, bytes.Repeat([]byte{0}, 64<<20)))
	file := mustOpen(t, f.Bytes())
	v, err := file.Get(pdf.Ref{Number: 4})
	require.NoError(t, err)
	_, err = file.Unpack(v.(*pdf.Stream), 1<<20)
	assert.ErrorIs(t, err, pdf.ErrLimit)
}

func TestStrings(t *testing.T) {
	for text, want := range map[string]string{
		`(a\(b\)\\c)`: `a(b)\c`, `(a\` + "\n" + `b)`: "ab", `(\101\7z)`: "A\az", "(a\r\nb)": "a\nb", "<48 4 9 5>": "HIP", `(a(b)c)`: "a(b)c",
	} {
		f := pdftest.Page("SPECIMEN")
		f.Objects[5] = text
		v, err := mustOpen(t, f.Bytes()).Get(pdf.Ref{Number: 5})
		require.NoError(t, err, text)
		assert.Equal(t, pdf.String(want), v, text)
	}
	assert.Equal(t, "محمد", pdf.TextString("محمد").Text())
	assert.Equal(t, pdf.String("plain"), pdf.TextString("plain"))
	assert.Equal(t, "é", pdf.String("\xef\xbb\xbf\xc3\xa9").Text())
	assert.Equal(t, "a\ufffd", pdf.String("a\xe9").Text())
}

// TestPredictors reads rows predicted in each way.
func TestPredictors(t *testing.T) {
	rows := []byte{0, 1, 2, 3, 1, 1, 1, 1, 2, 1, 1, 1, 3, 1, 1, 1, 4, 1, 1, 1}
	want := []byte{1, 2, 3, 1, 2, 3, 2, 3, 4, 2, 3, 4, 3, 4, 5}
	f := pdftest.Page("SPECIMEN")
	f.Objects[5] = pdftest.Stream("/Filter/FlateDecode/DecodeParms<</Predictor 15/Columns 3>>", deflate(t, rows))
	file := mustOpen(t, f.Bytes())
	v, err := file.Get(pdf.Ref{Number: 5})
	require.NoError(t, err)
	got, err := file.Unpack(v.(*pdf.Stream), 100)
	require.NoError(t, err)
	assert.Equal(t, want, got)
}
