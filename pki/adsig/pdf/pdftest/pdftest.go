// Package pdftest writes small PDF files for tests, object by object, with a
// cross-reference table or stream, and appends revisions to any file. It shares
// no code with what reads them, and writes what is wrong as readily as what is
// right.
package pdftest

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// File is a document in the making.
type File struct {
	Version string
	Objects map[int]string // by number, as they are written
	Trailer string         // besides Size, Root and Prev
	Free    []int          // objects to be removed
	Streams bool           // cross-reference streams
	Packed  []int          // objects to be put into an object stream, which needs Streams
}

// Page is a document of one page that shows a line of text. Its objects are
// 1 catalog, 2 pages, 3 page, 4 content, 5 font.
func Page(text string) *File {
	content := "BT /F1 24 Tf 72 720 Td (" + text + ") Tj ET"
	return &File{Version: "1.7", Objects: map[int]string{
		1: "<</Type/Catalog/Pages 2 0 R>>",
		2: "<</Type/Pages/Kids[3 0 R]/Count 1/MediaBox[0 0 595.28 841.89]>>",
		3: "<</Type/Page/Parent 2 0 R/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
		4: Stream("", content),
		5: "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
	}, Trailer: "/ID[<00112233445566778899aabbccddeeff><00112233445566778899aabbccddeeff>]"}
}

// Stream writes a stream.
func Stream(entries, content string) string {
	return fmt.Sprintf("<<%s/Length %d>>\nstream\n%s\nendstream", entries, len(content), content)
}

// Bytes writes the document.
func (f *File) Bytes() []byte {
	return f.Append([]byte("%PDF-" + f.Version + "\n%\xe2\xe3\xcf\xd3\n"))
}

// Append writes the document's objects as a revision behind what there is.
func (f *File) Append(before []byte) []byte {
	out := bytes.NewBuffer(slices.Clone(before))
	prev := lastStart(before)
	at := map[int]int{}
	size := max(6, maxKey(f.Objects)+1, sizeOf(before))
	for _, n := range slices.Sorted(maps.Keys(f.Objects)) {
		if slices.Contains(f.Packed, n) {
			continue
		}
		at[n] = out.Len()
		fmt.Fprintf(out, "%d 0 obj\n%s\nendobj\n", n, f.Objects[n])
	}
	trailer := "/Root 1 0 R" + f.Trailer
	if prev >= 0 {
		trailer += fmt.Sprintf("/Prev %d", prev)
	}
	start := 0
	if f.Streams {
		start = f.stream(out, at, size, trailer)
	} else {
		start = f.table(out, at, size, trailer, prev < 0)
	}
	fmt.Fprintf(out, "startxref\n%d\n%%%%EOF\n", start)
	return out.Bytes()
}

func (f *File) table(out *bytes.Buffer, at map[int]int, size int, trailer string, first bool) int {
	start := out.Len()
	out.WriteString("xref\n")
	if first {
		out.WriteString("0 1\n0000000000 65535 f \n")
	}
	for _, n := range slices.Sorted(maps.Keys(at)) {
		fmt.Fprintf(out, "%d 1\n%010d 00000 n \n", n, at[n])
	}
	for _, n := range f.Free {
		fmt.Fprintf(out, "%d 1\n0000000000 00001 f \n", n)
	}
	fmt.Fprintf(out, "trailer\n<</Size %d%s>>\n", size, trailer)
	return start
}

// stream writes the packed objects and a cross-reference stream.
func (f *File) stream(out *bytes.Buffer, at map[int]int, size int, trailer string) int {
	type row struct{ kind, a, b int }
	rows := map[int]row{}
	for n, offset := range at {
		rows[n] = row{1, offset, 0}
	}
	for _, n := range f.Free {
		rows[n] = row{0, 0, 1}
	}
	if len(f.Packed) > 0 {
		var index, body strings.Builder
		for i, n := range f.Packed {
			fmt.Fprintf(&index, "%d %d ", n, body.Len())
			body.WriteString(f.Objects[n] + "\n")
			rows[n] = row{2, size, i}
		}
		rows[size] = row{1, out.Len(), 0}
		entries := fmt.Sprintf("/Type/ObjStm/N %d/First %d", len(f.Packed), index.Len())
		fmt.Fprintf(out, "%d 0 obj\n%s\nendobj\n", size, Stream(entries, index.String()+body.String()))
		size++
	}
	rows[size] = row{1, out.Len(), 0}
	start := out.Len()
	var index, body strings.Builder
	for _, n := range slices.Sorted(maps.Keys(rows)) {
		r := rows[n]
		fmt.Fprintf(&index, "%d 1 ", n)
		body.Write([]byte{byte(r.kind), byte(r.a >> 24), byte(r.a >> 16), byte(r.a >> 8), byte(r.a), byte(r.b)})
	}
	entries := fmt.Sprintf("/Type/XRef/Size %d/W[1 4 1]/Index[%s]%s", size+1, index.String(), trailer)
	fmt.Fprintf(out, "%d 0 obj\n%s\nendobj\n", size, Stream(entries, body.String()))
	return start
}

