package piv

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
)

// FuzzObjects feeds the parsers of everything that a card answers.
func FuzzObjects(f *testing.F) {
	f.Add([]byte{0x70, 0x03, 0x30, 0x01, 0x00, 0x71, 0x01, 0x00, 0xFE, 0x00})
	f.Add([]byte{0x70, 0x03, 0x1F, 0x8B, 0x08, 0x71, 0x01, 0x01})
	f.Add([]byte{0x4F, 0x01, 0xA0, 0x5F, 0x2F, 0x02, 0x60, 0x20})
	f.Add([]byte{0x7C, 0x04, 0x82, 0x02, 0x30, 0x00})
	f.Add([]byte{0x7C, 0x84, 0xFF, 0xFF, 0xFF, 0xFF})
	f.Fuzz(func(t *testing.T, b []byte) {
		if c, err := parseCertificate(b); err == nil {
			assert.LessOrEqual(t, len(c.Raw), maxObject)
		}
		if reference, err := pinReference(b); err == nil {
			assert.Contains(t, []byte{refPIN, refGlobalPIN}, reference)
		}
		if signature, err := parseResponse(b); err == nil {
			assert.True(t, bytes.HasSuffix(b, signature), "part of what was answered, to the end")
		}
	})
}
