package revision_test

import (
	"bytes"
	"testing"

	"cnie/pki/adsig/pades/revision"
	"cnie/pki/adsig/pdf"
	"cnie/pki/adsig/pdf/pdftest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// base is a page with a form, metadata and information.
func base() *pdftest.File {
	f := pdftest.Page("SPECIMEN")
	f.Trailer = "/Info 10 0 R"
	f.Objects[1] = "<</Type/Catalog/Pages 2 0 R/AcroForm 7 0 R/Metadata 9 0 R>>"
	f.Objects[3] = "<</Type/Page/Parent 2 0 R/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>/Annots 11 0 R>>"
	f.Objects[6] = "<</Type/Annot/Subtype/Widget/FT/Tx/T(amount)/V(100)/Rect[72 600 200 620]/F 4/P 3 0 R/AP<</N 8 0 R>>>>"
	f.Objects[7] = "<</Fields 12 0 R/DR<</Font 13 0 R>>/DA(/F1 12 Tf)>>"
	f.Objects[8] = pdftest.Stream("/Type/XObject/Subtype/Form/BBox[0 0 128 20]", "(100) Tj")
	f.Objects[9] = pdftest.Stream("/Type/Metadata/Subtype/XML", "<x/>")
	f.Objects[10] = "<</Title(SPECIMEN)>>"
	f.Objects[11] = "[6 0 R]"
	f.Objects[12] = "[6 0 R]"
	f.Objects[13] = "<</F1 5 0 R>>"
	return f
}

// TestAccounted has changes that are what they look like, each with its words.
// What breaks a signature is with the attacks of package pades.
func TestAccounted(t *testing.T) {
	signature := "<</Type/Annot/Subtype/Widget/FT/Sig/T(S)/Rect[0 0 0 0]/P 3 0 R/V 21 0 R>>"
	for name, c := range map[string]struct {
		objects map[int]string
		trailer string
		want    []revision.Change
	}{
		"nothing":              {map[int]string{5: base().Objects[5]}, "", nil},
		"an object not in use": {map[int]string{20: "(unused)"}, "", nil},
		"metadata in place":    {map[int]string{9: pdftest.Stream("/Type/Metadata/Subtype/XML", "<y/>")}, "", []revision.Change{{Kind: revision.Metadata, What: "what the file says about itself changed (Metadata)"}}},
		"information in place": {map[int]string{10: "<</Title(OTHER)>>"}, "", []revision.Change{{Kind: revision.Metadata, What: "title, author or dates of the document changed"}}},
		"information, new":     {map[int]string{20: "<</Title(OTHER)>>"}, "/Info 20 0 R", []revision.Change{{Kind: revision.Metadata, What: "title, author or dates of the document changed"}}},
		"store": {
			map[int]string{1: "<</Type/Catalog/Pages 2 0 R/AcroForm 7 0 R/Metadata 9 0 R/DSS 20 0 R>>", 20: "<</Certs[21 0 R]>>", 21: pdftest.Stream("", "DER")}, "",
			[]revision.Change{{Kind: revision.Material, What: "certificates and revocation answers were added"}},
		},
		"field, drawn anew": {
			map[int]string{6: "<</Type/Annot/Subtype/Widget/FT/Tx/T(amount)/V(200)/Rect[72 600 200 620]/F 4/P 3 0 R/AP<</N 20 0 R>>>>", 20: pdftest.Stream("/Subtype/Form", "(200) Tj")}, "",
			[]revision.Change{{Kind: revision.Filled, Field: "amount", What: `the field "amount" was filled in`}},
		},
		"field, drawn in place": {
			map[int]string{8: pdftest.Stream("/Type/XObject/Subtype/Form/BBox[0 0 128 20]", "(200) Tj")}, "",
			[]revision.Change{{Kind: revision.Filled, Field: "amount", What: `the field "amount" was filled in`}},
		},
		"signature": {
			map[int]string{11: "[6 0 R 20 0 R]", 12: "[6 0 R 20 0 R]", 20: signature, 21: "<</Type/Sig>>"}, "",
			[]revision.Change{{Kind: revision.Signed, Field: "S", What: `another signature was added ("S")`}},
		},
		"timestamp": {
			map[int]string{11: "[6 0 R 20 0 R]", 12: "[6 0 R 20 0 R]", 20: signature, 21: "<</Type/DocTimeStamp/SubFilter/ETSI.RFC3161>>"}, "",
			[]revision.Change{{Kind: revision.Material, Field: "S", What: `a document timestamp was added ("S")`}},
		},
		"a font more for the form": {map[int]string{13: "<</F1 5 0 R/F2 20 0 R>>", 20: "<</Type/Font>>"}, "", nil},
		"a font less": {
			map[int]string{13: "<</F2 20 0 R>>", 20: "<</Type/Font>>"}, "",
			[]revision.Change{{Kind: revision.Altered, What: `the form's "DR" changed`}},
		},
		"other form": {
			map[int]string{7: "<</Fields 12 0 R/DR<</Font 13 0 R>>/DA(/F1 1 Tf)>>"}, "",
			[]revision.Change{{Kind: revision.Altered, What: `the form's "DA" changed`}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			trailer := c.trailer
			if trailer == "" {
				trailer = "/Info 10 0 R"
			}
			before := base().Bytes()
			after := (&pdftest.File{Objects: c.objects, Trailer: trailer}).Append(before)
			found, err := revision.Compare(open(t, before), open(t, after))
			require.NoError(t, err)
			assert.Equal(t, c.want, found)
		})
	}
}

func open(t *testing.T, b []byte) *pdf.File {
	t.Helper()
	f, err := pdf.Open(bytes.NewReader(b), int64(len(b)))
	require.NoError(t, err)
	return f
}
