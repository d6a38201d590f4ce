package lds

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"

	"cnie/apdu/tlv"
)

// ImageFormat is how a picture is coded, found from its first bytes and not from
// what the record around it says.
type ImageFormat uint8

// The formats that ICAO 9303-10 §4.7.2 allows; JPEG2000 is a JP2 file or a bare
// codestream.
const (
	UnknownImage ImageFormat = iota
	JPEG
	JPEG2000
)

// String gives "JPEG" or "JPEG 2000".
func (f ImageFormat) String() string { return name(uint8(f), "JPEG", "JPEG 2000") }

// Face is one picture of the holder. Width and Height are what the record
// announces; issuers get them wrong, and the picture has its own.
type Face struct {
	Format        ImageFormat
	Width, Height int
	Gender        byte // ISO/IEC 19794-5 §5.5.3: 0 unspecified, 1 male, 2 female
	EyeColour     byte // §5.5.4
	HairColour    byte // §5.5.5
	Image         []byte
	Extensible    bool // recorded by ISO/IEC 39794-5; the codes above are as in the other
}

const (
	tagGroup      tlv.Tag = 0x7F61 // Biometric Information Group Template
	tagBiometric  tlv.Tag = 0x7F60 // Biometric Information Template
	tagHeader     tlv.Tag = 0xA1   // Biometric Header Template
	tagBlock      tlv.Tag = 0x5F2E // biometric data block
	tagBlockConst tlv.Tag = 0x7F2E // the same, marked as constructed; always so by ISO/IEC 39794-5
	maxFaces              = 8
)

// ParseDG2 parses EF.DG2: records in a CBEFF group, by ISO/IEC 19794-5 or, in
// documents from 2026 on, by ISO/IEC 39794-5. ICAO 9303-10 §4.7.2.
func ParseDG2(b []byte) ([]Face, error) {
	faces, err := parseDG2(b)
	return faces, fileError(DG2, err)
}

func parseDG2(b []byte) ([]Face, error) {
	outer, err := tlv.One(b, tlv.Tag(DG2.Tag()))
	if err != nil {
		return nil, err
	}
	group, err := tlv.One(outer.Value, tagGroup)
	if err != nil {
		return nil, err
	}
	all, err := tlv.ReadAll(group.Value, maxFaces+1)
	if err != nil {
		return nil, err
	}
	if len(all) < 2 || all[0].Tag != tagCount || len(all[0].Value) != 1 {
		return nil, errors.New("biometric group without a count and a template")
	}
	if int(all[0].Value[0]) != len(all)-1 {
		return nil, errors.New("count of biometric templates does not fit")
	}
	var faces []Face
	for _, e := range all[1:] {
		more, err := parseTemplate(e)
		if err != nil {
			return nil, err
		}
		if faces = append(faces, more...); len(faces) > maxFaces {
			return nil, fmt.Errorf("more than %d faces", maxFaces)
		}
	}
	return faces, nil
}

func parseTemplate(e tlv.Element) ([]Face, error) {
	if e.Tag != tagBiometric {
		return nil, fmt.Errorf("data object %v in a biometric group", e.Tag)
	}
	parts, err := tlv.ReadAll(e.Value, 4)
	if err != nil {
		return nil, err
	}
	for _, part := range parts {
		switch {
		case part.Tag == tagBlockConst && !bytes.HasPrefix(part.Value, facialRecordMagic):
			return parseExtensible(part.Value)
		case part.Tag == tagBlock, part.Tag == tagBlockConst:
			return parseFacialRecord(part.Value)
		}
	}
	return nil, errors.New("biometric template without a data block")
}

// The fixed parts of an ISO/IEC 19794-5:2005 facial record, in bytes.
const (
	recordHeader = 14 // "FAC\0" "010\0", length, number of faces
	faceHeader   = 20 // length, number of feature points, description of the holder
	featurePoint = 8
	imageHeader  = 12
)

var facialRecordMagic = []byte("FAC\x00010\x00")

func parseFacialRecord(b []byte) ([]Face, error) {
	if len(b) < recordHeader || !bytes.HasPrefix(b, facialRecordMagic) {
		return nil, errors.New("biometric data block is not an ISO/IEC 19794-5:2005 facial record")
	}
	if binary.BigEndian.Uint32(b[8:]) != uint32(len(b)) {
		return nil, errors.New("length of the facial record does not fit")
	}
	count := int(binary.BigEndian.Uint16(b[12:]))
	if count < 1 || count > maxFaces {
		return nil, fmt.Errorf("facial record of %d faces, want 1 … %d", count, maxFaces)
	}
	var faces []Face
	for b = b[recordHeader:]; count > 0; count-- {
		face, rest, err := parseFace(b)
		if err != nil {
			return nil, err
		}
		faces, b = append(faces, face), rest
	}
	if len(b) > 0 {
		return nil, errors.New("bytes after the last face")
	}
	return faces, nil
}

