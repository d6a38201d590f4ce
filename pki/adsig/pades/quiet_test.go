package pades_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"cnie/pki"
	"cnie/pki/adsig/cades"
	"cnie/pki/adsig/pades"
	"cnie/pki/adsig/pdf/pdftest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// quiet changes pass for something harmless: a signature that shows nothing, a
// form that only grew, annotations that are all still there.
func quiet() []attack {
	field := func(entries, value string) func(victim) []byte {
		return func(v victim) []byte {
			return v.append(map[int]string{
				3: v.page("4 0 R", "90 0 R", ""), v.form: fmt.Sprintf("<</Fields[%d 0 R 90 0 R]/SigFlags 3>>", v.field),
				90: "<</Type/Annot/Subtype/Widget/FT/Sig/T(Other)/P 3 0 R" + entries + ">>",
				91: pdftest.Stream("/Type/XObject/Subtype/Form/BBox[0 0 595 842]", "1 1 1 rg 0 0 595 842 re f"), 92: value,
			})
		}
	}
	covering := "/Rect[0 0 595 842]/AP<</N 91 0 R>>"
	// form writes the form of withForm anew, with the entries given.
	form := func(entries string, more map[int]string) func(victim) []byte {
		return func(v victim) []byte {
			objects := map[int]string{v.form: fmt.Sprintf("<<%s/SigFlags 3>>", strings.ReplaceAll(entries, "SIG", fmt.Sprintf("%d 0 R", v.field)))}
			for n, o := range more {
				objects[n] = o
			}
			return v.append(objects)
		}
	}
	drawn := func(entries string) *pdftest.File { // by whoever shows it
		f := withForm()
		f.Objects[6] = "<</Type/Annot/Subtype/Widget/FT/Tx/T(amount)/V(100)/Rect[72 600 200 620]/F 4/P 3 0 R>>"
		f.Objects[7] = "<</Fields[6 0 R]" + entries + ">>"
		delete(f.Objects, 8)
		return f
	}
	empty := func() *pdftest.File {
		f := withForm()
		f.Objects[6] = "<</Type/Annot/Subtype/Widget/FT/Sig/T(Later)/Rect[0 0 595 842]/F 4/P 3 0 R>>"
		return f
	}
	layers := with(map[int]string{
		3: "<</Type/Page/Parent 2 0 R/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>/Annots[6 0 R 7 0 R]>>",
		6: "<</Type/Annot/Subtype/Stamp/Rect[0 0 595 842]/F 4/AP<</N 8 0 R>>>>",
		7: "<</Type/Annot/Subtype/Stamp/Rect[0 0 595 842]/F 4/AP<</N 9 0 R>>>>",
		8: pdftest.Stream("/Type/XObject/Subtype/Form/BBox[0 0 595 842]", "1 0 0 rg 0 0 595 842 re f"),
		9: pdftest.Stream("/Type/XObject/Subtype/Form/BBox[0 0 595 842]", "1 1 1 rg 0 0 595 842 re f"),
	})
	annotations := func(order string) func(victim) []byte {
		return func(v victim) []byte {
			return v.append(map[int]string{3: fmt.Sprintf("<</Type/Page/Parent 2 0 R/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>/Annots[%s %d 0 R]>>", order, v.field)})
		}
	}
	certify := func(p int) func(*pades.Signer) { return func(s *pades.Signer) { s.Certify = p } }
	return []attack{
		{"quiet/signature that only printers show", nil, nil, field("/F 36"+covering, "null"), "was added that shows something"},
		{"quiet/signature that shows when touched", nil, nil, field("/F 288"+covering, "null"), "was added that shows something"},
		{"quiet/signature with a script", nil, nil, field("/F 2/Rect[0 0 0 0]/AA<</PO<</S/JavaScript/JS(app.alert\\(1\\))>>>>", "null"), `the signature field "Other" has "AA"`},
		{"quiet/signature with an action", nil, nil, field("/F 2/Rect[0 0 0 0]/A 92 0 R", "<</S/Launch/F(calc)>>"), `the signature field "Other" has "A"`},
		{"quiet/signature under a parent with a script", nil, nil, func(v victim) []byte {
			return v.append(map[int]string{
				3: v.page("4 0 R", "90 0 R", ""), v.form: fmt.Sprintf("<</Fields[%d 0 R 91 0 R]/SigFlags 3>>", v.field),
				90: "<</Type/Annot/Subtype/Widget/FT/Sig/T(Other)/P 3 0 R/F 2/Rect[0 0 0 0]/Parent 91 0 R>>",
				91: "<</T(All)/Kids[90 0 R]/AA<</F<</S/JavaScript/JS(app.alert\\(1\\))>>>>>>",
			})
		}, `the signature field "All.Other" has "AA"`},
		{"quiet/signature called a timestamp", nil, certify(1), field("/F 2/Rect[0 0 0 0]/V 92 0 R", "<</Type/DocTimeStamp/SubFilter/ETSI.CAdES.detached>>"), "another signature was added"},
		{"quiet/look of a field nobody signed", empty(), nil, func(v victim) []byte {
			return v.append(map[int]string{
				6:  "<</Type/Annot/Subtype/Widget/FT/Sig/T(Later)/Rect[0 0 595 842]/F 4/P 3 0 R/AP<</N 90 0 R>>>>",
				90: pdftest.Stream("/Type/XObject/Subtype/Form/BBox[0 0 595 842]", "1 1 1 rg 0 0 595 842 re f"),
			})
		}, `the look of the field "Later" changed, and nobody signed in it`},
		{"quiet/signature all over the page, in a field that was there", empty(), nil, func(v victim) []byte {
			return v.append(map[int]string{
				6:  "<</Type/Annot/Subtype/Widget/FT/Sig/T(Later)/Rect[0 0 595 842]/F 4/P 3 0 R/V 91 0 R/AP<</N 90 0 R>>>>",
				90: pdftest.Stream("/Type/XObject/Subtype/Form/BBox[0 0 595 842]", "1 1 1 rg 0 0 595 842 re f"), 91: "<</Type/Sig>>",
			})
		}, `another signature was added ("Later")`},
		{"quiet/value from a new parent", drawn(""), nil, form("/Fields[90 0 R SIG]", map[int]string{
			6:  "<</Type/Annot/Subtype/Widget/FT/Tx/T(amount)/V(100)/Rect[72 600 200 620]/F 4/P 3 0 R/Parent 90 0 R>>",
			90: "<</Kids[6 0 R]/DA(/F1 1 Tf 1 1 1 rg)/MaxLen 1>>",
		}), `the field "amount" was redefined`},
		{"quiet/new parent that the field does not name", drawn(""), nil, form("/Fields[90 0 R SIG]", map[int]string{
			90: "<</Kids[6 0 R]/DA(/F1 1 Tf 1 1 1 rg)/MaxLen 1>>",
		}), `the field "amount" was redefined`},
		{"quiet/font for a form that is drawn when shown", drawn("/DA(/F9 12 Tf)/DR<</Font<</F1 5 0 R>>>>"), nil,
			form("/Fields[6 0 R SIG]/DA(/F9 12 Tf)/DR<</Font<</F1 5 0 R/F9 90 0 R>>>>", map[int]string{90: "<</Type/Font/Subtype/Type1/BaseFont/ZapfDingbats>>"}),
			`the form's "DR" changed`},
		{"quiet/colour for a form that is drawn when shown", drawn(""), nil, form("/Fields[6 0 R SIG]/DA(1 1 1 rg /F1 1 Tf)", nil), `the form's "DA" changed`},
		{"quiet/colour for a form that is always drawn anew", func() *pdftest.File {
			f := withForm()
			f.Objects[7] = "<</Fields[6 0 R]/NeedAppearances true>>"
			return f
		}(), nil, form("/Fields[6 0 R SIG]/NeedAppearances true/DA(1 1 1 rg /F1 1 Tf)", nil), `the form's "DA" changed`},
		{"quiet/back to before the signature", nil, nil, func(v victim) []byte {
			return fmt.Appendf(bytes.Clone(v.signed), "startxref\n%d\n%%%%EOF\n", bytes.Index(v.signed, []byte("\nxref\n"))+1)
		}, "no signature"},
		{"quiet/another end", nil, nil, func(v victim) []byte { return append(bytes.Clone(v.signed), "%%EOF\n"...) }, "stand behind the end"},
		{"quiet/comment behind the end", nil, nil, func(v victim) []byte { return append(bytes.Clone(v.signed), "% PAY\n"...) }, "stand behind the end"},
		{"quiet/another generation", nil, nil, func(v victim) []byte {
			return bytes.Replace(v.append(map[int]string{4: evil}), []byte("00000 n \ntrailer\n<</Size 9/Root 1 0 R/Prev"), []byte("00001 n \ntrailer\n<</Size 9/Root 1 0 R/Prev"), 1)
		}, "object 4 0 R stands where 4 1 R belongs"},
		{"quiet/table beside the table", nil, nil, func(v victim) []byte {
			hidden := v.revise(&pdftest.File{Objects: map[int]string{4: evil}, Streams: true})
			at := startAt(hidden)
			hidden = hidden[:bytes.LastIndex(hidden, []byte("startxref"))]
			start := len(hidden)
			return fmt.Appendf(hidden, "xref\n0 0\ntrailer\n<</Size 20/Root 1 0 R/Prev %d/XRefStm %d>>\nstartxref\n%d\n%%%%EOF\n", startAt(v.signed), at, start)
		}, "what page 1 shows changed"},
		{"quiet/table beside the table, by reference", nil, nil, func(v victim) []byte {
			start := len(v.signed)
			return fmt.Appendf(bytes.Clone(v.signed), "xref\n0 0\ntrailer\n<</Size 20/Root 1 0 R/Prev %d/XRefStm 5 0 R>>\nstartxref\n%d\n%%%%EOF\n", startAt(v.signed), start)
		}, "XRefStm is not a number"},
		{"quiet/tables in circles", nil, nil, func(v victim) []byte {
			start := len(v.signed)
			return fmt.Appendf(bytes.Clone(v.signed), "xref\n0 0\ntrailer\n<</Size 20/Root 1 0 R/Prev %d>>\nstartxref\n%d\n%%%%EOF\n", start, start)
		}, "in circles"},
		{"quiet/file attached", nil, nil, func(v victim) []byte {
			return v.append(map[int]string{1: v.catalog("/Names<</EmbeddedFiles<</Names[(a)90 0 R]>>>>"), 90: "<</Type/Filespec>>"})
		}, `the document's "Names" changed`},
		{"quiet/page turned", nil, nil, func(v victim) []byte {
			return v.append(map[int]string{3: v.page("4 0 R", "", "/Rotate 180")})
		}, `"Rotate" of page 1 changed`},
		{"quiet/action of a page", nil, nil, func(v victim) []byte {
			return v.append(map[int]string{3: v.page("4 0 R", "", "/AA<</O<</S/URI/URI(http://example.com)>>>>")})
		}, `"AA" of page 1 changed`},
		{"quiet/annotations in another order", layers, nil, annotations("7 0 R 6 0 R"), "annotations of page 1 lie in another order"},
		{"quiet/annotation once more on top", layers, nil, annotations("6 0 R 7 0 R 6 0 R"), "annotations of page 1 lie in another order"},
	}
}

