package pades_test

import (
	"bytes"
	"fmt"
	"strings"

	"cnie/pki/adsig/pades"
)

// wrappings move signed bytes and put others between them, or make the signature
// cover something else.
func wrappings() []attack {
	return []attack{
		{"wrapping/shifted end", nil, nil, func(v victim) []byte { return v.wrap("") }, "the byte range leaves out"},
		{"wrapping/shifted end, padded", nil, nil, func(v victim) []byte { return v.wrap("000000000000") }, "the byte range leaves out"},
		{"wrapping/second field", nil, nil, func(v victim) []byte {
			field := fmt.Sprintf("<</Type/Annot/Subtype/Widget/FT/Sig/T(Other)/Rect[0 0 0 0]/P 3 0 R/V %d 0 R>>", v.signature)
			return v.append(map[int]string{4: evil, v.form: fmt.Sprintf("<</Fields[%d 0 R 90 0 R]/SigFlags 3>>", v.field), 90: field})
		}, "was not signed in the document"},
		{"wrapping/field renamed", nil, nil, func(v victim) []byte {
			field := fmt.Sprintf("<</Type/Annot/Subtype/Widget/FT/Sig/T(Director)/F 132/Rect[0 0 0 0]/P 3 0 R/V %d 0 R>>", v.signature)
			return v.append(map[int]string{v.field: field})
		}, "was not signed in the document"},
		{"wrapping/signature copied", nil, nil, func(v victim) []byte {
			at := bytes.Index(v.signed, fmt.Appendf(nil, "\n%d 0 obj\n", v.signature))
			end := at + bytes.Index(v.signed[at:], []byte("endobj"))
			body := string(v.signed[at:end])
			return v.append(map[int]string{4: evil, v.signature: body[strings.Index(body, "<<"):]})
		}, "the byte range leaves out"},
		{"wrapping/hidden in the padding", nil, roomy, func(v victim) []byte {
			return v.edit(`00000000>`, "00000bad>")
		}, "hidden behind"},
		{"wrapping/space in the padding", nil, roomy, func(v victim) []byte {
			return v.edit(`00000000>`, "0000    >")
		}, "more than its digits"},
		{"wrapping/begins late", nil, nil, func(v victim) []byte { return v.edit(`/ByteRange \[0 `, "/ByteRange [9 ") }, "does not begin"},
		{"wrapping/three parts", nil, nil, func(v victim) []byte {
			return v.edit(`/ByteRange \[[^\]]*\]  `, "/ByteRange [0 10 20 30 40 50]")
		}, "not two pairs"},
		{"wrapping/negative", nil, nil, func(v victim) []byte { return v.edit(`/ByteRange \[[^\]]*\]`, "/ByteRange [0 -1 9 9]") }, "out of the file"},
		{"wrapping/too long", nil, nil, func(v victim) []byte { return v.edit(`/ByteRange \[[^\]]*\]`, "/ByteRange [0 1 2 9999999]") }, "out of the file"},
		{"wrapping/first range only", nil, nil, func(v victim) []byte { return v.edit(`/ByteRange \[[^\]]*\]`, "/ByteRange [0 9 9 0]") }, "the byte range leaves out"},
		{"wrapping/in front", nil, nil, func(v victim) []byte { return append([]byte("#!/bin/sh\n"), v.signed...) }, "does not begin with %PDF-"},
	}
}

// wrap keeps the bytes of both ranges and the offsets of the first, moves the
// second to the end, and puts a document of its own between them: a table at the
// offset that the signed end of the file names, and a signature dictionary with
// the new range.
func (v victim) wrap(padding string) []byte {
	m := bounds.FindSubmatch(v.signed)
	var from, to, rest, start int
	fmt.Sscan(string(m[1]), &from)
	fmt.Sscan(string(m[2]), &to)
	fmt.Sscan(string(m[3]), &rest)
	i := bytes.LastIndex(v.signed, []byte("startxref\n"))
	fmt.Sscan(string(v.signed[i+10:]), &start)
	contents := string(v.signed[from : to-1])
	body := func(end int) []byte {
		out := bytes.NewBuffer(bytes.Clone(v.signed[:from]))
		out.WriteString(contents + ">>>\nendobj\n")
		out.Write(bytes.Repeat([]byte{' '}, start-out.Len()))
		objects := map[int]string{
			4: evil, v.field: string(between(v.signed, v.field)), v.form: string(between(v.signed, v.form)),
			v.signature: fmt.Sprintf("<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/M(D:20260701000000Z)/ByteRange[0 %d %d %d]/Contents %s%s>>>", from, end, rest, contents, padding),
		}
		table := func(at map[int]int) string {
			var b strings.Builder
			b.WriteString("xref\n0 1\n0000000000 65535 f \n")
			for _, n := range []int{4, v.field, v.form, v.signature} {
				fmt.Fprintf(&b, "%d 1\n%010d 00000 n \n", n, at[n])
			}
			prev := bytes.LastIndex(v.signed[:from], []byte("xref\n0"))
			fmt.Fprintf(&b, "1 1\n%010d 00000 n \n3 1\n%010d 00000 n \n", bytes.LastIndex(v.signed[:from], []byte("\n1 0 obj"))+1, bytes.LastIndex(v.signed[:from], []byte("\n3 0 obj"))+1)
			fmt.Fprintf(&b, "trailer\n<</Size 20/Root 1 0 R/Prev %d>>\n", prev)
			return b.String()
		}
		at := map[int]int{}
		next := out.Len() + len(table(at))
		for _, n := range []int{4, v.field, v.form, v.signature} {
			at[n] = next
			next += len(fmt.Sprintf("%d 0 obj\n%s\nendobj\n", n, objects[n]))
		}
		out.WriteString(table(at))
		for _, n := range []int{4, v.field, v.form, v.signature} {
			fmt.Fprintf(out, "%d 0 obj\n%s\nendobj\n", n, objects[n])
		}
		return out.Bytes()
	}
	middle := body(100000)
	middle = append(body(len(middle)+1), '\n')
	return append(middle, v.signed[to:]...)
}

// between is an object's value.
func between(document []byte, number int) []byte {
	at := bytes.LastIndex(document, fmt.Appendf(nil, "\n%d 0 obj\n", number))
	value := document[at+len(fmt.Sprintf("\n%d 0 obj\n", number)):]
	return value[:bytes.Index(value, []byte("\nendobj"))]
}

// roomy leaves padding behind the signature.
func roomy(s *pades.Signer) { s.Room = 8192 }