func maxKey(objects map[int]string) (n int) {
	for k := range objects {
		n = max(n, k)
	}
	return n
}

// lastStart reads where the last cross-reference section is, -1 without one.
func lastStart(b []byte) int {
	i := bytes.LastIndex(b, []byte("startxref\n"))
	if i < 0 {
		return -1
	}
	at := -1
	fmt.Sscanf(string(b[i+len("startxref\n"):]), "%d", &at)
	return at
}

// sizeOf reads the last Size that is written plainly, 0 without one.
func sizeOf(b []byte) int {
	size := 0
	if i := bytes.LastIndex(b, []byte("/Size ")); i >= 0 {
		fmt.Sscanf(string(b[i+len("/Size "):]), "%d", &size)
	}
	return size
}

// Hybrid is a document for old and new readers (ISO 32000-2 §7.5.8.4): its page
// tree and font are in an object stream, which the table calls free and a
// cross-reference stream, named by the trailer, finds. Apart, that trailer is one
// of a second, empty table, as word processors write it.
func Hybrid(text string, apart bool) []byte {
	f := Page(text)
	packed := &File{Version: f.Version, Objects: f.Objects, Streams: true, Packed: []int{2, 5}}
	whole := packed.Bytes()
	streamAt := lastStart(whole)
	body := whole[:bytes.LastIndex(whole, []byte("startxref"))]
	out := bytes.NewBuffer(slices.Clone(body))
	start := out.Len()
	out.WriteString("xref\n0 1\n0000000000 65535 f \n")
	for n := 1; n <= 5; n++ {
		at := bytes.Index(body, fmt.Appendf(nil, "\n%d 0 obj\n", n)) + 1
		if at == 0 {
			fmt.Fprintf(out, "%d 1\n0000000000 00000 f \n", n)
			continue
		}
		fmt.Fprintf(out, "%d 1\n%010d 00000 n \n", n, at)
	}
	if apart {
		fmt.Fprintf(out, "trailer\n<</Size 8/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF\n", f.Trailer, start)
		f.Trailer += fmt.Sprintf("/Prev %d", start)
		start = out.Len()
		out.WriteString("xref\n0 0\n")
	}
	fmt.Fprintf(out, "trailer\n<</Size 8/Root 1 0 R/XRefStm %d%s>>\nstartxref\n%d\n%%%%EOF\n", streamAt, f.Trailer, start)
	return out.Bytes()
}

// Padded is a document with an attachment of any length: what comes before its
// bytes, and behind.
func Padded(length int64) (front, back []byte) {
	const mark = "\nstream\n"
	f := Page("SPECIMEN")
	whole := f.Bytes()
	body := whole[:bytes.LastIndex(whole, []byte("xref\n0 1"))]
	front = fmt.Appendf(slices.Clone(body), "6 0 obj\n<</Length %d>>%s", length, mark)
	end := int64(len(front)) + length
	var b bytes.Buffer
	b.WriteString("\nendstream\nendobj\n")
	start := end + int64(b.Len())
	b.WriteString("xref\n0 1\n0000000000 65535 f \n")
	for n := 1; n <= 6; n++ {
		fmt.Fprintf(&b, "%d 1\n%010d 00000 n \n", n, bytes.Index(front, fmt.Appendf(nil, "\n%d 0 obj\n", n))+1)
	}
	fmt.Fprintf(&b, "trailer\n<</Size 7/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF\n", f.Trailer, start)
	return front, b.Bytes()
}
