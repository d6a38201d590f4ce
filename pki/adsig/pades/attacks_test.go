package pades_test

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"cnie/pki/adsig"
	"cnie/pki/adsig/cades"
	"cnie/pki/adsig/pades"
	"cnie/pki/adsig/pdf/pdftest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// attack makes a document that shows something else than what was signed, or
// that seems to be signed when it is not. In each, the victim's signature was
// made over the base. Objects of a signed page are 1 catalog, 2 pages, 3 page, 4
// content, 5 font, then what the base adds, then signature, field and form.
type attack struct {
	name string
	base *pdftest.File // nil: a page
	sign func(*pades.Signer)
	do   func(v victim) []byte
	want string // what the report or the error has to say
}

// victim is a signed document and the numbers of its signature's objects.
type victim struct {
	signed                 []byte
	signature, field, form int
}

// append adds a revision with objects and entries for the trailer.
func (v victim) append(objects map[int]string, trailer ...string) []byte {
	return v.revise(&pdftest.File{Objects: objects, Trailer: strings.Join(trailer, "")})
}

func (v victim) revise(f *pdftest.File) []byte {
	if f.Objects == nil {
		f.Objects = map[int]string{}
	}
	return f.Append(v.signed)
}

// catalog writes the catalog as it is in the signed document, with more in it.
func (v victim) catalog(more string) string {
	return fmt.Sprintf("<</Type/Catalog/Pages 2 0 R/AcroForm %d 0 R%s>>", v.form, more)
}

// page writes the page as it is, with other content, annotations or more.
func (v victim) page(content, annotations, more string) string {
	return fmt.Sprintf("<</Type/Page/Parent 2 0 R/Contents %s/Resources<</Font<</F1 5 0 R>>>>/Annots[%d 0 R %s]%s>>", content, v.field, annotations, more)
}

// edit changes bytes within the signed document, of the same length where the
// rest shall stay readable.
func (v victim) edit(pattern, replacement string) []byte {
	out := regexp.MustCompile(pattern).ReplaceAllFunc(v.signed, func(old []byte) []byte {
		return append([]byte(replacement), bytes.Repeat([]byte{' '}, max(0, len(old)-len(replacement)))...)
	})
	return out
}

var evil = pdftest.Stream("", "BT /F1 24 Tf 72 720 Td (PAY ONE MILLION) Tj ET")

// with adds objects to a page.
func with(objects map[int]string) *pdftest.File {
	f := pdftest.Page("SPECIMEN")
	for n, o := range objects {
		f.Objects[n] = o
	}
	return f
}

// withForm is a page with a text field.
func withForm() *pdftest.File {
	return with(map[int]string{
		1: "<</Type/Catalog/Pages 2 0 R/AcroForm 7 0 R>>",
		3: "<</Type/Page/Parent 2 0 R/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>/Annots[6 0 R]>>",
		6: "<</Type/Annot/Subtype/Widget/FT/Tx/T(amount)/V(100)/Rect[72 600 200 620]/F 4/P 3 0 R/AP<</N 8 0 R>>>>",
		7: "<</Fields[6 0 R]/DR<</Font<</F1 5 0 R>>>>/DA(/F1 12 Tf)>>",
		8: pdftest.Stream("/Type/XObject/Subtype/Form/BBox[0 0 128 20]/Resources<</Font<</F1 5 0 R>>>>", "BT /F1 12 Tf 2 4 Td (100) Tj ET"),
	})
}

func TestAttacks(t *testing.T) {
	all := slices.Concat(savings(), wrappings(), forgeries(), shadows(), certified(), quiet())
	require.GreaterOrEqual(t, len(all), 40)
	for _, a := range all {
		t.Run(a.name, func(t *testing.T) {
			d := newDesk(t)
			base := a.base
			if base == nil {
				base = pdftest.Page("SPECIMEN")
			}
			v := d.victim(base, a.sign)
			r := d.only(v.signed, d.policy())
			assertPassed(t, r)
			require.Equal(t, pades.WholeFile, r.Scope, "before the attack")
			d.assertExposed(a.do(v), a.want)
		})
	}
}

// victim signs a document and finds the numbers of what was added.
func (d *desk) victim(base *pdftest.File, change func(*pades.Signer)) victim {
	if change == nil {
		change = func(*pades.Signer) {}
	}
	v := victim{signed: d.sign(base.Bytes(), cades.BB, change)}
	f := open(d.t, v.signed)
	fields, err := f.Fields()
	require.NoError(d.t, err)
	for _, field := range fields {
		if field.Type == "Sig" && field.Dict["V"] != nil {
			v.field = field.Ref.Number
			_, err := fmt.Sscanf(fmt.Sprint(field.Dict["V"]), "%d", &v.signature)
			require.NoError(d.t, err)
		}
	}
	catalog, err := f.Catalog()
	require.NoError(d.t, err)
	_, err = fmt.Sscanf(fmt.Sprint(catalog["AcroForm"]), "%d", &v.form)
	require.NoError(d.t, err)
	return v
}

