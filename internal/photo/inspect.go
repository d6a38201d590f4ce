package photo

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"

	"cnie/lds"
)

// inspect trusts the child no further than it must. A hostile picture that took
// the decoder over can still choose every pixel, as an honest one does, but not
// send the browser anything but a plain picture: a JPEG comes back as the card has
// it, and a PNG has a header, samples and an end.
func inspect(out []byte, face lds.Face) (Picture, error) {
	if face.Format == lds.JPEG {
		width, height, err := sizeOfJPEG(out)
		if err != nil || !bytes.Equal(out, face.Image) {
			return Picture{}, &Failure{BadOutput}
		}
		return Picture{MIME: "image/jpeg", Data: out, Width: width, Height: height}, nil
	}
	width, height, ok := plainPNG(out)
	if face.Format != lds.JPEG2000 || !ok || checkSides(width, height) != nil || width*height > maxPixels {
		return Picture{}, &Failure{BadOutput}
	}
	return Picture{MIME: "image/png", Data: out, Width: width, Height: height}, nil
}

// plainPNG walks the chunks of a PNG: IHDR, IDAT, IEND and no other, whole, each
// with its checksum. ISO/IEC 15948 §5.
func plainPNG(b []byte) (width, height int, ok bool) {
	rest, ok := bytes.CutPrefix(b, []byte("\x89PNG\r\n\x1a\n"))
	for n := 0; ok; n++ {
		kind, content, after := chunk(rest)
		switch {
		case n == 0 && kind == "IHDR" && len(content) == 13:
			width = int(binary.BigEndian.Uint32(content))
			height = int(binary.BigEndian.Uint32(content[4:]))
		case n > 0 && kind == "IDAT":
		case n > 1 && kind == "IEND":
			return width, height, len(content) == 0 && len(after) == 0
		default:
			return 0, 0, false
		}
		rest = after
	}
	return 0, 0, false
}

// chunk splits off the first chunk; its kind is empty when it is not whole.
func chunk(b []byte) (kind string, content, after []byte) {
	if len(b) < 12 {
		return "", nil, nil
	}
	n := binary.BigEndian.Uint32(b)
	if uint64(n) > uint64(len(b)-12) {
		return "", nil, nil
	}
	end := 8 + int(n)
	if crc32.ChecksumIEEE(b[4:end]) != binary.BigEndian.Uint32(b[end:]) {
		return "", nil, nil
	}
	return string(b[4:8]), b[8:end], b[end+4:]
}
