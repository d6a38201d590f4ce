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

var styleNames = []string{"short", "long", "bun", "scarf", "bald", "curly", "receding", "bob", "braids"}

var hairStyles = map[string]*hairStyle{
	"bald":     {},
	"short":    {front: (*painter).shortHair},
	"long":     {behind: (*painter).mane, front: (*painter).parting},
	"bun":      {behind: (*painter).bun, front: (*painter).parting},
	"scarf":    {behind: (*painter).scarfBehind, front: (*painter).scarfFront},
	"curly":    {behind: (*painter).curlsBehind, front: (*painter).curls},
	"receding": {front: (*painter).receding},
	"bob":      {behind: (*painter).bobBehind, front: (*painter).fringe},
	"braids":   {behind: (*painter).braids, front: (*painter).parting},
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

func (a *painter) curlsBehind() {
	a.curl(86, 230, 172, 34, point{118, 176}, point{300, 176}, point{102, 226}, point{311, 226})
}

// curl draws locks around the skull: round ones along an arch, and at points.
func (a *painter) curl(top, low, reach, size float64, more ...point) {
	var locks path
	for i := range 11 {
		sin, cos := math.Sincos(math.Pi * float64(i) / 10)
		locks = append(locks, ellipse(206.5-cos*reach*0.62, low-sin*(low-top), size, size*0.94)...)
	}
	for _, p := range more {
		locks = append(locks, ellipse(p.x, p.y, size*0.9, size)...)
	}
	a.fill(locks, a.hair)
}

func (a *painter) curls() {
	a.curl(104, 178, 146, 26, point{128, 150}, point{285, 150}, point{160, 128}, point{206, 118}, point{252, 128})
	shine := fade(shade(a.hair, 165), 80)
	for _, p := range []point{{150, 106}, {190, 92}, {232, 96}, {268, 118}} {
		a.fill(stroke(4, point{p.x - 9, p.y + 5}, point{p.x, p.y}, point{p.x + 10, p.y + 3}), shine)
	}
}

// receding leaves the top of the head bare.
func (a *painter) receding() {
	for _, side := range []float64{-1, 1} {
		x := func(offset float64) float64 { return 206.5 + side*offset }
		a.fill(smooth(point{x(102), 238}, point{x(106), 188}, point{x(92), 146}, point{x(68), 122}, point{x(58), 124},
			point{x(74), 150}, point{x(84), 184}, point{x(92), 214}), a.hair)
	}
	a.fill(smooth(point{170, 112}, point{206, 104}, point{243, 112}, point{206, 116}), fade(a.hair, 90))
}

func (a *painter) bobBehind() {
	a.fill(smooth(point{206, 74}, point{290, 98}, point{326, 180}, point{328, 280}, point{312, 350}, point{270, 356},
		point{206, 340}, point{143, 356}, point{101, 350}, point{85, 280}, point{87, 180}, point{123, 98}), a.hair)
}

func (a *painter) fringe() {
	a.fill(smooth(point{100, 250}, point{96, 170}, point{122, 106}, point{180, 80}, point{240, 82}, point{294, 110},
		point{317, 172}, point{313, 250}, point{300, 230}, point{292, 196}, point{250, 190}, point{206, 194}, point{162, 190},
		point{121, 196}, point{113, 230}), a.hair)
	a.fill(smooth(point{138, 128}, point{192, 98}, point{252, 104}, point{200, 112}), fade(shade(a.hair, 150), 100))
}

func (a *painter) braids() {
	a.fill(smooth(point{206, 78}, point{284, 98}, point{316, 170}, point{312, 260}, point{206, 270}, point{101, 260},
		point{97, 170}, point{129, 98}), a.hair)
	for _, x := range []float64{96, 317} {
		var braid path
		for y := 262.0; y < 440; y += 24 {
			braid = append(braid, ellipse(x, y, 19, 16)...)
		}
		a.fill(braid, a.hair)
		for y := 274.0; y < 440; y += 24 {
			a.fill(stroke(2.4, point{x - 14, y - 5}, point{x, y + 3}, point{x + 14, y - 5}), shade(a.hair, 62))
		}
		a.fill(ellipse(x, 440, 12, 8), shade(a.clothes, 120))
	}
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