// assertExposed wants no signature to speak for the whole document, and the
// reason in words.
func (d *desk) assertExposed(document []byte, want string) {
	d.t.Helper()
	found, err := pades.Validate(bytes.NewReader(document), int64(len(document)), d.policy())
	if err != nil {
		assert.ErrorContains(d.t, err, want)
		return
	}
	var said []string
	for _, r := range found.Signatures {
		indication, _ := r.Indication()
		whole := r.Scope == pades.WholeFile || r.Scope == pades.WholeDocument
		assert.False(d.t, indication == adsig.TotalPassed && whole, "%s passed for the %s", r.Field, r.Scope)
		for _, c := range r.Checks {
			said = append(said, c.Reason)
		}
	}
	if len(found.Signatures) == 0 {
		said = append(said, "no signature")
	}
	assert.Contains(d.t, strings.Join(said, "\n"), want)
}

// savings change the document by saving it again.
func savings() []attack {
	streams := func() *pdftest.File {
		f := pdftest.Page("SPECIMEN")
		f.Streams, f.Packed = true, []int{1, 2, 3, 5}
		return f
	}
	return []attack{
		{"saving/content", nil, nil, func(v victim) []byte { return v.append(map[int]string{4: evil}) }, "what page 1 shows changed"},
		{"saving/page", nil, nil, func(v victim) []byte {
			return v.append(map[int]string{3: v.page("90 0 R", "", ""), 90: evil})
		}, `"Contents" of page 1 changed`},
		{"saving/crop", nil, nil, func(v victim) []byte {
			return v.append(map[int]string{3: v.page("4 0 R", "", "/CropBox[0 0 100 100]")})
		}, `"CropBox" of page 1 changed`},
		{"saving/added page", nil, nil, func(v victim) []byte {
			return v.append(map[int]string{2: "<</Type/Pages/Kids[3 0 R 90 0 R]/Count 2/MediaBox[0 0 595 842]>>", 90: "<</Type/Page/Parent 2 0 R/Contents 91 0 R>>", 91: evil})
		}, "page 2 was not there"},
		{"saving/other pages", nil, nil, func(v victim) []byte {
			return v.append(map[int]string{
				1:  fmt.Sprintf("<</Type/Catalog/Pages 90 0 R/AcroForm %d 0 R>>", v.form),
				90: "<</Type/Pages/Kids[91 0 R]/Count 1/MediaBox[0 0 595 842]>>", 91: "<</Type/Page/Parent 90 0 R/Contents 92 0 R>>", 92: evil,
			})
		}, `the document's "Pages" changed`},
		{"saving/other catalog", nil, nil, func(v victim) []byte {
			out := v.append(map[int]string{90: v.catalog("")})
			return bytes.Replace(out, []byte("/Root 1 0 R/Prev"), []byte("/Root 90 0 R/Prev"), 1)
		}, "replaced by another"},
		{"saving/font", nil, nil, func(v victim) []byte {
			return v.append(map[int]string{5: "<</Type/Font/Subtype/Type1/BaseFont/Symbol>>"})
		}, "what page 1 shows changed"},
		{"saving/script", nil, nil, func(v victim) []byte {
			return v.append(map[int]string{1: v.catalog("/OpenAction<</S/JavaScript/JS(app.alert\\(1\\))>>")})
		}, `"OpenAction" changed`},
		{"saving/layers", nil, nil, func(v victim) []byte {
			return v.append(map[int]string{1: v.catalog("/OCProperties<</OCGs[]/D<<>>>>")})
		}, `"OCProperties" changed`},
		{"saving/removed object", nil, nil, func(v victim) []byte { return v.revise(&pdftest.File{Free: []int{4}}) }, "object 4 was removed"},
		{"saving/packed", streams(), nil, func(v victim) []byte {
			return v.revise(&pdftest.File{Objects: map[int]string{3: v.page("90 0 R", "", ""), 90: evil}, Streams: true, Packed: []int{3}})
		}, `"Contents" of page 1 changed`},
		{"saving/signature removed", nil, nil, func(v victim) []byte {
			return v.append(map[int]string{1: "<</Type/Catalog/Pages 2 0 R>>", 4: evil})
		}, "no signature"},
		{"saving/without a table", nil, nil, func(v victim) []byte {
			return append(bytes.Clone(v.signed), "4 0 obj\n"+evil+"\nendobj\n"...)
		}, "stand behind the end"},
		{"saving/without a table but an end", nil, nil, func(v victim) []byte {
			return append(bytes.Clone(v.signed), "4 0 obj\n"+evil+"\nendobj\ntrailer\n<</Root 1 0 R>>\n%%EOF\n"...)
		}, "stand behind the end"},
		{"saving/table that points nowhere", nil, nil, func(v victim) []byte {
			return append(bytes.Clone(v.signed), "4 0 obj\n"+evil+"\nendobj\nxref\n4 1\n0000000099 00000 n \ntrailer\n<</Size 9/Root 1 0 R>>\nstartxref\n7\n%%EOF\n"...)
		}, "malformed"},
		{"saving/stream without an end", nil, nil, func(v victim) []byte {
			return v.append(map[int]string{4: "<</Length 9999999>>\nstream\n" + "endstream"})
		}, "cannot be compared"},
		{"saving/length", with(map[int]string{
			4: "<</Length 6 0 R>>\nstream\nBT (SPECIMEN) Tj ET\nendstream (PAY) Tj\nendstream", 6: "38",
		}), nil, func(v victim) []byte { return v.append(map[int]string{6: "19"}) }, "what page 1 shows changed"},
	}
}
