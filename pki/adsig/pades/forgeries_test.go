package pades_test

import (
	"bytes"
	"fmt"
	"strings"

	"cnie/pki/adsig/pades"
	"cnie/pki/adsig/pdf/pdftest"
)

// forgeries leave out or spoil what a careless reader would not miss.
func forgeries() []attack {
	set := func(what string) func(victim) []byte {
		return func(v victim) []byte { return v.append(map[int]string{v.signature: what, 4: evil}) }
	}
	entries := "<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/ByteRange[0 100 200 300]"
	return []attack{
		{"forgery/no contents", nil, nil, set(entries + ">>"), "no signature in the field"},
		{"forgery/contents null", nil, nil, set(entries + "/Contents null>>"), "no signature in the field"},
		{"forgery/contents empty", nil, nil, set(entries + "/Contents<>>>"), "no signature in the field"},
		{"forgery/contents a zero", nil, nil, set(entries + "/Contents<00>>>"), "the byte range leaves out"},
		{"forgery/contents elsewhere", nil, nil, func(v victim) []byte {
			return v.append(map[int]string{v.signature: entries + "/Contents 90 0 R>>", 90: "<00>"})
		}, "no signature in the field"},
		{"forgery/no range", nil, nil, set("<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/Contents<00>>>"), "not two pairs"},
		{"forgery/range null", nil, nil, set("<</Type/Sig/SubFilter/ETSI.CAdES.detached/Contents<00>/ByteRange null>>"), "not two pairs"},
		{"forgery/range of names", nil, nil, set("<</Type/Sig/SubFilter/ETSI.CAdES.detached/Contents<00>/ByteRange[/a/b/c/d]>>"), "out of the file"},
		{"forgery/contents twice", nil, nil, set(entries + "/Contents<00>/Contents<3000>>>"), "stands twice"},
		{"forgery/written into the field", nil, nil, func(v victim) []byte {
			field := fmt.Sprintf("<</Type/Annot/Subtype/Widget/FT/Sig/T(Signature1)/F 132/Rect[0 0 0 0]/P 3 0 R/V %s>>", string(between(v.signed, v.signature)))
			return v.append(map[int]string{v.field: field, 4: evil})
		}, "not an object of its own"},
		{"forgery/unknown kind", nil, nil, func(v victim) []byte {
			return v.edit("/SubFilter /ETSI.CAdES.detached", "/SubFilter /adbe.x509.rsa_sha1")
		}, "not known here"},
	}
}

