// Package photo turns the portrait of an identity document into something a
// browser shows.
//
// The bytes come from a card that nobody vouches for yet, and go to a decoder, so
// the order of steps matters: the headers are read here first, by code that
// allocates nothing, and only a picture of sane size and structure reaches a
// decoder. A JPEG is decoded to prove that it can be, and passed on as it is. A
// JPEG 2000 picture, which browsers do not show, is decoded and encoded again as
// PNG, so that the clerk sees every pixel that the card holds.
//
// # Bounds
//
// At most 4 MiB of input, 4096 pixels on a side, 32 scans of a JPEG; for JPEG 2000,
// whose decoder keeps about 40 bytes for each sample, also 2 Mi pixels in all, 64 tiles and
// 64 quality layers. Portraits on cards are some 400 by 500 pixels in 15 kB.
//
// # Confinement
//
// Render decodes in the process that calls it. Confined, which is what a counter
// uses, starts the program once more with the hidden command Command, and that
// child gives up its rights before it reads: on Linux no file, socket or process
// can be opened (seccomp), memory and processor time are limited, and what it
// prints is inspected again. On Windows a job object limits memory, time and
// processes, but files and network stay in reach; on other systems files cannot
// be opened, but the network stays in reach. A child that falls, spins or prints
// something else than a plain picture is a *Failure and nothing more.
package photo

import (
	"bytes"
	"errors"
	"fmt"
	"image/jpeg"

	"cnie/lds"
)

// Picture is an image that a browser shows. Width and Height are its own, not
// what the record on the card announced.
type Picture struct {
	MIME          string // "image/jpeg" or "image/png"
	Data          []byte
	Width, Height int // pixels
}

const (
	maxBytes  = 4 << 20
	maxSide   = 4096
	maxPixels = 2 << 20 // of a JPEG 2000 picture
	maxScans  = 32
)

// Render converts the image of a face. Errors say what is wrong with the picture
// and never repeat its bytes.
func Render(face lds.Face) (Picture, error) {
	if len(face.Image) > maxBytes {
		return Picture{}, fmt.Errorf("picture of more than %d bytes", maxBytes)
	}
	switch face.Format {
	case lds.JPEG:
		return fromJPEG(face.Image)
	case lds.JPEG2000:
		return fromJPEG2000(face.Image)
	}
	return Picture{}, errors.New("picture is neither JPEG nor JPEG 2000")
}

func fromJPEG(b []byte) (Picture, error) {
	width, height, err := sizeOfJPEG(b)
	if err != nil {
		return Picture{}, err
	}
	// A progressive scan can cost a pass over all pixels in some thirty bytes.
	if bytes.Count(b, []byte{0xFF, 0xDA}) > maxScans {
		return Picture{}, fmt.Errorf("JPEG of more than %d scans", maxScans)
	}
	if _, err := jpeg.Decode(bytes.NewReader(b)); err != nil {
		return Picture{}, errors.New("JPEG cannot be decoded")
	}
	return Picture{MIME: "image/jpeg", Data: b, Width: width, Height: height}, nil
}

func sizeOfJPEG(b []byte) (width, height int, err error) {
	config, err := jpeg.DecodeConfig(bytes.NewReader(b))
	if err != nil {
		return 0, 0, errors.New("JPEG header is malformed")
	}
	return config.Width, config.Height, checkSides(config.Width, config.Height)
}

func checkSides(width, height int) error {
	if width < 1 || height < 1 || width > maxSide || height > maxSide {
		return fmt.Errorf("picture of %d by %d pixels, want 1 … %d", width, height, maxSide)
	}
	return nil
}
