package remake

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"image/jpeg"

	"cnie/lds"
	"cnie/simulator/persona"
)

var errPortrait = errors.New("no portrait is so small")

// portrait is a DG2 of a length, with a drawn face where there is room for one.
func (o *original) portrait(size int) ([]byte, error) {
	face := lds.Face{Width: 413, Height: 531}
	name := "specimen"
	if was, err := lds.ParseDG2(o.files[lds.DG2]); err == nil && len(was) > 0 {
		face.Width, face.Height = was[0].Width, was[0].Height
		if was[0].Format == lds.JPEG2000 {
			name = "jpeg2000"
		}
	}
	drawn, err := drawnFace(name)
	if err != nil || size == 0 {
		return drawn.dg2, err
	}
	encode := func(n int) ([]byte, error) {
		face.Image = drawn.stretched(n)
		if face.Image == nil {
			return nil, errPortrait
		}
		return lds.EncodeDG2([]lds.Face{face})
	}
	frame, err := encode(len(drawn.image))
	if err != nil {
		return nil, err
	}
	// The lengths around a picture take more bytes as it grows, by steps.
	guess := size - (len(frame) - len(drawn.image))
	for n := guess + 8; n >= guess-8 && n > 0; n-- {
		if made, err := encode(n); err == nil && len(made) == size {
			return made, nil
		}
	}
	return nil, errPortrait
}

// drawing is the portrait of a shipped persona.
type drawing struct {
	dg2, image []byte
	jp2        bool
}

func drawnFace(name string) (drawing, error) {
	p, err := persona.Load(name)
	if err != nil {
		return drawing{}, err
	}
	card, err := p.Card()
	if err != nil {
		return drawing{}, err
	}
	faces, err := lds.ParseDG2(card.Files[lds.DG2])
	if err != nil {
		return drawing{}, err
	}
	return drawing{card.Files[lds.DG2], faces[0].Image, faces[0].Format == lds.JPEG2000}, nil
}

// stretched is the drawing in exactly n bytes: followed by what decoders pass
// over, or replaced by a plain grey picture when there is too little room.
func (d drawing) stretched(n int) []byte {
	spare := n - len(d.image)
	switch {
	case spare < 0:
		return grey(n)
	case spare >= 8 && d.jp2: // ISO 15444-1 §I.4: boxes of unknown types are passed over
		box := append(binary.BigEndian.AppendUint32(nil, uint32(spare)), "free"...)
		return append(append(bytes.Clone(d.image), box...), make([]byte, spare-8)...)
	}
	return append(bytes.Clone(d.image), make([]byte, spare)...)
}

// grey is a JPEG picture in n bytes, nil when there is none so small.
func grey(n int) []byte {
	for _, side := range []int{256, 64, 8} {
		var b bytes.Buffer
		picture := image.NewGray(image.Rect(0, 0, side, side))
		for i := range picture.Pix {
			picture.Pix[i] = 0xB0
		}
		if err := jpeg.Encode(&b, picture, &jpeg.Options{Quality: 20}); err == nil && b.Len() <= n {
			return append(b.Bytes(), make([]byte, n-b.Len())...)
		}
	}
	return nil
}
