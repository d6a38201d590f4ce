package photo

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
)

// Markers of a JPEG 2000 codestream, ITU-T T.800 table A.2.
const (
	markerSOC = 0xFF4F
	markerSIZ = 0xFF51
	markerCOD = 0xFF52
	markerTLM = 0xFF55
	markerPLM = 0xFF57
	markerPLT = 0xFF58
	markerQCD = 0xFF5C
	markerQCC = 0xFF5D
	markerCRG = 0xFF63
	markerCOM = 0xFF64
	markerSOT = 0xFF90
	markerSOD = 0xFF93
	markerEOC = 0xFFD9
)

const (
	maxTiles     = 64
	maxLayers    = 64
	maxLevels    = 10
	maxPrecincts = 4096 // of one component
)

var errCutOff = errors.New("codestream is cut off")

// checkCodestream walks every marker of the codestream and lets nothing through
// that would cost the decoder more than the bounds of this package allow, nor any
// feature that it does not decode faithfully (regions of interest, packed headers,
// changes of progression or of coding style on the way). It returns a copy whose
// last tile-part has its length filled in.
func checkCodestream(b []byte) ([]byte, error) {
	w := walker{out: bytes.Clone(b)}
	if w.marker() != markerSOC || w.marker() != markerSIZ {
		return nil, errors.New("does not begin with SOC and SIZ")
	}
	if err := w.size(w.segment()); err != nil {
		return nil, err
	}
	if err := w.mainHeader(); err != nil {
		return nil, err
	}
	for parts := 0; ; parts++ {
		if parts > 4*maxTiles {
			return nil, errors.New("too many tile-parts")
		}
		more, err := w.tilePart()
		if err != nil {
			return nil, err
		}
		if !more {
			return w.out[:w.at], nil
		}
	}
}

// walker reads a codestream from at on. A read past the end gives zeros, which
// are no marker and no length.
type walker struct {
	out           []byte
	at            int
	width, height int
	tiles         int
}

func (w *walker) marker() int {
	if len(w.out)-w.at < 2 {
		w.at = len(w.out)
		return 0
	}
	w.at += 2
	return int(binary.BigEndian.Uint16(w.out[w.at-2:]))
}

// segment returns the content of a marker segment, nil when it is cut off.
func (w *walker) segment() []byte {
	length := w.marker()
	if length < 2 || length-2 > len(w.out)-w.at {
		return nil
	}
	w.at += length - 2
	return w.out[w.at-length+2 : w.at]
}

// size checks the SIZ segment, ITU-T T.800 §A.5.1.
func (w *walker) size(b []byte) error {
	if len(b) < 36 {
		return errCutOff
	}
	field := func(i int) int { return int(binary.BigEndian.Uint32(b[2+4*i:])) }
	x, y, x0, y0 := field(0), field(1), field(2), field(3)
	tw, th, tx0, ty0 := field(4), field(5), field(6), field(7)
	if err := checkSides(x, y); err != nil {
		return err
	}
	if x0 >= x || y0 >= y || x*y > maxPixels {
		return fmt.Errorf("picture is empty or has more than %d pixels", maxPixels)
	}
	if tx0 > x0 || ty0 > y0 || tw < 1 || th < 1 || tx0+tw <= x0 || ty0+th <= y0 {
		return errors.New("tiles do not fit the picture")
	}
	w.width, w.height = x, y
	w.tiles = ((x - tx0 + tw - 1) / tw) * ((y - ty0 + th - 1) / th)
	if w.tiles > maxTiles {
		return fmt.Errorf("more than %d tiles", maxTiles)
	}
	return checkComponents(b[34:])
}

