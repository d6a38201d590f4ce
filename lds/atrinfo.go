package lds

import (
	"encoding/binary"
	"errors"
	"fmt"

	"cnie/apdu/tlv"
)

// Capabilities is EF.ATR/INFO: what a card says about itself before anybody has
// proved anything. ICAO 9303-10 §3.11.1, ISO 7816-4 §12.1 and §12.7.1.
type Capabilities struct {
	Services   []byte // card service data: where EF.DIR is and how to read it
	Functions  []byte // the software function tables, three bytes at most
	Command    int    // bytes of the longest command APDU; 0: not said
	Answer     int    // bytes of the longest response APDU; 0: not said
	Deviations []string
}

const (
	tagServices  tlv.Tag = 0x43
	tagFunctions tlv.Tag = 0x47
	tagExtended  tlv.Tag = 0x7F66
	maxObjects           = 32
	maxSize              = 1<<24 - 1 // three bytes; what is more is as good as all
)

// ParseATRInfo parses EF.ATR/INFO. Data objects that are not known here are
// passed over: the standard lists dozens, of no use to a reader.
func ParseATRInfo(b []byte) (Capabilities, error) {
	all, err := objects(b, maxObjects)
	if err != nil {
		return Capabilities{}, &FileError{ATRInfo, err}
	}
	var c Capabilities
	for _, e := range all {
		switch e.Tag {
		case tagServices:
			c.Services = e.Value
		case tagFunctions:
			c.Functions = e.Value
		case tagExtended:
			if err := c.parseSizes(e.Value); err != nil {
				return Capabilities{}, &FileError{ATRInfo, err}
			}
		}
	}
	c.check()
	return c, nil
}

// parseSizes reads two integers, of as many bytes as the issuer liked.
func (c *Capabilities) parseSizes(value []byte) error {
	all, err := tlv.ReadAll(value, 2)
	if err != nil {
		return err
	}
	sizes := []*int{&c.Command, &c.Answer}
	for i, e := range all {
		if e.Tag != tagCount || len(e.Value) == 0 || len(e.Value) > 4 {
			return fmt.Errorf("data object %v in the extended length information", e.Tag)
		}
		var n [4]byte
		copy(n[4-len(e.Value):], e.Value)
		*sizes[i] = int(min(binary.BigEndian.Uint32(n[:]), maxSize))
	}
	if len(all) != len(sizes) {
		return errors.New("extended length information without two sizes")
	}
	return nil
}

// check notes what does not go together; cards have been issued with it.
func (c *Capabilities) check() {
	if n := len(c.Services); n > 1 {
		c.Deviations = append(c.Deviations, "43: not one byte")
	}
	if n := len(c.Functions); n > 3 {
		c.Deviations = append(c.Deviations, "47: more than three bytes")
	}
	if (c.Command > 0 || c.Answer > 0) && !c.ExtendedLength() {
		c.Deviations = append(c.Deviations, "7F66: sizes without extended length in 47")
	}
}

// ExtendedLength reports whether extended Lc and Le fields are announced, in the
// third software function table.
func (c Capabilities) ExtendedLength() bool { return len(c.Functions) >= 3 && c.Functions[2]&0x40 != 0 }

// Encode gives the bytes of EF.ATR/INFO. Sizes are written in three bytes.
func (c Capabilities) Encode() ([]byte, error) {
	var b []byte
	if c.Services != nil {
		b = tlv.Append(b, tagServices, c.Services)
	}
	if c.Functions != nil {
		b = tlv.Append(b, tagFunctions, c.Functions)
	}
	if c.Command == 0 && c.Answer == 0 {
		return b, nil
	}
	if c.Command < 0 || c.Answer < 0 || max(c.Command, c.Answer) > maxSize {
		return nil, &FileError{ATRInfo, errors.New("a size does not fit three bytes")}
	}
	size := func(n int) []byte {
		return tlv.Encode(tagCount, binary.BigEndian.AppendUint32(nil, uint32(n))[1:])
	}
	return tlv.Append(b, tagExtended, size(c.Command), size(c.Answer)), nil
}
