package persona

import (
	"encoding/hex"
	"fmt"
	"image/color"
	"math"
	"strings"
)

// hairStyle is drawn in two layers, behind the head and over it.
type hairStyle struct{ behind, front func(*painter) }

var hairStyles = map[string]*hairStyle{
	"bald":  {},
	"short": {front: (*painter).shortHair},
	"long":  {behind: (*painter).mane, front: (*painter).parting},
	"bun":   {behind: (*painter).bun, front: (*painter).parting},
	"scarf": {behind: (*painter).scarfBehind, front: (*painter).scarfFront},
}

func (a *painter) shortHair() {
	a.fill(smooth(point{104, 232}, point{98, 160}, point{124, 106}, point{180, 80}, point{244, 82}, point{294, 112},
		point{314, 164}, point{309, 232}, point{298, 204}, point{290, 172}, point{262, 150}, point{206, 158},
		point{150, 148}, point{124, 172}, point{115, 204}), a.hair)
	a.fill(smooth(point{140, 124}, point{190, 94}, point{246, 98}, point{200, 106}), fade(shade(a.hair, 150), 110))
}

func (a *painter) mane() {
	a.fill(smooth(point{206, 74}, point{288, 96}, point{326, 180}, point{330, 300}, point{338, 400}, point{300, 436},
		point{206, 420}, point{113, 436}, point{75, 400}, point{83, 300}, point{87, 180}, point{125, 96}), a.hair)
}

func (a *painter) parting() {
	a.fill(smooth(point{196, 84}, point{140, 98}, point{104, 160}, point{102, 252}, point{116, 258}, point{122, 206}, point{158, 160}, point{200, 128}), a.hair)
	a.fill(smooth(point{192, 84}, point{270, 94}, point{308, 156}, point{311, 252}, point{297, 258}, point{291, 206}, point{254, 160}, point{192, 128}), a.hair)
	a.fill(stroke(2, point{194, 84}, point{196, 128}), shade(a.hair, 150))
}

func (a *painter) bun() {
	a.fill(ellipse(206, 70, 46, 38), a.hair)
	a.fill(smooth(point{206, 82}, point{280, 100}, point{312, 170}, point{308, 250}, point{206, 260}, point{105, 250}, point{101, 170}, point{133, 100}), a.hair)
}

// The scarf takes the hair's colour: it is what frames the face.
func (a *painter) scarfBehind() {
	a.fill(smooth(point{206, 62}, point{300, 92}, point{338, 190}, point{336, 310}, point{352, 440}, point{206, 470},
		point{61, 440}, point{77, 310}, point{75, 190}, point{113, 92}), shade(a.hair, 88))
}

func (a *painter) scarfFront() {
	outer := smooth(point{206, 62}, point{300, 92}, point{336, 190}, point{330, 300}, point{318, 390}, point{270, 446},
		point{206, 462}, point{143, 446}, point{95, 390}, point{83, 300}, point{77, 190}, point{113, 92})
	inner := smooth(point{206, 132}, point{262, 146}, point{290, 196}, point{292, 250}, point{280, 304}, point{248, 346},
		point{206, 362}, point{165, 346}, point{133, 304}, point{121, 250}, point{123, 196}, point{151, 146})
	a.fill(hole(outer, inner), a.hair)
	fold := fade(shade(a.hair, 72), 150)
	a.fill(smooth(point{302, 216}, point{304, 300}, point{266, 384}, point{190, 424}, point{140, 424}, point{190, 418}, point{260, 376}, point{298, 300}), fold)
	a.fill(smooth(point{114, 336}, point{146, 384}, point{222, 410}, point{152, 376}), fold)
	a.fill(smooth(point{124, 136}, point{206, 98}, point{288, 136}, point{206, 106}), fold)
}

func (a *painter) beard() {
	beard := smooth(point{113, 250}, point{128, 286}, point{160, 298}, point{206, 296}, point{253, 298}, point{285, 286},
		point{300, 250}, point{294, 308}, point{258, 356}, point{206, 376}, point{155, 356}, point{119, 308})
	a.fill(beard, fade(a.hair, 225))
}

