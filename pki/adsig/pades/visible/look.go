// Package visible draws what a signature shows on its page: a few lines of text,
// in Latin, Arabic and Tifinagh letters, and an image beside them.
//
// Text is shaped as these scripts ask (joined letters, marks, both directions in
// one line) and written with fonts of which the glyphs in use are put into the
// file, so that it looks the same wherever it is opened, and can be searched and
// copied. What is drawn proves nothing: anybody can draw the same.
package visible

import (
	"bytes"
	"compress/zlib"
	"errors"
	"fmt"

	"cnie/pki/adsig/pdf"
)

// ErrLook reports something that cannot be drawn.
var ErrLook = errors.New("the visible signature cannot be drawn")

// Look is what a signature shows, and where: lengths are in points, from the
// lower left corner of the page as it is displayed.
type Look struct {
	Page                int // from 1
	X, Y, Width, Height float64
	Lines               []string
	Image               []byte // JPEG or PNG; nil: none
}

const (
	maxLines  = 32
	maxLine   = 512 // characters
	maxExtent = 14400
	margin    = 3.0
)

func (k *Look) check() error {
	if len(k.Lines) > maxLines || len(k.Lines) == 0 && k.Image == nil {
		return fmt.Errorf("%w: %d lines of text, where 1 to %d belong", ErrLook, len(k.Lines), maxLines)
	}
	for _, line := range k.Lines {
		if len([]rune(line)) > maxLine {
			return fmt.Errorf("%w: a line of more than %d characters", ErrLook, maxLine)
		}
	}
	return nil
}

// Box is where a page is displayed: its corner and size in its own coordinates,
// and how far it is turned clockwise, in degrees.
type Box struct {
	X, Y, Width, Height float64
	Turn                int
}

// rectangle translates a place on the page as it is displayed into the page's
// own coordinates.
func (b Box) rectangle(x, y, w, h float64) (pdf.Array, bool) {
	width, height := b.Width, b.Height
	if b.Turn%180 != 0 {
		width, height = height, width
	}
	if !(x >= 0 && y >= 0 && w > 2*margin && h > 2*margin && x+w <= width+0.5 && y+h <= height+0.5 && w < maxExtent && h < maxExtent) {
		return nil, false
	}
	switch b.Turn {
	case 90:
		x, y, w, h = b.Width-y-h, x, h, w
	case 180:
		x, y = b.Width-x-w, b.Height-y-h
	case 270:
		x, y, w, h = y, b.Height-x-w, h, w
	}
	return pdf.Array{real(b.X + x), real(b.Y + y), real(b.X + x + w), real(b.Y + y + h)}, true
}

// turns are the matrices that make text upright on a turned page.
var turns = map[int]pdf.Array{
	90:  {int64(0), int64(1), int64(-1), int64(0), int64(0), int64(0)},
	180: {int64(-1), int64(0), int64(0), int64(-1), int64(0), int64(0)},
	270: {int64(0), int64(-1), int64(1), int64(0), int64(0), int64(0)},
}

func real(v float64) pdf.Real { return pdf.Real(fmt.Sprintf("%.3f", v)) }

// Widget draws, and returns what a new field's dictionary needs to show it on
// its page.
func (k *Look) Widget(u *pdf.Update, page Box) (pdf.Dict, error) {
	rectangle, ok := page.rectangle(k.X, k.Y, k.Width, k.Height)
	if !ok {
		return nil, fmt.Errorf("%w: there is no room for %g by %g points at %g, %g on a page of %g by %g",
			ErrLook, k.Width, k.Height, k.X, k.Y, page.Width, page.Height)
	}
	appearance, err := k.draw(u, k.Width, k.Height, page.Turn)
	if err != nil {
		return nil, err
	}
	more := pdf.Dict{"Rect": rectangle, "AP": appearance}
	if page.Turn != 0 {
		more["MK"] = pdf.Dict{"R": int64(page.Turn)}
	}
	return more, nil
}

// Fill draws for a field that is on a page already, and returns its appearance.
func (k *Look) Fill(u *pdf.Update, width, height float64) (pdf.Dict, error) {
	if !(width > 2*margin && height > 2*margin && width < maxExtent && height < maxExtent) {
		return nil, fmt.Errorf("%w: the field has no room for it", ErrLook)
	}
	return k.draw(u, width, height, 0)
}

// draw makes the appearance (ISO 32000-2 §12.5.5).
func (k *Look) draw(u *pdf.Update, width, height float64, turn int) (pdf.Dict, error) {
	if err := k.check(); err != nil {
		return nil, err
	}
	form := pdf.Dict{
		"Type": pdf.Name("XObject"), "Subtype": pdf.Name("Form"),
		"BBox": pdf.Array{int64(0), int64(0), real(width), real(height)},
	}
	if m, turned := turns[turn]; turned {
		form["Matrix"] = m
	}
	var content bytes.Buffer
	resources := pdf.Dict{}
	left := margin
	if k.Image != nil {
		right, err := k.drawImage(u, &content, resources, width, height)
		if err != nil {
			return nil, err
		}
		left = right
	}
	if len(k.Lines) > 0 {
		if err := k.drawText(u, &content, resources, left, width-left-margin, height-2*margin); err != nil {
			return nil, err
		}
	}
	form["Resources"] = resources
	stream, err := packed(form, content.Bytes())
	if err != nil {
		return nil, err
	}
	return pdf.Dict{"N": u.Add(stream)}, nil
}

// packed makes a stream of content that is worth packing.
func packed(d pdf.Dict, content []byte) (*pdf.Stream, error) {
	var out bytes.Buffer
	z := zlib.NewWriter(&out)
	if _, err := z.Write(content); err != nil {
		return nil, err
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	d["Filter"] = pdf.Name("FlateDecode")
	return pdf.NewStream(d, out.Bytes()), nil
}
