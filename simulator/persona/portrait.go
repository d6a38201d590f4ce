package persona

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"math"
)

// Portrait says how a person is drawn: a neutral figure that nobody could take
// for a photograph, with SPECIMEN across it. Colours are "#rrggbb".
type Portrait struct {
	Skin       string `yaml:"skin"`
	Hair       string `yaml:"hair"`  // or scarf
	Style      string `yaml:"style"` // short (default), long, bun, scarf or bald
	Clothes    string `yaml:"clothes"`
	Background string `yaml:"background"`
	Beard      bool   `yaml:"beard"`
	Glasses    bool   `yaml:"glasses"`
	Format     string `yaml:"format"` // jpeg (default) or jpeg2000
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
	set(&p.Clothes, "#3d5a73")
	set(&p.Background, "#d9e2e6")
	set(&p.Format, "jpeg")
	return p
}

// encode gives the image of DG2. There is no JPEG 2000 encoder here: the drawing
// of the default look is kept ready in that format (made by OpenJPEG from these
// pixels, 50:1), whatever else is asked for.
func (p Portrait) encode() ([]byte, error) {
	if p.Format == "jpeg2000" {
		return shipped.ReadFile("personas/portrait.jp2")
	}
	return p.jpeg()
}

func (p Portrait) jpeg() ([]byte, error) {
	img, err := p.draw()
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := jpeg.Encode(&out, img, &jpeg.Options{Quality: jpegQuality}); err != nil {
		return nil, fmt.Errorf("encode portrait: %w", err)
	}
	return out.Bytes(), nil
}

// painter fills shapes in the colours of one portrait.
type painter struct {
	img                                *image.RGBA
	skin, hair, clothes, backdrop, ink color.NRGBA
}

func (p Portrait) draw() (*image.RGBA, error) {
	p = p.filled()
	if hairStyles[p.Style] == nil {
		return nil, fmt.Errorf("portrait style %q is none of short, long, bun, scarf, bald", p.Style)
	}
	art := &painter{img: image.NewRGBA(image.Rect(0, 0, portraitWidth, portraitHeight))}
	for _, named := range []struct {
		to   *color.NRGBA
		from string
	}{{&art.skin, p.Skin}, {&art.hair, p.Hair}, {&art.clothes, p.Clothes}, {&art.backdrop, p.Background}} {
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
	style := hairStyles[p.Style]
	if style.behind != nil {
		style.behind(a)
	}
	a.body()
	a.head()
	if p.Beard {
		a.beard()
	}
	a.face()
	if style.front != nil {
		style.front(a)
	}
	if p.Glasses {
		a.glasses()
	}
	a.lettering()
}

func (a *painter) fill(shape path, c color.NRGBA) { fill(a.img, shape, c) }

// background is a soft gradient under fine waves, as printed documents have.
func (a *painter) background() {
	for y := range portraitHeight {
		row := shade(a.backdrop, 100+8-18*y/portraitHeight)
		for x := range portraitWidth {
			a.img.SetRGBA(x, y, color.RGBA{row.R, row.G, row.B, 0xff})
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

func (a *painter) body() {
	a.fill(smooth(point{-20, 560}, point{4, 470}, point{70, 428}, point{150, 400}, point{206, 396},
		point{263, 400}, point{343, 428}, point{409, 470}, point{433, 560}, point{206, 580}), a.clothes)
	a.fill(smooth(point{160, 330}, point{253, 330}, point{256, 384}, point{272, 406}, point{206, 446},
		point{141, 406}, point{157, 384}), shade(a.skin, 86))
	collar := shade(a.clothes, 78)
	a.fill(stroke(11, point{136, 404}, point{164, 432}, point{206, 452}, point{249, 432}, point{277, 404}), collar)
	a.fill(stroke(3, point{206, 454}, point{206, 540}), collar)
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

func (a *painter) face() {
	brow := fade(mix(a.ink, shade(a.skin, 60)), 230)
	for _, side := range []float64{-1, 1} {
		x := func(offset float64) float64 { return 206.5 + side*offset }
		a.fill(smooth(point{x(24), 214}, point{x(46), 203}, point{x(72), 209}, point{x(74), 214}, point{x(46), 211}), brow)
		a.fill(smooth(point{x(28), 240}, point{x(48), 229}, point{x(68), 240}, point{x(48), 249}), color.NRGBA{0xf6, 0xf3, 0xee, 0xff})
		a.fill(ellipse(x(48), 239, 9, 9.5), color.NRGBA{0x4a, 0x38, 0x2c, 0xff})
		a.fill(ellipse(x(48), 239, 4.2, 4.4), a.ink)
		a.fill(ellipse(x(48)+3, 235.5, 2, 2), color.NRGBA{0xff, 0xff, 0xff, 0xdd})
		a.fill(stroke(2.6, point{x(27), 239}, point{x(37), 232}, point{x(48), 229}, point{x(60), 232}, point{x(69), 239}), a.ink)
	}
	a.fill(stroke(3.4, point{203, 244}, point{198, 276}, point{197, 284}, point{206, 289}, point{216, 284}), fade(shade(a.skin, 62), 190))
	lips := mix(a.skin, color.NRGBA{0xa0, 0x3c, 0x44, 0xff})
	a.fill(smooth(point{173, 317}, point{193, 311}, point{206, 314}, point{220, 311}, point{240, 317}, point{222, 327}, point{206, 330}, point{191, 327}), lips)
	a.fill(stroke(2, point{175, 317}, point{192, 318}, point{206, 319}, point{221, 318}, point{238, 317}), shade(lips, 65))
}