// The number that a signature will get can be foreseen: a second field waits for it,
// and seems to be signed by somebody else.
func TestSignatureInTwoFields(t *testing.T) {
	f := withForm()
	f.Objects[6] = "<</Type/Annot/Subtype/Widget/FT/Sig/T(Here)/Rect[0 0 0 0]/F 132/P 3 0 R>>"
	f.Objects[8] = "<</Type/Annot/Subtype/Widget/FT/Sig/T(Director)/Rect[0 0 0 0]/F 132/P 3 0 R/V 9 0 R>>"
	f.Objects[7] = "<</Fields[6 0 R 8 0 R]>>"
	d := newDesk(t)
	signed := d.sign(f.Bytes(), cades.BB, func(s *pades.Signer) { s.Field = "Here" })
	require.Len(t, d.validate(signed, d.policy()).Signatures, 2)
	d.assertExposed(signed, "stands in two fields")
}

// A document can name an object that begins where the document ends. Who signs it
// sees a page without it; whoever gets it with something appended sees another.
func TestObjectBehindTheEnd(t *testing.T) {
	const place = 60000
	d := newDesk(t)
	base := with(map[int]string{
		3: "<</Type/Page/Parent 2 0 R/Contents[4 0 R 6 0 R]/Resources<</Font<</F1 5 0 R>>>>>>", 6: "null",
	}).Bytes()
	at := bytes.Index(base, []byte("\n6 0 obj")) + 1
	base = bytes.Replace(base, fmt.Appendf(nil, "%010d 00000 n", at), fmt.Appendf(nil, "%010d 00000 n", place), 1)
	s := d.newSigner()
	var out bytes.Buffer
	require.NoError(t, s.Sign(t.Context(), &out, bytes.NewReader(base), int64(len(base)), cades.BB, nil))
	signed := out.Bytes()
	require.Less(t, len(signed), place)
	forged := append(bytes.Clone(signed), bytes.Repeat([]byte{'\n'}, place-len(signed))...)
	forged = append(forged, "6 0 obj\n"+evil+"\nendobj\n"...)
	start := len(forged)
	forged = fmt.Appendf(forged, "xref\n0 0\ntrailer\n<</Size 20/Root 1 0 R/Prev %d>>\nstartxref\n%d\n%%%%EOF\n", startAt(signed), start)
	d.assertExposed(forged, "cannot be compared")
}

