package lds

import (
	"crypto"
	_ "crypto/sha1"
	_ "crypto/sha256"
	_ "crypto/sha512"
	"encoding/asn1"
	"encoding/hex"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/internal/vectors"
)

// The first is the example of ICAO 9303-10 §4.6.1: versions 1.7 and 4.0.0, DG1,
// DG2, DG4 and DG12.
func TestCOM(t *testing.T) {
	b := unhex(t, "60165F0104303130375F36063034303030305C046175766C")
	c, err := ParseCOM(b)
	require.NoError(t, err)
	assert.Equal(t, Common{"0107", "040000", []File{DG1, DG2, DG4, DG12}, nil}, c)
	again, err := c.Encode()
	require.NoError(t, err)
	assert.Equal(t, b, again)
}

func TestCOMRefused(t *testing.T) {
	for name, s := range map[string]string{
		"empty":          "",
		"wrong tag":      "61165F0104303130375F36063034303030305C046175766C",
		"no versions":    "60065C046175766C",
		"version letter": "60165F0104303130415F36063034303030305C046175766C",
		"no tag list":    "60105F0104303130375F3606303430303030",
		"bytes after":    "60165F0104303130375F36063034303030305C046175766C00",
	} {
		_, err := ParseCOM(unhex(t, s))
		var f *FileError
		require.ErrorAs(t, err, &f, name)
		assert.Equal(t, COM, f.File)
	}
	_, err := Common{LDSVersion: "0107", UnicodeVersion: "040000", Files: []File{SOD}}.Encode()
	assert.Error(t, err)
	_, err = Common{LDSVersion: "1.7", UnicodeVersion: "040000"}.Encode()
	assert.Error(t, err)
}

func TestCOMKeepsUnknownTags(t *testing.T) {
	c, err := ParseCOM(unhex(t, "60155F0104303130375F36063034303030305C0361757A"))
	require.NoError(t, err)
	assert.Equal(t, []byte{0x7A}, c.Unknown)
}

func TestSecurityObjectRoundTrip(t *testing.T) {
	for _, h := range []crypto.Hash{crypto.SHA1, crypto.SHA224, crypto.SHA256, crypto.SHA384, crypto.SHA512} {
		for _, versions := range [][2]string{{"", ""}, {"0108", "040000"}} {
			s := SecurityObject{Hash: h, Hashes: map[File][]byte{}, LDSVersion: versions[0], UnicodeVersion: versions[1]}
			if versions[0] != "" {
				s.Version = 1
			}
			for _, f := range []File{DG1, DG2, DG16} {
				s.Hashes[f] = h.New().Sum(nil)
			}
			der, err := s.Encode()
			require.NoError(t, err)
			again, err := ParseSecurityObject(der)
			require.NoError(t, err)
			assert.Equal(t, s, again)
			assert.Equal(t, []File{DG1, DG2, DG16}, again.Files())
		}
	}
}

func TestSecurityObjectRefused(t *testing.T) {
	digest := make([]byte, 32)
	base := func() asn1SecurityObject {
		return asn1SecurityObject{
			Hash:   asn1Algorithm{OID: hashOIDs[crypto.SHA256]},
			Hashes: []asn1Hash{{1, digest}, {2, digest}},
		}
	}
	for name, change := range map[string]func(*asn1SecurityObject){
		"version 2":       func(s *asn1SecurityObject) { s.Version = 2 },
		"group 0":         func(s *asn1SecurityObject) { s.Hashes[0].Number = 0 },
		"group 17":        func(s *asn1SecurityObject) { s.Hashes[0].Number = 17 },
		"group 257":       func(s *asn1SecurityObject) { s.Hashes[0].Number = 257 },
		"group twice":     func(s *asn1SecurityObject) { s.Hashes[0].Number = 2 },
		"short digest":    func(s *asn1SecurityObject) { s.Hashes[1].Value = digest[:20] },
		"no hashes":       func(s *asn1SecurityObject) { s.Hashes = nil },
		"unknown hash":    func(s *asn1SecurityObject) { s.Hash.OID = asn1.ObjectIdentifier{1, 2, 3} },
		"hash parameters": func(s *asn1SecurityObject) { s.Hash.Parameters = asn1.RawValue{FullBytes: []byte{4, 0}} },
	} {
		s := base()
		change(&s)
		der, err := asn1.Marshal(s)
		require.NoError(t, err)
		_, err = ParseSecurityObject(der)
		var f *FileError
		assert.ErrorAs(t, err, &f, name)
	}
	der, err := asn1.Marshal(base())
	require.NoError(t, err)
	_, err = ParseSecurityObject(append(der, 0))
	assert.Error(t, err, "bytes after")
	_, err = SecurityObject{Hash: crypto.MD5}.Encode()
	assert.Error(t, err)
}

func TestSODWrapper(t *testing.T) {
	cms := []byte{0x30, 0x03, 2, 1, 1}
	got, err := ParseSOD(EncodeSOD(cms))
	require.NoError(t, err)
	assert.Equal(t, cms, got)
	for _, bad := range [][]byte{nil, {0x77, 0}, {0x77, 0x82, 1, 0}, {0x30, 1, 0}} {
		_, err := ParseSOD(bad)
		assert.Error(t, err)
	}
}

// The signed content sits at a fixed place in this file; pki/cms has the real way.
func TestBSISpecimenSOD(t *testing.T) {
	b := vectors.File(t, "bsi2008", "EF_SOD.bin")
	_, err := ParseSOD(b)
	require.NoError(t, err)
	content := b[59 : 59+126]
	s, err := ParseSecurityObject(content)
	require.NoError(t, err)
	assert.Equal(t, []File{DG1, DG2, DG3, DG14}, s.Files())
	for f, name := range map[File]string{DG1: "Datagroup1.bin", DG2: "Datagroup2.bin", DG14: "Datagroup14.bin"} {
		h := s.Hash.New()
		h.Write(vectors.File(t, "bsi2008", name))
		assert.Equal(t, h.Sum(nil), s.Hashes[f], f)
	}
	again, err := s.Encode()
	require.NoError(t, err)
	assert.Equal(t, content, again)
}

func TestBSISpecimenCOM(t *testing.T) {
	b := vectors.File(t, "bsi2008", "EF_COM.bin")
	c, err := ParseCOM(b)
	require.NoError(t, err)
	assert.Equal(t, []File{DG1, DG2, DG3, DG14}, c.Files)
	again, err := c.Encode()
	require.NoError(t, err)
	assert.Equal(t, b, again)
}

func unhex(t testing.TB, s string) []byte {
	b, err := hex.DecodeString(s)
	require.NoError(t, err)
	return b
}
