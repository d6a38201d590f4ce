package persona

import (
	"fmt"
	"image"
	"image/color"
	"math"
)

// Portrait says how a person is drawn: a neutral figure that nobody could take
// for a photograph, with SPECIMEN across it. Colours are "#rrggbb".
type Portrait struct {
	Skin       string `yaml:"skin,omitempty"`
	Hair       string `yaml:"hair,omitempty"`  // or scarf
	Style      string `yaml:"style,omitempty"` // of the hair: short by default, see styleNames
	Eyes       string `yaml:"eyes,omitempty"`
	Age        string `yaml:"age,omitempty"` // child, adult (default) or elder
	Collar     string `yaml:"collar,omitempty"`
	Clothes    string `yaml:"clothes,omitempty"`
	Background string `yaml:"background,omitempty"`
	Beard      bool   `yaml:"beard,omitempty"`
	Moustache  bool   `yaml:"moustache,omitempty"`
	Glasses    bool   `yaml:"glasses,omitempty"`
	Format     string `yaml:"format,omitempty"` // jpeg (default) or jpeg2000
}

// The size of a DG2 portrait: 35 × 45 mm at 300 dpi.
const (
	portraitWidth  = 413
	portraitHeight = 531
	jpegQuality    = 75 // brings the file to what cards hold, 12 to 16 kB
)

// filled gives every field that the persona leaves open its plain value.
func (p Portrait) filled() Portrait {
	set := func(field *string, value string) {
		if *field == "" {
			*field = value
		}
	}
	set(&p.Skin, "#c99873")
	set(&p.Hair, "#33261f")
	set(&p.Style, "short")
	set(&p.Eyes, "#4a382c")
	set(&p.Age, "adult")
	set(&p.Collar, "round")
	set(&p.Clothes, "#3d5a73")
	set(&p.Background, "#d9e2e6")
	set(&p.Format, "jpeg")
	return p
}

// painter fills shapes in the colours of one portrait.
type painter struct {
	img                                      *image.RGBA
	skin, hair, eyes, clothes, backdrop, ink color.NRGBA
	place                                    func(point) point // where a point of an adult's drawing goes
}

func (p Portrait) draw() (*image.RGBA, error) {
	p = p.filled()
	if hairStyles[p.Style] == nil {
		return nil, fmt.Errorf("no portrait style is called %q", p.Style)
	}
	art := &painter{place: unmoved, img: image.NewRGBA(image.Rect(0, 0, portraitWidth, portraitHeight))}
	for _, named := range []struct {
		to   *color.NRGBA
		from string
	}{{&art.skin, p.Skin}, {&art.hair, p.Hair}, {&art.eyes, p.Eyes}, {&art.clothes, p.Clothes}, {&art.backdrop, p.Background}} {
		c, err := parseColour(named.from)
		if err != nil {
			return nil, err
		}
		*named.to = c
	}
	art.ink = color.NRGBA{0x2b, 0x22, 0x20, 0xff}
	art.figure(p)
	return art.img, nil
}

func (a *painter) figure(p Portrait) {
	a.background()
	if p.Age == "child" {
		a.place = smaller
	}
	style := hairStyles[p.Style]
	if style.behind != nil {
		style.behind(a)
	}
	a.body(p.Collar)
	a.head()
	if p.Age == "elder" {
		a.wrinkles()
	}
	if p.Beard {
		a.beard()
	}
	a.face(p.Age == "child")
	if p.Moustache {
		a.moustache()
	}
	if style.front != nil {
		style.front(a)
	}
	if p.Glasses {
		a.glasses()
	}
	a.place = unmoved
	a.lettering()
}

func unmoved(p point) point { return p }

// smaller is a child's stature: narrower, lower and rounder.
func smaller(p point) point {
	return point{206.5 + (p.x-206.5)*0.87, 560 + (p.y-560)*0.83}
}

func (a *painter) fill(shape path, c color.NRGBA) {
	for _, polygon := range shape {
		for i, p := range polygon {
			polygon[i] = a.place(p)
		}
	}
	fill(a.img, shape, c)
}

// background is a soft gradient under fine waves, as printed documents have.
func (a *painter) background() {
	for y := range portraitHeight {
		c := shade(a.backdrop, 100+8-18*y/portraitHeight)
		row := a.img.Pix[y*a.img.Stride : (y+1)*a.img.Stride]
		for x := 0; x < len(row); x += 4 {
			row[x], row[x+1], row[x+2], row[x+3] = c.R, c.G, c.B, 0xff
		}
	}
	line := fade(shade(a.backdrop, 82), 70)
	for i := range 11 {
		var wave []point
		for x := -6.0; x <= portraitWidth+6; x += 7 {
			phase := x/46 + float64(i)*0.55
			wave = append(wave, point{x, float64(i)*50 - 4 + 13*math.Sin(phase)})
		}
		a.fill(stroke(1.3, wave...), line)
	}
}

func (a *painter) body(collar string) {
	a.fill(smooth(point{-20, 560}, point{4, 470}, point{70, 428}, point{150, 400}, point{206, 396},
		point{263, 400}, point{343, 428}, point{409, 470}, point{433, 560}, point{206, 580}), a.clothes)
	a.fill(smooth(point{160, 330}, point{253, 330}, point{256, 384}, point{272, 406}, point{206, 446},
		point{141, 406}, point{157, 384}), shade(a.skin, 86))
	a.collar(collar)
}

func (a *painter) collar(kind string) {
	edge := shade(a.clothes, 78)
	switch kind {
	case "shirt":
		cloth := shade(a.clothes, 118)
		a.fill(smooth(point{136, 398}, point{128, 416}, point{166, 464}, point{206, 456}, point{160, 426}), cloth)
		a.fill(smooth(point{277, 398}, point{285, 416}, point{247, 464}, point{207, 456}, point{253, 426}), cloth)
		a.fill(stroke(3, point{206, 458}, point{206, 540}), edge)
		for y := 480.0; y < 531; y += 28 {
			a.fill(ellipse(206, y, 3.5, 3.5), edge)
		}
		return
	case "hood": // of a djellaba, down
		a.fill(stroke(30, point{118, 392}, point{142, 438}, point{206, 496}, point{271, 438}, point{295, 392}), edge)
		a.fill(stroke(3, point{130, 396}, point{152, 432}, point{206, 480}, point{261, 432}, point{283, 396}), shade(a.clothes, 62))
		a.fill(stroke(6, point{206, 500}, point{206, 540}), edge)
		return
	}
	a.fill(stroke(11, point{136, 404}, point{164, 432}, point{206, 452}, point{249, 432}, point{277, 404}), edge)
	a.fill(stroke(3, point{206, 454}, point{206, 540}), edge)
}

func (a *painter) head() {
	ear := shade(a.skin, 90)
	a.fill(ellipse(109, 244, 15, 28), ear)
	a.fill(ellipse(304, 244, 15, 28), ear)
	a.fill(smooth(point{206, 106}, point{264, 122}, point{299, 176}, point{302, 240}, point{288, 300},
		point{252, 348}, point{206, 366}, point{161, 348}, point{125, 300}, point{111, 240}, point{114, 176},
		point{149, 122}), a.skin)
	a.fill(smooth(point{286, 168}, point{301, 240}, point{286, 300}, point{252, 347}, point{214, 364},
		point{258, 322}, point{276, 262}), fade(shade(a.skin, 70), 70))
}
