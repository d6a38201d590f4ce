package visible

import (
	"bytes"
	_ "embed"
	"fmt"
	"maps"
	"slices"

	"cnie/pki/adsig/pdf"

	"github.com/go-text/typesetting/font"
)

// The fonts, in the order in which they are asked for a character. Where they
// come from is in fonts/README.md.
var (
	//go:embed fonts/NotoSans-Latin.ttf
	latin []byte
	//go:embed fonts/NotoNaskhArabic-Regular.ttf
	arabic []byte
	//go:embed fonts/NotoSansTifinagh-Regular.ttf
	tifinagh []byte
)

var shipped = []struct {
	name  string
	bytes []byte
}{{"NotoSans", latin}, {"NotoNaskhArabic", arabic}, {"NotoSansTifinagh", tifinagh}}

// fonts are the shipped fonts with the glyphs that one drawing uses.
type fonts struct{ all []*typeface }

type typeface struct {
	name  string // in the drawing's resources
	title string
	face  *font.Face
	bytes []byte
	used  map[font.GID]bool
	text  map[font.GID]string // what a glyph says
}

func load() (*fonts, error) {
	f := &fonts{}
	for i, s := range shipped {
		face, err := font.ParseTTF(bytes.NewReader(s.bytes))
		if err != nil {
			return nil, fmt.Errorf("%w: font %s: %w", ErrLook, s.name, err)
		}
		f.all = append(f.all, &typeface{fmt.Sprintf("F%d", i), s.name, face, s.bytes, map[font.GID]bool{}, map[font.GID]string{}})
	}
	return f, nil
}

// ResolveFace chooses the font for a character; one that no font has shows as
// the first font's empty box.
func (f *fonts) ResolveFace(r rune) *font.Face {
	for _, t := range f.all {
		if _, has := t.face.NominalGlyph(r); has {
			return t.face
		}
	}
	return f.all[0].face
}

func (f *fonts) of(face *font.Face) *typeface {
	for _, t := range f.all {
		if t.face == face {
			return t
		}
	}
	return f.all[0]
}

// embed puts the fonts in use into the file, each with the glyphs in use.
func (f *fonts) embed(u *pdf.Update) (pdf.Dict, error) {
	names := pdf.Dict{}
	for _, t := range f.all {
		if len(t.used) == 0 {
			continue
		}
		r, err := t.embed(u)
		if err != nil {
			return nil, err
		}
		names[pdf.Name(t.name)] = r
	}
	return names, nil
}

// embed writes a composite font whose codes are glyph numbers (ISO 32000-2
// §9.7.4.2).
func (t *typeface) embed(u *pdf.Update) (pdf.Ref, error) {
	program, err := subset(t.bytes, t.used)
	if err != nil {
		return pdf.Ref{}, err
	}
	file, err := packed(pdf.Dict{"Length1": int64(len(program))}, program)
	if err != nil {
		return pdf.Ref{}, err
	}
	// Six letters before the name say that it is part of a font (§9.9.2).
	title := pdf.Name("CNIESG+" + t.title)
	per := func(v float32) int64 { return int64(v * em / float32(t.face.Upem())) }
	extents, _ := t.face.FontHExtents()
	descriptor := u.Add(pdf.Dict{
		"Type": pdf.Name("FontDescriptor"), "FontName": title, "Flags": int64(4), "ItalicAngle": int64(0), "StemV": int64(80),
		"FontBBox": pdf.Array{int64(-em), per(extents.Descender), int64(2 * em), per(extents.Ascender)},
		"Ascent":   per(extents.Ascender), "Descent": per(extents.Descender), "CapHeight": int64(700), "FontFile2": u.Add(file),
	})
	widths := pdf.Array{}
	for _, g := range slices.Sorted(maps.Keys(t.used)) {
		widths = append(widths, int64(g), pdf.Array{per(t.face.HorizontalAdvance(g))})
	}
	descendant := u.Add(pdf.Dict{
		"Type": pdf.Name("Font"), "Subtype": pdf.Name("CIDFontType2"), "BaseFont": title, "FontDescriptor": descriptor,
		"CIDSystemInfo": pdf.Dict{"Registry": pdf.String("Adobe"), "Ordering": pdf.String("Identity"), "Supplement": int64(0)},
		"CIDToGIDMap":   pdf.Name("Identity"), "W": widths,
	})
	meaning, err := t.toUnicode()
	if err != nil {
		return pdf.Ref{}, err
	}
	return u.Add(pdf.Dict{
		"Type": pdf.Name("Font"), "Subtype": pdf.Name("Type0"), "BaseFont": title, "ToUnicode": u.Add(meaning),
		"Encoding": pdf.Name("Identity-H"), "DescendantFonts": pdf.Array{descendant},
	}), nil
}
