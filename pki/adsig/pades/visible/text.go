package visible

import (
	"bytes"
	"fmt"
	"slices"

	"cnie/pki/adsig/pdf"

	"github.com/go-text/typesetting/di"
	"github.com/go-text/typesetting/language"
	"github.com/go-text/typesetting/shaping"
	"golang.org/x/image/math/fixed"
	"golang.org/x/text/unicode/bidi"
)

// em is the size at which text is shaped: glyph space of PDF fonts.
const em = 1000

const (
	largest  = 12.0 // points
	smallest = 4.0
)

// line is a line of text, shaped: runs from left to right.
type line struct {
	text  []rune // of the whole paragraph
	runs  []shaping.Output
	width float64 // in thousandths of the size
	rtl   bool
}

// setter shapes text with the fonts that it needs.
type setter struct {
	fonts   *fonts
	shaper  shaping.HarfbuzzShaper
	wrapper shaping.LineWrapper
	split   shaping.Segmenter
}

// rightToLeft reports whether a paragraph's first letter with a direction goes
// leftward (UAX #9 rule P2).
func rightToLeft(text []rune) bool {
	for _, r := range text {
		properties, _ := bidi.LookupRune(r)
		switch properties.Class() {
		case bidi.L:
			return false
		case bidi.R, bidi.AL:
			return true
		}
	}
	return false
}

// paragraph shapes a text and breaks it into lines of a width.
func (s *setter) paragraph(text string, width float64) []line {
	runes := []rune(text)
	direction := di.DirectionLTR
	if rightToLeft(runes) {
		direction = di.DirectionRTL
	}
	whole := shaping.Input{Text: runes, RunEnd: len(runes), Direction: direction, Size: fixed.I(em), Language: language.NewLanguage("und")}
	var runs []shaping.Output
	for _, part := range s.split.Split(whole, s.fonts) {
		runs = append(runs, s.shaper.Shape(part))
	}
	config := shaping.WrapConfig{Direction: direction, BreakPolicy: shaping.WhenNecessary}
	wrapped, _ := s.wrapper.WrapParagraph(config, int(width), runes, shaping.NewSliceIterator(runs))
	var lines []line
	for _, w := range wrapped {
		l := line{text: runes, rtl: direction == di.DirectionRTL, runs: slices.Clone(w)}
		slices.SortFunc(l.runs, func(a, b shaping.Output) int { return int(a.VisualIndex - b.VisualIndex) })
		for _, r := range l.runs {
			l.width += points(r.Advance)
		}
		lines = append(lines, l)
	}
	return lines
}

func points(v fixed.Int26_6) float64 { return float64(v) / 64 }

// heights are how far lines reach above and below where they stand, in
// thousandths.
func heights(lines []line) (above, below float64) {
	for _, l := range lines {
		for _, r := range l.runs {
			above = max(above, points(r.LineBounds.Ascent))
			below = max(below, -points(r.LineBounds.Descent))
		}
	}
	return above, below
}

// fit finds the largest size at which all lines have room.
func (s *setter) fit(paragraphs []string, width, height float64) (lines []line, size float64) {
	for size = largest; ; size -= 0.5 {
		lines = nil
		for _, p := range paragraphs {
			lines = append(lines, s.paragraph(p, width/size*em)...)
		}
		above, below := heights(lines)
		if (above+below)/em*size*float64(len(lines)) <= height || size <= smallest {
			return lines, size
		}
	}
}

// drawText writes the lines into a rectangle, from its top, each to the side on
// which its text begins.
func (k *Look) drawText(u *pdf.Update, content *bytes.Buffer, resources pdf.Dict, left, width, height float64) error {
	if width < smallest {
		return fmt.Errorf("%w: the image leaves no room for text", ErrLook)
	}
	faces, err := load()
	if err != nil {
		return err
	}
	s := &setter{fonts: faces}
	lines, size := s.fit(k.Lines, width, height)
	above, below := heights(lines)
	step := (above + below) / em * size
	y := margin + (height+step*float64(len(lines)))/2 - above/em*size
	for _, l := range lines {
		x := left
		if l.rtl {
			x = left + width - l.width/em*size
		}
		l.draw(content, faces, x, y, size)
		y -= step
	}
	names, err := faces.embed(u)
	if err != nil {
		return err
	}
	resources["Font"] = names
	return nil
}

// draw places every glyph by itself, as the shaper did.
func (l line) draw(content *bytes.Buffer, faces *fonts, x, y, size float64) {
	for _, r := range l.runs {
		f := faces.of(r.Face)
		for len(r.Glyphs) > 0 {
			n := max(1, min(r.Glyphs[0].GlyphsCount(), len(r.Glyphs)))
			cluster := r.Glyphs[:n]
			r.Glyphs = r.Glyphs[n:]
			said := f.note(cluster, l.text)
			if !said {
				fmt.Fprintf(content, "/Span <</ActualText <FEFF%s>>> BDC\n", utf16Hex(clusterText(cluster, l.text)))
			}
			fmt.Fprintf(content, "BT /%s %.2f Tf\n", f.name, size)
			for _, g := range cluster {
				fmt.Fprintf(content, "1 0 0 1 %.3f %.3f Tm <%04X> Tj\n", x+points(g.XOffset)/em*size, y+points(g.YOffset)/em*size, uint16(g.GlyphID))
				x += points(g.Advance) / em * size
			}
			content.WriteString("ET\n")
			if !said {
				content.WriteString("EMC\n")
			}
		}
	}
}