// shadows are prepared before signing: the document has two faces, and the change
// that turns it around touches little.
func shadows() []attack {
	page := func(content, more string) string {
		return fmt.Sprintf("<</Type/Page/Parent 2 0 R/Contents %s/Resources<</Font<</F1 5 0 R>>%s>>>>", content, more)
	}
	overlay := pdftest.Stream("/Type/XObject/Subtype/Form/BBox[0 0 595 842]", "1 1 1 rg 0 0 595 842 re f")
	annotated := func(catalog string) *pdftest.File {
		f := with(map[int]string{6: overlay})
		f.Objects[1] = "<</Type/Catalog/Pages 2 0 R" + catalog + ">>"
		return f
	}
	return []attack{
		{"shadow/hide by an overlay", with(map[int]string{3: page("[4 0 R 7 0 R]", "/XObject<</O 6 0 R>>"), 6: overlay, 7: pdftest.Stream("", "/O Do")}), nil,
			func(v victim) []byte { return v.revise(&pdftest.File{Free: []int{6}}) }, "object 6 was removed"},
		{"shadow/hide by an overlay, emptied", with(map[int]string{3: page("[4 0 R 7 0 R]", "/XObject<</O 6 0 R>>"), 6: overlay, 7: pdftest.Stream("", "/O Do")}), nil,
			func(v victim) []byte {
				return v.append(map[int]string{6: pdftest.Stream("/Type/XObject/Subtype/Form/BBox[0 0 1 1]", "")})
			}, "object 6 (Form) was replaced"},
		{"shadow/hide by an annotation", with(map[int]string{
			3: "<</Type/Page/Parent 2 0 R/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>/Annots[7 0 R]>>", 6: overlay,
			7: "<</Type/Annot/Subtype/Stamp/Rect[0 0 595 842]/F 4/AP<</N 6 0 R>>>>",
		}), nil, func(v victim) []byte { return v.append(map[int]string{3: v.page("4 0 R", "", "")}) }, "an annotation was removed from page 1"},
		{"shadow/hide by an annotation, hidden", with(map[int]string{
			3: "<</Type/Page/Parent 2 0 R/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>/Annots[7 0 R]>>", 6: overlay,
			7: "<</Type/Annot/Subtype/Stamp/Rect[0 0 595 842]/F 4/AP<</N 6 0 R>>>>",
		}), nil, func(v victim) []byte {
			return v.append(map[int]string{7: "<</Type/Annot/Subtype/Stamp/Rect[0 0 595 842]/F 2/AP<</N 6 0 R>>>>"})
		}, "an annotation (Stamp) of page 1 changed"},
		{"shadow/replace a font of the form", withForm(), nil, func(v victim) []byte {
			return v.append(map[int]string{5: "<</Type/Font/Subtype/Type1/BaseFont/ZapfDingbats>>"})
		}, "object 5 (Type1) was replaced"},
		{"shadow/replace the form's resources", withForm(), nil, func(v victim) []byte {
			return v.append(map[int]string{v.form: fmt.Sprintf("<</Fields[6 0 R %d 0 R]/DR<</Font<</F1 90 0 R>>>>/DA(/F1 12 Tf)/SigFlags 3>>", v.field), 90: "<</Type/Font/Subtype/Type1/BaseFont/Symbol>>"})
		}, `the form's "DR" changed`},
		{"shadow/hide and replace, by the table alone", with(map[int]string{6: "null\nendobj\n4 0 obj\n" + evil}), nil, func(v victim) []byte {
			return v.point(4, bytes.LastIndex(v.signed, []byte("\n4 0 obj\n"))+1)
		}, "what page 1 shows changed"},
		{"shadow/hide and replace, under another number", with(map[int]string{6: evil}), nil, func(v victim) []byte {
			return v.point(4, bytes.Index(v.signed, []byte("\n6 0 obj\n"))+1)
		}, "object 6 0 R stands where"},
		{"shadow/hide and replace, reference left open", with(map[int]string{3: page("[4 0 R 90 0 R]", "")}), nil,
			func(v victim) []byte { return v.append(map[int]string{90: evil}) }, "object 90 was supplied"},
		{"shadow/content disguised as material", annotated("/DSS<</Certs[4 0 R]>>"), nil,
			func(v victim) []byte {
				return v.append(map[int]string{4: evil, 1: v.catalog("/DSS<</Certs[4 0 R]/CRLs[]>>")})
			}, "object 4 was replaced"},
		{"shadow/content disguised as metadata", annotated("/Metadata 4 0 R"), nil,
			func(v victim) []byte { return v.append(map[int]string{4: evil}) }, "object 4 was replaced"},
		{"shadow/content disguised as information", func() *pdftest.File {
			f := pdftest.Page("SPECIMEN")
			f.Trailer = "/Info 4 0 R"
			return f
		}(), nil, func(v victim) []byte { return v.append(map[int]string{4: evil}, "/Info 4 0 R") }, "object 4 was replaced"},
		{"shadow/content disguised as an appearance", func() *pdftest.File {
			f := withForm()
			f.Objects[3] = "<</Type/Page/Parent 2 0 R/Contents[4 0 R 9 0 R]/Resources<</Font<</F1 5 0 R>>/XObject<</O 8 0 R>>>>/Annots[6 0 R]>>"
			f.Objects[9] = pdftest.Stream("", "/O Do")
			return f
		}(), nil, func(v victim) []byte {
			return v.append(map[int]string{8: pdftest.Stream("/Type/XObject/Subtype/Form/BBox[0 0 128 20]/Resources<</Font<</F1 5 0 R>>>>", "BT /F1 12 Tf (PAY) Tj ET")})
		}, "object 8 (Form) was replaced"},
		{"shadow/content disguised as a signature's", with(map[int]string{3: page("4 0 R", "/XObject<</O 90 0 R>>")}), nil, func(v victim) []byte {
			field := "<</Type/Annot/Subtype/Widget/FT/Sig/T(Other)/Rect[0 0 0 0]/P 3 0 R/AP<</N 90 0 R>>>>"
			return v.append(map[int]string{
				90: overlay, 91: field, v.form: fmt.Sprintf("<</Fields[%d 0 R 91 0 R]/SigFlags 3>>", v.field),
			})
		}, "object 90 was supplied"},
		{"shadow/stream dressed as a table", with(map[int]string{3: page("[4 0 R 90 0 R]", "")}), nil,
			func(v victim) []byte {
				return v.append(map[int]string{90: strings.Replace(evil, "<<", "<</Type/XRef", 1)})
			}, "object 90 was supplied"},
	}
}

// point appends a table that says where an object is, and nothing else.
func (v victim) point(number, at int) []byte {
	table := fmt.Sprintf("xref\n%d 1\n%010d 00000 n \ntrailer", number, at)
	return bytes.Replace(v.append(nil), []byte("xref\ntrailer"), []byte(table), 1)
}

