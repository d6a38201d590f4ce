package pades

import (
	"cnie/pki/adsig/pades/visible"
	"cnie/pki/adsig/pdf"
)

// pageBox is the part of a page that is displayed, and how it is turned (ISO
// 32000-2 §14.11.2, table 31).
func pageBox(f *pdf.File, p pdf.Page) (box visible.Box, err error) {
	v := p.Boxes["CropBox"]
	if v == nil {
		v = p.Boxes["MediaBox"]
	}
	corners, err := f.Box(v)
	if err != nil {
		return box, err
	}
	turn, err := f.Resolve(p.Boxes["Rotate"])
	if err != nil {
		return box, err
	}
	degrees, _ := turn.(int64)
	box = visible.Box{X: corners[0], Y: corners[1], Width: corners[2] - corners[0], Height: corners[3] - corners[1]}
	box.Turn = int((degrees%360 + 360) % 360 / 90 * 90)
	return box, nil
}
