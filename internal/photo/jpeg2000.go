package photo

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"

	jpeg2000 "github.com/ajroetker/go-jpeg2000"
)

func fromJPEG2000(b []byte) (Picture, error) {
	stream, space, err := openJP2(b)
	if err != nil {
		return Picture{}, err
	}
	stream, err = checkCodestream(stream)
	if err != nil {
		return Picture{}, fmt.Errorf("JPEG 2000: %w", err)
	}
	decoded, err := decodeFenced(stream)
	if err != nil {
		return Picture{}, err
	}
	size := decoded.Bounds().Size()
	if err := checkSides(size.X, size.Y); err != nil {
		return Picture{}, err
	}
	if space == spaceYCC {
		decoded = fromYCC(decoded)
	}
	var out bytes.Buffer
	if err := png.Encode(&out, decoded); err != nil {
		return Picture{}, fmt.Errorf("encode PNG: %w", err)
	}
	return Picture{MIME: "image/png", Data: out.Bytes(), Width: size.X, Height: size.Y}, nil
}

// decodeFenced keeps a panic of the decoder from taking the program down. The
// decoder is somebody else's, young, and indexes slices by what the stream says;
// it runs in this goroutine alone and shares no state, so that after a panic
// there is nothing half done left behind. This is the only recover in the house.
func decodeFenced(stream []byte) (decoded image.Image, err error) {
	defer func() {
		if recover() != nil {
			decoded, err = nil, errors.New("JPEG 2000 picture makes the decoder fail")
		}
	}()
	decoded, err = jpeg2000.Decode(bytes.NewReader(stream))
	if err != nil {
		// The decoder's message may quote the stream.
		return nil, errors.New("JPEG 2000 picture cannot be decoded")
	}
	return decoded, nil
}

// fromYCC converts components that were stored as luminance and chrominance
// without saying so in the codestream (sYCC, ITU-T T.801 §M.11.7.3).
func fromYCC(in image.Image) image.Image {
	out := image.NewRGBA(in.Bounds())
	for y := in.Bounds().Min.Y; y < in.Bounds().Max.Y; y++ {
		for x := in.Bounds().Min.X; x < in.Bounds().Max.X; x++ {
			c := color.RGBAModel.Convert(in.At(x, y)).(color.RGBA)
			r, g, b := color.YCbCrToRGB(c.R, c.G, c.B)
			out.SetRGBA(x, y, color.RGBA{r, g, b, 0xFF})
		}
	}
	return out
}
