package visible

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"

	"cnie/pki/adsig/pdf"
)

const (
	maxImageBytes = 16 << 20
	maxPixels     = 16 << 20
)

// drawImage draws the image as large as it goes without losing its shape, in the
// left third where there is text too, and returns where the text may begin.
func (k *Look) drawImage(u *pdf.Update, content *bytes.Buffer, resources pdf.Dict, width, height float64) (float64, error) {
	object, size, err := imageObject(u, k.Image)
	if err != nil {
		return 0, err
	}
	room := width - 2*margin
	if len(k.Lines) > 0 {
		room = width/3 - margin
	}
	scale := min(room/float64(size.X), (height-2*margin)/float64(size.Y))
	w, h := scale*float64(size.X), scale*float64(size.Y)
	x := margin
	if len(k.Lines) == 0 {
		x = (width - w) / 2
	}
	fmt.Fprintf(content, "q %.3f 0 0 %.3f %.3f %.3f cm /Im Do Q\n", w, h, x, (height-h)/2)
	resources["XObject"] = pdf.Dict{"Im": object}
	return x + w + margin, nil
}

// imageObject puts an image into the file: a JPEG as it is, a PNG as pixels with
// its transparency.
func imageObject(u *pdf.Update, data []byte) (pdf.Ref, image.Point, error) {
	config, kind, err := image.DecodeConfig(bytes.NewReader(data))
	size := image.Point{X: config.Width, Y: config.Height}
	if err != nil || len(data) > maxImageBytes || size.X < 1 || size.Y < 1 || size.X > maxPixels/size.Y {
		return pdf.Ref{}, size, fmt.Errorf("%w: the image is not a JPEG or PNG of up to %d pixels", ErrLook, maxPixels)
	}
	d := pdf.Dict{
		"Type": pdf.Name("XObject"), "Subtype": pdf.Name("Image"), "BitsPerComponent": int64(8),
		"Width": int64(size.X), "Height": int64(size.Y), "ColorSpace": pdf.Name("DeviceRGB"),
	}
	if kind == "jpeg" {
		r, err := jpegObject(u, d, config, data)
		return r, size, err
	}
	r, err := pngObject(u, d, data)
	return r, size, err
}

func jpegObject(u *pdf.Update, d pdf.Dict, config image.Config, data []byte) (pdf.Ref, error) {
	if _, err := jpeg.Decode(bytes.NewReader(data)); err != nil {
		return pdf.Ref{}, fmt.Errorf("%w: the image: %w", ErrLook, err)
	}
	switch config.ColorModel {
	case color.GrayModel:
		d["ColorSpace"] = pdf.Name("DeviceGray")
	case color.CMYKModel: // as the programs write it that write such files: inverted
		d["ColorSpace"] = pdf.Name("DeviceCMYK")
		d["Decode"] = pdf.Array{int64(1), int64(0), int64(1), int64(0), int64(1), int64(0), int64(1), int64(0)}
	}
	d["Filter"] = pdf.Name("DCTDecode")
	return u.Add(pdf.NewStream(d, data)), nil
}

func pngObject(u *pdf.Update, d pdf.Dict, data []byte) (pdf.Ref, error) {
	picture, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		return pdf.Ref{}, fmt.Errorf("%w: the image: %w", ErrLook, err)
	}
	bounds := picture.Bounds()
	pixels := make([]byte, 0, 3*bounds.Dx()*bounds.Dy())
	alpha := make([]byte, 0, bounds.Dx()*bounds.Dy())
	opaque := true
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			c := color.NRGBAModel.Convert(picture.At(x, y)).(color.NRGBA)
			pixels, alpha = append(pixels, c.R, c.G, c.B), append(alpha, c.A)
			opaque = opaque && c.A == 0xff
		}
	}
	if !opaque {
		mask := pdf.Dict{
			"Type": d["Type"], "Subtype": d["Subtype"], "BitsPerComponent": int64(8), "ColorSpace": pdf.Name("DeviceGray"),
			"Width": d["Width"], "Height": d["Height"],
		}
		stream, err := packed(mask, alpha)
		if err != nil {
			return pdf.Ref{}, err
		}
		d["SMask"] = u.Add(stream)
	}
	stream, err := packed(d, pixels)
	if err != nil {
		return pdf.Ref{}, err
	}
	return u.Add(stream), nil
}