// checkComponents allows what ISO/IEC 19794-5 §5.8 does: grey or colour, 8 bits.
func checkComponents(b []byte) error {
	n := int(binary.BigEndian.Uint16(b))
	if n != 1 && n != 3 || len(b) != 2+3*n {
		return fmt.Errorf("%d components, want 1 or 3", n)
	}
	for b = b[2:]; len(b) > 0; b = b[3:] {
		if b[0] != 7 || b[1] != 1 || b[2] != 1 {
			return errors.New("component is not 8 bits without a sign and without subsampling")
		}
	}
	return nil
}

// mainHeader walks up to the first SOT, which it leaves to be read.
func (w *walker) mainHeader() error {
	styles := 0
	for {
		switch m := w.marker(); m {
		case markerSOT:
			w.at -= 2
			if styles != 1 {
				return errors.New("not exactly one coding style")
			}
			return nil
		case markerCOD:
			styles++
			if err := w.style(w.segment()); err != nil {
				return err
			}
		case markerQCD, markerQCC, markerTLM, markerPLM, markerCRG, markerCOM:
			if w.segment() == nil {
				return errCutOff
			}
		default:
			return fmt.Errorf("marker %04X in the main header", m)
		}
	}
}

// style checks the COD segment, ITU-T T.800 §A.6.1. Small code blocks and many
// precincts are legal and ruinous: each costs the decoder more than its samples do.
func (w *walker) style(b []byte) error {
	if len(b) < 10 {
		return errCutOff
	}
	layers, levels := int(binary.BigEndian.Uint16(b[2:])), int(b[5])
	width, height := int(b[6])+2, int(b[7])+2 // exponents of 2
	switch {
	case layers < 1 || layers > maxLayers:
		return fmt.Errorf("%d layers, want 1 … %d", layers, maxLayers)
	case levels > maxLevels:
		return fmt.Errorf("more than %d decomposition levels", maxLevels)
	case width < 4 || height < 4 || width > 10 || height > 10 || width+height > 12:
		return errors.New("code blocks of a size that is not allowed")
	case b[0]&1 == 0:
		return nil // one precinct for each resolution of a tile
	case len(b) != 10+levels+1:
		return errors.New("precincts do not fit the levels")
	}
	return w.precincts(b[10:])
}

// precincts bounds their number: one byte for each resolution, smallest first,
// with the exponents of width and height.
func (w *walker) precincts(sizes []byte) error {
	count := 0
	for r, size := range sizes {
		if size&0xF == 0 || size>>4 == 0 {
			return errors.New("precincts of one sample")
		}
		shift := len(sizes) - 1 - r
		across := w.width>>shift>>(size&0xF) + 2
		down := w.height>>shift>>(size>>4) + 2
		count += across * down
	}
	if count > maxPrecincts {
		return fmt.Errorf("more than %d precincts", maxPrecincts)
	}
	return nil
}

// tilePart walks one tile-part; false at the end of the codestream.
func (w *walker) tilePart() (more bool, err error) {
	start := w.at
	if start == len(w.out) { // some encoders leave EOC out
		return false, nil
	}
	switch w.marker() {
	case markerEOC:
		return false, nil
	case markerSOT:
	default:
		return false, errors.New("tile-part does not begin where the last one ends")
	}
	b := w.segment()
	if len(b) != 8 || int(binary.BigEndian.Uint16(b)) >= w.tiles {
		return false, errors.New("tile-part of no tile")
	}
	if binary.BigEndian.Uint32(b[2:]) == 0 { // up to EOC; the decoder wants a number
		binary.BigEndian.PutUint32(b[2:], uint32(max(0, len(w.out)-2-start)))
	}
	length := int(binary.BigEndian.Uint32(b[2:]))
	for {
		switch m := w.marker(); m {
		case markerPLT, markerCOM:
			if w.segment() == nil {
				return false, errCutOff
			}
			continue
		case markerSOD:
		default:
			return false, fmt.Errorf("marker %04X in a tile-part header", m)
		}
		break
	}
	if start+length < w.at || start+length > len(w.out) {
		return false, errCutOff
	}
	w.at = start + length
	return true, nil
}