func startAt(document []byte) (at int) {
	_, _ = fmt.Sscan(string(document[bytes.LastIndex(document, []byte("startxref\n"))+len("startxref\n"):]), &at) // 0 where there is none
	return at
}

// What a lock is on may be written elsewhere.
func TestLockWrittenElsewhere(t *testing.T) {
	d := newDesk(t)
	f := withForm()
	f.Objects[3] = strings.Replace(f.Objects[3], "[6 0 R]", "[6 0 R 9 0 R]", 1)
	f.Objects[7] = strings.Replace(f.Objects[7], "[6 0 R]", "[6 0 R 9 0 R]", 1)
	f.Objects[9] = "<</Type/Annot/Subtype/Widget/FT/Sig/T(Here)/Rect[0 0 0 0]/F 132/P 3 0 R/Lock<</Type/SigFieldLock/Action 10 0 R/Fields[11 0 R]>>>>"
	f.Objects[10], f.Objects[11] = "/Include", "(amount)"
	v := d.victim(f, func(s *pades.Signer) { s.Field = "Here" })
	filled := v.append(map[int]string{6: strings.Replace(string(between(v.signed, 6)), "(100)", "(900)", 1)})
	found, _ := d.only(filled, d.policy()).Find(pades.CheckChanges)
	assert.Equal(t, pki.Failed, found.Outcome, found.Reason)
}