// certified break what a certifying signature, or a lock, permits.
func certified() []attack {
	certify := func(p int) func(*pades.Signer) { return func(s *pades.Signer) { s.Certify = p } }
	annotation := func(subtype string) func(victim) []byte {
		return func(v victim) []byte {
			return v.append(map[int]string{
				3:  v.page("4 0 R", "90 0 R", ""),
				90: "<</Type/Annot/Subtype/" + subtype + "/Rect[0 0 595 842]/F 4/Contents(PAY)/AP<</N 91 0 R>>>>",
				91: pdftest.Stream("/Type/XObject/Subtype/Form/BBox[0 0 595 842]", "1 1 1 rg 0 0 595 842 re f"),
			})
		}
	}
	field := func(entries string, more map[int]string) func(victim) []byte {
		return func(v victim) []byte {
			objects := map[int]string{
				3: v.page("4 0 R", "90 0 R", ""), v.form: fmt.Sprintf("<</Fields[%d 0 R 90 0 R]/SigFlags 3>>", v.field),
				90: "<</Type/Annot/Subtype/Widget/T(Other)/F 4/P 3 0 R" + entries + ">>",
			}
			for n, o := range more {
				objects[n] = o
			}
			return v.append(objects)
		}
	}
	overlay := map[int]string{91: pdftest.Stream("/Type/XObject/Subtype/Form/BBox[0 0 595 842]", "1 1 1 rg 0 0 595 842 re f")}
	fill := func(v victim) []byte {
		filled := strings.Replace(string(between(v.signed, 6)), "(100)", "(900)", 1)
		return v.append(map[int]string{6: filled})
	}
	shown := "/FT/Sig/Rect[0 0 595 842]/AP<</N 91 0 R>>"
	return []attack{
		{"certified/annotation where allowed", nil, certify(3), annotation("FreeText"), "an annotation (FreeText) was added to page 1"},
		{"certified/annotation", nil, certify(2), annotation("Stamp"), "an annotation (Stamp) was added to page 1"},
		{"certified/annotation of no kind", nil, certify(3), annotation("Nothing"), "an annotation (Nothing) was added to page 1"},
		{"certified/annotation of an approval", nil, nil, annotation("Redact"), "an annotation (Redact) was added to page 1"},
		{"certified/visible signature", nil, certify(2), field(shown, overlay), "was added that shows something"},
		{"certified/visible signature where annotations are allowed", nil, certify(3), field(shown, overlay), "was added that shows something"},
		{"certified/visible signature after an approval", nil, nil, field(shown, overlay), "was added that shows something"},
		{"certified/text field", nil, certify(2), field("/FT/Tx/V(PAY)/Rect[0 0 595 842]/AP<</N 91 0 R>>", overlay), `a field "Other" was added`},
		{"certified/certificate of permissions removed", nil, certify(2), func(v victim) []byte {
			return v.append(map[int]string{1: v.catalog("")})
		}, `the document's "Perms" changed`},
		{"certified/permissions raised", nil, certify(2), func(v victim) []byte {
			raised := strings.Replace(string(between(v.signed, v.signature)), "/P 2", "/P 3", 1)
			return v.append(map[int]string{v.signature: raised, 1: v.catalog(fmt.Sprintf("/Perms<</DocMDP %d 0 R>>", v.signature))})
		}, "the byte range leaves out"},
		{"certified/filled where nothing may be", withForm(), certify(1), fill, `the field "amount" was filled in`},
		{"certified/filled where it may be", withForm(), certify(2), fill, `the field "amount" was filled in`},
		{"certified/signed where nothing may be", nil, certify(1), field("/FT/Sig/Rect[0 0 0 0]", nil), "an empty signature field"},
		{"certified/afterwards", nil, nil, func(v victim) []byte {
			return v.append(map[int]string{1: v.catalog("/Perms<</DocMDP 90 0 R>>"), 90: "<</Type/Sig>>"})
		}, `the document's "Perms" changed`},
		{"certified/locked field", func() *pdftest.File {
			f := withForm()
			f.Objects[9] = "<</Type/Annot/Subtype/Widget/FT/Sig/T(Here)/Rect[0 0 0 0]/F 132/P 3 0 R/Lock<</Type/SigFieldLock/Action/Include/Fields[(amount)]>>>>"
			f.Objects[7] = strings.Replace(f.Objects[7], "[6 0 R]", "[6 0 R 9 0 R]", 1)
			f.Objects[3] = strings.Replace(f.Objects[3], "[6 0 R]", "[6 0 R 9 0 R]", 1)
			return f
		}(), func(s *pades.Signer) { s.Field = "Here" }, fill, `the field "amount" was filled in`},
		{"certified/other form", withForm(), certify(2), func(v victim) []byte {
			return v.append(map[int]string{v.form: fmt.Sprintf("<</Fields[6 0 R %d 0 R]/XFA(x)/DR<</Font<</F1 5 0 R>>>>/DA(/F1 12 Tf)/SigFlags 3>>", v.field)})
		}, `the form's "XFA" changed`},
		{"certified/field dropped", withForm(), certify(2), func(v victim) []byte {
			return v.append(map[int]string{v.form: fmt.Sprintf("<</Fields[%d 0 R]/DR<</Font<</F1 5 0 R>>>>/DA(/F1 12 Tf)/SigFlags 3>>", v.field)})
		}, `the field "amount" was removed`},
		{"certified/field moved", withForm(), certify(2), func(v victim) []byte {
			return v.append(map[int]string{6: strings.Replace(string(between(v.signed, 6)), "[72 600 200 620]", "[0 0 595 842]", 1)})
		}, `"Rect" of the field "amount" changed`},
	}
}
