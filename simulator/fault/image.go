package fault

import (
	"bytes"
	"fmt"

	"cnie/lds"
)

// Pictures that no decoder should trust. None of them is more than a header.
var pictures = map[string][]byte{
	// A JPEG of 65,500 × 65,500 pixels: twelve gigabytes, once decoded.
	"jpeg-bomb": bytes.Join([][]byte{
		{0xFF, 0xD8, 0xFF, 0xE0, 0, 16, 'J', 'F', 'I', 'F', 0, 1, 1, 0, 0, 1, 0, 1, 0, 0},
		{0xFF, 0xC0, 0, 17, 8, 0xFF, 0xDC, 0xFF, 0xDC, 3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0},
		{0xFF, 0xDA, 0, 12, 3, 1, 0, 2, 0, 3, 0, 0, 63, 0}, make([]byte, 64), {0xFF, 0xD9},
	}, nil),
	// A JPEG 2000 codestream of 2^31 pixels in each direction, a single tile.
	"jpeg2000-bomb": bytes.Join([][]byte{
		{0xFF, 0x4F, 0xFF, 0x51, 0, 41, 0, 0},
		{0x7F, 0xFF, 0xFF, 0xFF, 0x7F, 0xFF, 0xFF, 0xFF}, make([]byte, 8),
		{0x7F, 0xFF, 0xFF, 0xFF, 0x7F, 0xFF, 0xFF, 0xFF}, make([]byte, 8),
		{0, 1, 7, 1, 1, 0xFF, 0xD9},
	}, nil),
	// A GIF of 65,535 × 65,535 pixels, which is no format for a document either.
	"gif-bomb": append([]byte("GIF89a\xFF\xFF\xFF\xFF\x80\x00\x00"), make([]byte, 6)...),
	// Text where a picture should be.
	"script": []byte("<script>SPECIMEN</script>"),
}

// portrait replaces the picture in DG2.
func portrait(w *work, s settings) error {
	image, known := pictures[s["of"]]
	if !known {
		return fmt.Errorf("no picture is called %q", s["of"])
	}
	content, err := lds.EncodeDG2([]lds.Face{{Width: 320, Height: 400, Image: image}})
	if err != nil { // no format of its own: the record around it says JPEG
		return err
	}
	w.card.Files[lds.DG2] = content
	return nil
}
