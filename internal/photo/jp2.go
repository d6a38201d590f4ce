package photo

import (
	"encoding/binary"
	"errors"
)

// A JP2 file is a row of boxes around a codestream, ITU-T T.800 annex I. Only two
// things in it matter here: where the codestream is, and whether its colours need
// conversion. The decoder gets the bare codestream, so that it cannot find another
// one than the one checked.

// colourSpace is an enumerated colour space of ITU-T T.800 §I.5.3.3.
type colourSpace uint32

const (
	spaceRGB  colourSpace = 16
	spaceGrey colourSpace = 17
	spaceYCC  colourSpace = 18
)

const maxBoxes = 32

// openJP2 finds the codestream in a JP2 file; a bare one is returned as it is.
func openJP2(b []byte) (stream []byte, space colourSpace, err error) {
	if len(b) > 0 && b[0] == 0xFF {
		return b, 0, nil
	}
	err = boxes(b, func(kind string, content []byte) error {
		switch {
		case kind == "jp2h":
			space, err = readHeader(content)
			return err
		case kind == "jp2c" && stream == nil:
			stream = content
		}
		return nil
	})
	if err == nil && stream == nil {
		err = errors.New("JP2 file without a codestream")
	}
	return stream, space, err
}

func readHeader(b []byte) (space colourSpace, err error) {
	err = boxes(b, func(kind string, content []byte) error {
		switch {
		case kind == "pclr":
			return errors.New("JP2 file with a palette")
		case kind == "colr" && space == 0 && len(content) >= 7 && content[0] == 1: // enumerated
			space = colourSpace(binary.BigEndian.Uint32(content[3:]))
		}
		return nil
	})
	if err == nil && space != 0 && (space < spaceRGB || space > spaceYCC) {
		err = errors.New("JP2 file in an unknown colour space")
	}
	return space, err
}

// boxes calls do for each box in b. ITU-T T.800 §I.4.
func boxes(b []byte, do func(kind string, content []byte) error) error {
	for n := 0; len(b) > 0; n++ {
		if n == maxBoxes || len(b) < 8 {
			return errors.New("JP2 boxes do not add up")
		}
		length, start := uint64(binary.BigEndian.Uint32(b)), 8
		switch length {
		case 0: // to the end of the file
			length = uint64(len(b))
		case 1: // a 64-bit length follows
			if len(b) < 16 {
				return errors.New("JP2 boxes do not add up")
			}
			length, start = binary.BigEndian.Uint64(b[8:]), 16
		}
		if length < uint64(start) || length > uint64(len(b)) {
			return errors.New("JP2 boxes do not add up")
		}
		if err := do(string(b[4:8]), b[start:length]); err != nil {
			return err
		}
		b = b[length:]
	}
	return nil
}