func parseFace(b []byte) (Face, []byte, error) {
	if len(b) < faceHeader+imageHeader {
		return Face{}, nil, errors.New("face is cut off")
	}
	length := binary.BigEndian.Uint32(b)
	start := faceHeader + featurePoint*int(binary.BigEndian.Uint16(b[4:])) + imageHeader
	if uint64(length) > uint64(len(b)) || int(length) <= start {
		return Face{}, nil, errors.New("length of a face does not fit")
	}
	image := b[start:length:length]
	geometry := b[start-imageHeader+2:]
	return Face{
		Format: sniff(image), Image: image,
		Width: int(binary.BigEndian.Uint16(geometry)), Height: int(binary.BigEndian.Uint16(geometry[2:])),
		Gender: b[6], EyeColour: b[7], HairColour: b[8],
	}, b[length:], nil
}

var (
	magicJPEG = []byte{0xFF, 0xD8, 0xFF}
	magicJP2  = []byte("\x00\x00\x00\x0CjP  \r\n\x87\n")
	magicJ2K  = []byte{0xFF, 0x4F, 0xFF, 0x51} // SOC, SIZ
)

func sniff(image []byte) ImageFormat {
	switch {
	case bytes.HasPrefix(image, magicJPEG):
		return JPEG
	case bytes.HasPrefix(image, magicJP2), bytes.HasPrefix(image, magicJ2K):
		return JPEG2000
	}
	return UnknownImage
}

// EncodeDG2 gives the bytes of EF.DG2 with one template for every face.
func EncodeDG2(faces []Face) ([]byte, error) {
	if len(faces) < 1 || len(faces) > maxFaces {
		return nil, &FileError{DG2, fmt.Errorf("%d faces, want 1 … %d", len(faces), maxFaces)}
	}
	parts := [][]byte{tlv.Encode(tagCount, []byte{byte(len(faces))})}
	for _, face := range faces {
		template, err := face.template()
		if err != nil {
			return nil, &FileError{DG2, err}
		}
		parts = append(parts, template)
	}
	return tlv.Encode(tlv.Tag(DG2.Tag()), tlv.Encode(tagGroup, parts...)), nil
}

func (f Face) template() ([]byte, error) {
	if len(f.Image) == 0 || f.Width < 0 || f.Width > 0xFFFF || f.Height < 0 || f.Height > 0xFFFF {
		return nil, errors.New("face without an image or with impossible dimensions")
	}
	if f.Extensible {
		return tlv.Encode(tagBiometric, headerTemplate(formatExtensible), tlv.Encode(tagBlockConst, f.extensible())), nil
	}
	return tlv.Encode(tagBiometric, headerTemplate(formatFacial), tlv.Encode(tagBlock, f.record())), nil
}

// Formats of data blocks, as they are registered for ISO/IEC JTC 1/SC 37.
const (
	formatFacial     = 0x08 // 19794-5
	formatExtensible = 0x2A // 39794-5
)

// headerTemplate says: version 1.1, type facial features, owner 0101 (ISO/IEC
// JTC 1/SC 37), and the format.
func headerTemplate(format byte) []byte {
	return tlv.Encode(tagHeader,
		tlv.Encode(0x80, []byte{0x01, 0x01}), tlv.Encode(0x81, []byte{0x02}),
		tlv.Encode(0x87, []byte{0x01, 0x01}), tlv.Encode(0x88, []byte{0x00, format}))
}

// record is the face by ISO/IEC 19794-5.
func (f Face) record() []byte {
	var dataType byte // 0 JPEG, 1 JPEG 2000
	if sniff(f.Image) == JPEG2000 {
		dataType = 1
	}
	length := faceHeader + imageHeader + len(f.Image)
	b := append([]byte{}, facialRecordMagic...)
	b = binary.BigEndian.AppendUint32(b, uint32(recordHeader+length))
	b = binary.BigEndian.AppendUint16(b, 1)
	b = binary.BigEndian.AppendUint32(b, uint32(length))
	b = append(b, 0, 0, f.Gender, f.EyeColour, f.HairColour)
	b = append(b, make([]byte, faceHeader-9)...) // properties, expression, pose: unspecified
	b = append(b, 1, dataType)                   // full frontal
	b = binary.BigEndian.AppendUint16(b, uint16(f.Width))
	b = binary.BigEndian.AppendUint16(b, uint16(f.Height))
	b = append(b, 1, 0, 0, 0, 0, 0) // colour space sRGB24; source, device, quality: unspecified
	return append(b, f.Image...)
}