func (a *painter) glasses() {
	for _, x := range []float64{157, 256} {
		a.fill(ellipse(x, 241, 34, 29), color.NRGBA{0xff, 0xff, 0xff, 0x2c})
		a.fill(hole(ellipse(x, 241, 36, 31), ellipse(x, 241, 32, 27)), a.ink)
	}
	a.fill(stroke(4, point{191, 236}, point{206, 231}, point{222, 236}), a.ink)
	a.fill(stroke(4, point{122, 236}, point{106, 230}), a.ink)
	a.fill(stroke(4, point{291, 236}, point{307, 230}), a.ink)
}

// hole cuts the inner path out of the outer one by turning it round.
func hole(outer, inner path) path {
	all := append(path{}, outer...)
	for _, polygon := range inner {
		turned := make([]point, len(polygon))
		for i, p := range polygon {
			turned[len(polygon)-1-i] = p
		}
		all = append(all, turned)
	}
	return all
}

// letters are the pen strokes of the one word that is ever written, in a box of
// 4 × 6.
var letters = map[rune][][]point{
	'S': {{{4, 0.8}, {3.2, 0}, {0.8, 0}, {0, 0.8}, {0, 2.1}, {0.8, 2.9}, {3.2, 3.1}, {4, 3.9}, {4, 5.2}, {3.2, 6}, {0.8, 6}, {0, 5.2}}},
	'P': {{{0, 6}, {0, 0}, {3.1, 0}, {4, 0.9}, {4, 2.3}, {3.1, 3.2}, {0, 3.2}}},
	'E': {{{3.8, 0}, {0, 0}, {0, 6}, {3.8, 6}}, {{0, 2.9}, {3.1, 2.9}}},
	'C': {{{4, 0.9}, {3.1, 0}, {0.9, 0}, {0, 0.9}, {0, 5.1}, {0.9, 6}, {3.1, 6}, {4, 5.1}}},
	'I': {{{0.4, 0}, {0.4, 6}}},
	'M': {{{0, 6}, {0, 0}, {2.2, 3.6}, {4.4, 0}, {4.4, 6}}},
	'N': {{{0, 6}, {0, 0}, {4, 6}, {4, 0}}},
}

// lettering writes SPECIMEN across the chest, rising to the right.
func (a *painter) lettering() {
	const scale, slope = 8.9, -0.16
	sin, cos := math.Sincos(slope)
	var word path
	x := 0.0
	for _, letter := range "SPECIMEN" {
		width := 0.0
		for _, line := range letters[letter] {
			placed := make([]point, len(line))
			for i, p := range line {
				width = max(width, p.x)
				u, v := (x+p.x)*scale, p.y*scale
				placed[i] = point{21 + u*cos - v*sin, 463 + u*sin + v*cos}
			}
			word = append(word, stroke(8.5, placed...)...)
		}
		x += width + 1.75
	}
	a.fill(word, color.NRGBA{0xb4, 0x1f, 0x2a, 0xb0})
}

func parseColour(s string) (color.NRGBA, error) {
	rgb, err := hex.DecodeString(strings.TrimPrefix(s, "#"))
	if err != nil || len(rgb) != 3 || s[0] != '#' {
		return color.NRGBA{}, fmt.Errorf("colour %q is not of the form #rrggbb", s)
	}
	return color.NRGBA{rgb[0], rgb[1], rgb[2], 0xff}, nil
}

// shade makes a colour darker (below 100) or lighter.
func shade(c color.NRGBA, percent int) color.NRGBA {
	scale := func(v uint8) uint8 { return uint8(min(int(v)*percent/100, 255)) }
	return color.NRGBA{scale(c.R), scale(c.G), scale(c.B), c.A}
}

func fade(c color.NRGBA, alpha uint8) color.NRGBA {
	c.A = alpha
	return c
}

func mix(a, b color.NRGBA) color.NRGBA {
	half := func(x, y uint8) uint8 { return uint8((int(x) + int(y)) / 2) }
	return color.NRGBA{half(a.R, b.R), half(a.G, b.G), half(a.B, b.B), 0xff}
}
