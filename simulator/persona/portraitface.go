package persona

import "image/color"

// face draws eyes, nose and mouth; a child's eyes are larger.
func (a *painter) face(child bool) {
	size := 1.0
	if child {
		size = 1.2
	}
	for _, side := range []float64{-1, 1} {
		a.eye(side, size)
	}
	a.fill(stroke(3.4, point{203, 244}, point{198, 276}, point{197, 284}, point{206, 289}, point{216, 284}), fade(shade(a.skin, 62), 190))
	lips := mix(a.skin, color.NRGBA{0xa0, 0x3c, 0x44, 0xff})
	a.fill(smooth(point{173, 317}, point{193, 311}, point{206, 314}, point{220, 311}, point{240, 317}, point{222, 327}, point{206, 330}, point{191, 327}), lips)
	a.fill(stroke(2, point{175, 317}, point{192, 318}, point{206, 319}, point{221, 318}, point{238, 317}), shade(lips, 65))
}

// eye draws one with its brow, left (-1) or right (1).
func (a *painter) eye(side, size float64) {
	at := func(x, y float64) point { // grown from the middle of the eye
		return point{206.5 + side*(48+(x-48)*size), 239 + (y-239)*size}
	}
	x := func(offset float64) float64 { return 206.5 + side*offset }
	brow := fade(mix(a.ink, shade(a.skin, 60)), 230)
	a.fill(smooth(point{x(24), 214}, point{x(46), 203}, point{x(72), 209}, point{x(74), 214}, point{x(46), 211}), brow)
	a.fill(smooth(at(28, 240), at(48, 229), at(68, 240), at(48, 249)), color.NRGBA{0xf6, 0xf3, 0xee, 0xff})
	a.fill(ellipse(x(48), 239, 9*size, 9.5*size), a.eyes)
	a.fill(ellipse(x(48), 239, 4.2*size, 4.4*size), a.ink)
	a.fill(ellipse(x(48)+3, 235.5, 2*size, 2*size), color.NRGBA{0xff, 0xff, 0xff, 0xdd})
	a.fill(stroke(2.6, at(27, 239), at(37, 232), at(48, 229), at(60, 232), at(69, 239)), a.ink)
}

func (a *painter) wrinkles() {
	line := fade(shade(a.skin, 66), 120)
	a.fill(stroke(2.2, point{160, 180}, point{184, 175}, point{206, 177}, point{229, 175}, point{253, 180}), line)
	a.fill(stroke(2, point{168, 165}, point{206, 161}, point{245, 165}), line)
	for _, side := range []float64{-1, 1} {
		x := func(offset float64) float64 { return 206.5 + side*offset }
		a.fill(stroke(2.4, point{x(22), 284}, point{x(36), 298}, point{x(42), 314}), line)
		a.fill(stroke(2, point{x(30), 256}, point{x(48), 260}, point{x(64), 254}), line)
		a.fill(stroke(1.8, point{x(74), 236}, point{x(86), 230}), line)
		a.fill(stroke(1.8, point{x(74), 242}, point{x(87), 244}), line)
	}
}

func (a *painter) beard() {
	beard := smooth(point{113, 250}, point{128, 286}, point{160, 298}, point{206, 296}, point{253, 298}, point{285, 286},
		point{300, 250}, point{294, 308}, point{258, 356}, point{206, 376}, point{155, 356}, point{119, 308})
	a.fill(beard, fade(a.hair, 225))
}

func (a *painter) moustache() {
	a.fill(smooth(point{206, 300}, point{226, 296}, point{246, 308}, point{256, 320}, point{232, 313}, point{206, 310},
		point{181, 313}, point{157, 320}, point{167, 308}, point{187, 296}), fade(a.hair, 235))
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
