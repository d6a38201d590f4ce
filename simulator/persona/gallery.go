package persona

import (
	"bytes"
	"fmt"
	"image/jpeg"
	"sync"
)

// encode gives the image of DG2. There is no JPEG 2000 encoder here: the drawing
// of the default look is kept ready in that format (made by OpenJPEG from these
// pixels, 50:1), whatever else is asked for.
func (p Portrait) encode() ([]byte, error) {
	if p.Format == "jpeg2000" {
		return shipped.ReadFile("personas/portrait.jp2")
	}
	return drawn.get(p.filled())
}

// gallery remembers portraits: drawing takes far longer than everything else
// that a card needs, and generated people share a limited number of looks.
type gallery struct {
	mu    sync.Mutex
	looks map[Portrait][]byte
}

var drawn = gallery{looks: map[Portrait][]byte{}}

// maxLooks bounds the gallery to some ten megabytes.
const maxLooks = 512

func (g *gallery) get(look Portrait) ([]byte, error) {
	g.mu.Lock()
	known, ok := g.looks[look]
	g.mu.Unlock()
	if ok {
		return known, nil
	}
	picture, err := look.jpeg() // perhaps twice at a time, to the same result
	if err != nil {
		return nil, err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.looks) < maxLooks {
		g.looks[look] = picture
	}
	return picture, nil
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
