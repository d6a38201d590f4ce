package lds

import (
	"errors"
	"fmt"

	"cnie/apdu/tlv"
)

// Picture is an image of something that is printed on the document.
type Picture struct {
	Format ImageFormat
	Image  []byte
}

const (
	tagPortrait  tlv.Tag = 0x5F40
	tagSignature tlv.Tag = 0x5F43
	maxPictures          = 9
)

// ParseDG5 parses EF.DG5, the portrait as it is printed. ICAO 9303-10 §4.7.5.
func ParseDG5(b []byte) ([]Picture, error) {
	list, err := parsePictures(b, DG5, tagPortrait)
	return list, fileError(DG5, err)
}

// ParseDG7 parses EF.DG7, the signature or usual mark as it is printed.
// ICAO 9303-10 §4.7.7.
func ParseDG7(b []byte) ([]Picture, error) {
	list, err := parsePictures(b, DG7, tagSignature)
	return list, fileError(DG7, err)
}

// EncodeDG5 gives the bytes of EF.DG5.
func EncodeDG5(list []Picture) ([]byte, error) { return encodePictures(list, DG5, tagPortrait) }

// EncodeDG7 gives the bytes of EF.DG7.
func EncodeDG7(list []Picture) ([]byte, error) { return encodePictures(list, DG7, tagSignature) }

func parsePictures(b []byte, f File, tag tlv.Tag) ([]Picture, error) {
	all, err := counted(b, f)
	if err != nil {
		return nil, err
	}
	var list []Picture
	for _, e := range all {
		switch {
		case e.Tag != tag:
			return nil, fmt.Errorf("data object %v in a list of %v", e.Tag, tag)
		case len(e.Value) == 0:
			return nil, errors.New("empty picture")
		}
		list = append(list, Picture{sniff(e.Value), e.Value})
	}
	return list, nil
}

// counted takes a file apart that is a number, 1 … 9, and so many data objects.
func counted(b []byte, f File) ([]tlv.Element, error) {
	outer, err := tlv.One(b, tlv.Tag(f.Tag()))
	if err != nil {
		return nil, err
	}
	all, err := tlv.ReadAll(outer.Value, maxPictures+1)
	if err != nil {
		return nil, err
	}
	if len(all) < 2 || all[0].Tag != tagCount || len(all[0].Value) != 1 || int(all[0].Value[0]) != len(all)-1 {
		return nil, errors.New("number of data objects is missing or does not fit")
	}
	return all[1:], nil
}

func encodePictures(list []Picture, f File, tag tlv.Tag) ([]byte, error) {
	var parts [][]byte
	for _, p := range list {
		if len(p.Image) == 0 {
			return nil, &FileError{f, errors.New("empty picture")}
		}
		parts = append(parts, tlv.Encode(tag, p.Image))
	}
	return encodeCounted(f, parts)
}

func encodeCounted(f File, parts [][]byte) ([]byte, error) {
	if len(parts) < 1 || len(parts) > maxPictures {
		return nil, &FileError{f, fmt.Errorf("%d data objects, want 1 … %d", len(parts), maxPictures)}
	}
	count := tlv.Encode(tagCount, []byte{byte(len(parts))})
	return tlv.Encode(tlv.Tag(f.Tag()), append([][]byte{count}, parts...)...), nil
}
