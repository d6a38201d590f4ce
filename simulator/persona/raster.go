package persona

import (
	"image"
	"image/color"
	"math"
	"slices"
)

// The drawing part of the portraits: closed paths filled with smooth edges.
// Points are rounded to 1/64 pixel and everything after that is integer
// arithmetic, so every machine draws the same pixels.

const (
	unit    = 64 // steps per pixel in both directions
	subrows = 4  // sample lines per pixel row
)

type point struct{ x, y float64 }

// path is a set of closed polygons, filled by the non-zero rule.
type path [][]point

// closed makes one polygon, turned so that overlapping ones unite.
func closed(points ...point) path {
	area := 0.0
	for i, p := range points {
		q := points[(i+1)%len(points)]
		area += p.x*q.y - q.x*p.y
	}
	if area < 0 {
		slices.Reverse(points)
	}
	return path{points}
}

func ellipse(cx, cy, rx, ry float64) path {
	points := make([]point, min(8+int(rx), 72))
	for i := range points {
		sin, cos := math.Sincos(2 * math.Pi * float64(i) / float64(len(points)))
		points[i] = point{cx + rx*cos, cy + ry*sin}
	}
	return closed(points...)
}

// smooth closes a Catmull-Rom curve through the points.
func smooth(through ...point) path {
	const steps = 12
	n := len(through)
	var points []point
	for i := range through {
		a, b, c, d := through[(i+n-1)%n], through[i], through[(i+1)%n], through[(i+2)%n]
		for s := range steps {
			t := float64(s) / steps
			points = append(points, point{spline(a.x, b.x, c.x, d.x, t), spline(a.y, b.y, c.y, d.y, t)})
		}
	}
	return closed(points...)
}

func spline(a, b, c, d, t float64) float64 {
	return 0.5 * (2*b + (c-a)*t + (2*a-5*b+4*c-d)*t*t + (3*b-a-3*c+d)*t*t*t)
}

// stroke draws along the points with a round pen.
func stroke(width float64, along ...point) path {
	r := width / 2
	var all path
	for i, p := range along {
		all = append(all, ellipse(p.x, p.y, r, r)...)
		if i == 0 {
			continue
		}
		q := along[i-1]
		length := math.Hypot(p.x-q.x, p.y-q.y)
		dx, dy := (p.y-q.y)/length*r, (q.x-p.x)/length*r
		all = append(all, closed(point{p.x + dx, p.y + dy}, point{p.x - dx, p.y - dy},
			point{q.x - dx, q.y - dy}, point{q.x + dx, q.y + dy})...)
	}
	return all
}

type edge struct{ x0, y0, x1, y1, turn int }

type crossing struct{ x, turn int }

// fill paints a path over the picture.
func fill(img *image.RGBA, shape path, c color.NRGBA) {
	edges, box := edgesOf(shape)
	box = box.Intersect(img.Rect)
	cover := make([]int, img.Rect.Dx())
	sweep := sweep{waiting: edges}
	for y := box.Min.Y; y < box.Max.Y; y++ {
		clear(cover[box.Min.X:box.Max.X])
		for s := range subrows {
			line := y*unit + s*unit/subrows + unit/(2*subrows)
			spans(cover, sweep.crossings(line))
		}
		row := img.Pix[img.PixOffset(0, y):]
		for x := box.Min.X; x < box.Max.X; x++ {
			if n := cover[x]; n > 0 {
				blend(row[4*x:], c, n)
			}
		}
	}
}

// edgesOf lists the edges from the top down, and the pixels around them.
func edgesOf(shape path) (edges []edge, box image.Rectangle) {
	low, high := image.Pt(math.MaxInt, math.MaxInt), image.Pt(math.MinInt, math.MinInt)
	for _, polygon := range shape {
		for i, p := range polygon {
			q := polygon[(i+1)%len(polygon)]
			e := edge{grid(p.x), grid(p.y), grid(q.x), grid(q.y), 1}
			if e.y0 > e.y1 {
				e = edge{e.x1, e.y1, e.x0, e.y0, -1}
			}
			low = image.Pt(min(low.X, e.x0, e.x1), min(low.Y, e.y0))
			high = image.Pt(max(high.X, e.x0, e.x1), max(high.Y, e.y1))
			edges = append(edges, e)
		}
	}
	slices.SortFunc(edges, func(a, b edge) int { return a.y0 - b.y0 })
	box = image.Rect(low.X>>6, low.Y>>6, high.X>>6+1, high.Y>>6+1) // unit is 1 << 6
	return edges, box
}

func grid(v float64) int { return int(math.Round(v * unit)) }

// sweep is a sample line on its way down: the edges that it meets, and those
// that it has not reached.
type sweep struct {
	active, waiting []edge
	found           []crossing
}

func (s *sweep) crossings(line int) []crossing {
	for len(s.waiting) > 0 && s.waiting[0].y0 <= line {
		s.active, s.waiting = append(s.active, s.waiting[0]), s.waiting[1:]
	}
	s.active = slices.DeleteFunc(s.active, func(e edge) bool { return e.y1 <= line })
	s.found = s.found[:0]
	for _, e := range s.active {
		s.found = append(s.found, crossing{e.x0 + (e.x1-e.x0)*(line-e.y0)/(e.y1-e.y0), e.turn})
	}
	slices.SortFunc(s.found, func(a, b crossing) int { return a.x - b.x })
	return s.found
}

// spans adds, pixel by pixel, how much of one sample line lies inside.
func spans(cover []int, found []crossing) {
	winding := 0
	for i, c := range found {
		if winding != 0 {
			from, to := max(found[i-1].x, 0), min(c.x, len(cover)*unit)
			for x := from; x < to; {
				end := min((x/unit+1)*unit, to)
				cover[x/unit] += end - x
				x = end
			}
		}
		winding += c.turn
	}
}

// blend mixes c into an opaque pixel; n is its coverage, unit*subrows for all of it.
func blend(pix []byte, c color.NRGBA, n int) {
	const whole = unit * subrows * 255
	alpha := min(n, unit*subrows) * int(c.A)
	for i, v := range [3]uint8{c.R, c.G, c.B} {
		pix[i] = uint8((int(v)*alpha + int(pix[i])*(whole-alpha) + whole/2) / whole)
	}
	pix[3] = 0xff
}
