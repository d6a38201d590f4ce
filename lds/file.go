package lds

import (
	"encoding"
	"fmt"
	"strings"
)

// AID selects the eMRTD application.
var AID = []byte{0xA0, 0x00, 0x00, 0x02, 0x47, 0x10, 0x01}

// File names an elementary file of an eMRTD. DG1 … DG16 are the numbers 1 … 16;
// the zero value is no file.
type File uint8

// The data groups and the two files about them, then those of the master file,
// then the one that Terminal Authentication begins with.
const (
	DG1 File = iota + 1
	DG2
	DG3
	DG4
	DG5
	DG6
	DG7
	DG8
	DG9
	DG10
	DG11
	DG12
	DG13
	DG14
	DG15
	DG16
	COM
	SOD
	CardAccess
	CardSecurity
	ATRInfo
	DIR
	CVCA // lies in the eMRTD application and has EF.CardAccess's identifiers
)

// files is the registry of ICAO 9303-10: a file's names, its
// identifier, its short identifier and the tag of its only data object.
var files = [...]struct {
	name, short string
	fid         uint16
	sfi, tag    byte
}{
	DG1:          {"EF.DG1", "dg1", 0x0101, 0x01, 0x61},
	DG2:          {"EF.DG2", "dg2", 0x0102, 0x02, 0x75},
	DG3:          {"EF.DG3", "dg3", 0x0103, 0x03, 0x63},
	DG4:          {"EF.DG4", "dg4", 0x0104, 0x04, 0x76},
	DG5:          {"EF.DG5", "dg5", 0x0105, 0x05, 0x65},
	DG6:          {"EF.DG6", "dg6", 0x0106, 0x06, 0x66},
	DG7:          {"EF.DG7", "dg7", 0x0107, 0x07, 0x67},
	DG8:          {"EF.DG8", "dg8", 0x0108, 0x08, 0x68},
	DG9:          {"EF.DG9", "dg9", 0x0109, 0x09, 0x69},
	DG10:         {"EF.DG10", "dg10", 0x010A, 0x0A, 0x6A},
	DG11:         {"EF.DG11", "dg11", 0x010B, 0x0B, 0x6B},
	DG12:         {"EF.DG12", "dg12", 0x010C, 0x0C, 0x6C},
	DG13:         {"EF.DG13", "dg13", 0x010D, 0x0D, 0x6D},
	DG14:         {"EF.DG14", "dg14", 0x010E, 0x0E, 0x6E},
	DG15:         {"EF.DG15", "dg15", 0x010F, 0x0F, 0x6F},
	DG16:         {"EF.DG16", "dg16", 0x0110, 0x10, 0x70},
	COM:          {"EF.COM", "com", 0x011E, 0x1E, 0x60},
	SOD:          {"EF.SOD", "sod", 0x011D, 0x1D, 0x77},
	CardAccess:   {"EF.CardAccess", "cardaccess", 0x011C, 0x1C, 0},
	CardSecurity: {"EF.CardSecurity", "cardsecurity", 0x011D, 0x1D, 0},
	ATRInfo:      {"EF.ATR/INFO", "atrinfo", 0x2F01, 0x01, 0},
	DIR:          {"EF.DIR", "dir", 0x2F00, 0x1E, 0},
	CVCA:         {"EF.CVCA", "cvca", 0x011C, 0x1C, 0},
}

var (
	_ encoding.TextMarshaler   = File(0)
	_ encoding.TextUnmarshaler = (*File)(nil)
)

// IsDataGroup reports whether f is one of DG1 … DG16.
func (f File) IsDataGroup() bool { return DG1 <= f && f <= DG16 }

// InMasterFile reports whether f lies beside the eMRTD application, in the
// master file, and not inside it.
func (f File) InMasterFile() bool { return CardAccess <= f && f <= DIR }

// FID is the two-byte file identifier, 0 for no file.
func (f File) FID() uint16 { return files[f.index()].fid }

// SFI is the short file identifier, 1 … 30; it means something only while the
// file's own directory is selected.
func (f File) SFI() byte { return files[f.index()].sfi }

// Tag is the tag of the data object that fills the file; 0 for EF.CVCA and the
// files of the master file, which have none of their own.
func (f File) Tag() byte { return files[f.index()].tag }

// String is the name in the standard: "EF.DG1".
func (f File) String() string {
	if !f.known() {
		return fmt.Sprintf("EF(%d)", uint8(f))
	}
	return files[f].name
}

// Short is the name for file names, flags and JSON: "dg1".
func (f File) Short() string { return files[f.index()].short }

// MarshalText gives the short name.
func (f File) MarshalText() ([]byte, error) {
	if !f.known() {
		return nil, fmt.Errorf("no file has number %d", uint8(f))
	}
	return []byte(f.Short()), nil
}

// UnmarshalText accepts what ParseFile does.
func (f *File) UnmarshalText(text []byte) (err error) {
	*f, err = ParseFile(string(text))
	return err
}

// ParseFile finds a file by its short or long name, in any case.
func ParseFile(name string) (File, error) {
	for f := DG1; f.known(); f++ {
		if strings.EqualFold(name, files[f].short) || strings.EqualFold(name, files[f].name) {
			return f, nil
		}
	}
	return 0, fmt.Errorf("no file is called %q", name)
}

func (f File) known() bool { return DG1 <= f && int(f) < len(files) }

// index is f, or 0 (an entry of zeros) when there is no such file.
func (f File) index() File {
	if f.known() {
		return f
	}
	return 0
}

// FileError says which file could not be parsed or encoded. Err gives structure
// and offsets only, never content.
type FileError struct {
	File File
	Err  error
}

// Error implements error.
func (e *FileError) Error() string { return fmt.Sprintf("%v: %v", e.File, e.Err) }

// Unwrap gives the cause.
func (e *FileError) Unwrap() error { return e.Err }

func fileError(f File, err error) error {
	if err == nil {
		return nil
	}
	return &FileError{File: f, Err: err}
}
