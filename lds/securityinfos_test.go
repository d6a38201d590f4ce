package lds

import (
	"bytes"
	"encoding/asn1"
	"encoding/hex"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/apdu/tlv"
	"cnie/internal/kdf"
	"cnie/internal/vectors"
)

func set(elements ...[]byte) []byte { return tlv.Encode(tagSet, elements...) }

// ICAO 9303-11 appendix G: EF.CardAccess of the examples announces
// PACE-ECDH-GM-AES-128 on brainpoolP256r1 and PACE-DH-GM-AES-128 on the 1024-bit group.
var appendixG = map[string]PACEProtocol{
	"3012060A04007F0007020204020202010202010D": {GM, ECDH, kdf.AES128},
	"3012060A04007F00070202040102020102020100": {GM, DH, kdf.AES128},
}

func TestPACEInfo(t *testing.T) {
	for s, want := range appendixG {
		der := unhex(t, s)
		infos, err := ParseCardAccess(set(der))
		require.NoError(t, err)
		require.Len(t, infos.PACE, 1)
		got, ok := infos.PACE[0].Protocol()
		assert.True(t, ok)
		assert.Equal(t, want, got)
		again, err := infos.PACE[0].Encode()
		require.NoError(t, err)
		assert.Equal(t, der, again)
	}
}

func TestPACEInfoWithoutParameterID(t *testing.T) {
	infos, err := ParseSecurityInfos(set(unhex(t, "300F060A04007F00070202040202020102")))
	require.NoError(t, err)
	assert.Equal(t, -1, infos.PACE[0].ParameterID)
}

// Every identifier of ICAO 9303-11 §9.2.3 is known, and no other.
func TestPACEProtocols(t *testing.T) {
	known := 0
	for mapping := range 9 {
		for cipher := range 7 {
			info := PACEInfo{OID: append(slices.Clone(oidPACE), mapping, cipher)}
			p, ok := info.Protocol()
			if !ok {
				continue
			}
			known++
			oid, ok := p.OID()
			assert.True(t, ok)
			assert.True(t, info.OID.Equal(oid), p)
		}
	}
	assert.Equal(t, 4*4+3, known)
	_, ok := PACEProtocol{CAM, ECDH, kdf.TDES}.OID()
	assert.False(t, ok)
	assert.Equal(t, "PACE-ECDH-GM-AES-128", PACEProtocol{GM, ECDH, kdf.AES128}.String())
}

func TestChipProtocols(t *testing.T) {
	known := 0
	for agreement := range 5 {
		for cipher := range 7 {
			info := ChipAuthenticationInfo{OID: append(slices.Clone(oidChipAuth), agreement, cipher)}
			p, ok := info.Protocol()
			if !ok {
				continue
			}
			known++
			oid, ok := p.OID()
			assert.True(t, ok)
			assert.True(t, info.OID.Equal(oid))
		}
	}
	assert.Equal(t, 8, known)
	_, ok := ChipAuthenticationInfo{OID: append(slices.Clone(oidChipAuth), 256+int(ECDH), 2)}.Protocol()
	assert.False(t, ok, "an arc is not cut to a byte")
	assert.Equal(t, ECDH, ChipAuthenticationPublicKeyInfo{OID: OIDPublicKey(ECDH)}.Agreement())
	assert.Zero(t, ChipAuthenticationPublicKeyInfo{OID: OIDPublicKey(7)}.Agreement())
}

// The key that a mapping proves is the one with the number of its parameters.
func TestMaps(t *testing.T) {
	cam, _ := PACEProtocol{CAM, ECDH, kdf.AES128}.OID()
	gm, _ := PACEProtocol{GM, ECDH, kdf.AES128}.OID()
	infos := SecurityInfos{PACE: []PACEInfo{{gm, 2, 12}, {cam, 2, 13}, {asn1.ObjectIdentifier{1, 2}, 2, 14}}}
	key := func(id int) ChipAuthenticationPublicKeyInfo { return ChipAuthenticationPublicKeyInfo{KeyID: &id} }
	assert.True(t, infos.Maps(key(13)))
	assert.False(t, infos.Maps(key(12)), "generic mapping proves no key")
	assert.False(t, infos.Maps(key(14)), "nor does what is unknown")
	assert.False(t, infos.Maps(ChipAuthenticationPublicKeyInfo{}))
}

func everyInfo() SecurityInfos {
	id := 0
	spki := unhexOrPanic("3013300D06092A864886F70D0101010500030200FF")
	dh := unhexOrPanic("300906072A8648CE3E0201")
	oid := func(arc asn1.ObjectIdentifier, more ...int) asn1.ObjectIdentifier {
		return append(slices.Clone(arc), more...)
	}
	return SecurityInfos{
		PACE: []PACEInfo{{oid(oidPACE, 2, 2), 2, 13}, {oid(oidPACE, 6, 4), 2, -1}},
		PACEParameters: []PACEDomainParameterInfo{
			{oid(oidPACE, 1), dh, -1}, {oid(oidPACE, 2), dh, 32},
		},
		ChipAuth:     []ChipAuthenticationInfo{{oid(oidChipAuth, 2, 2), 1, &id}, {oid(oidChipAuth, 1, 1), 1, nil}},
		ChipKeys:     []ChipAuthenticationPublicKeyInfo{{OIDPublicKey(ECDH), spki, &id}, {OIDPublicKey(DH), spki, nil}},
		ActiveAuth:   []ActiveAuthenticationInfo{{OIDActiveAuth, 1, asn1.ObjectIdentifier{1, 2, 3}}},
		TerminalAuth: []TerminalAuthenticationInfo{{OIDTerminalAuth, 1, nil}, {OIDTerminalAuth, 1, unhexOrPanic("30040402011C")}},
		Other:        []SecurityInfo{{asn1.ObjectIdentifier{1, 2, 3}, unhexOrPanic("300706022A03020101")}},
	}
}

func TestSecurityInfosRoundTrip(t *testing.T) {
	want := everyInfo()
	b, err := want.EncodeDG14()
	require.NoError(t, err)
	got, err := ParseDG14(b)
	require.NoError(t, err)
	assert.Len(t, got.Raw, 12)
	assert.True(t, slices.IsSortedFunc(got.Raw, bytes.Compare), "DER sorts a set")
	again, err := got.EncodeDG14()
	require.NoError(t, err)
	assert.Equal(t, b, again)
	assert.Equal(t, want.PACEParameters[1].ParameterID, 32)
	assert.ElementsMatch(t, want.ChipAuth, got.ChipAuth)
	assert.ElementsMatch(t, want.ChipKeys, got.ChipKeys)
	assert.ElementsMatch(t, want.PACE, got.PACE)
	assert.ElementsMatch(t, want.TerminalAuth, got.TerminalAuth)
	assert.Equal(t, want.Other, got.Other)
}

func TestSecurityInfosAnyOrder(t *testing.T) {
	long, short := unhex(t, "300F060A04007F00070202030201020101"), unhex(t, "300D060804007F0007020202020101")
	infos, err := ParseSecurityInfos(set(long, short))
	require.NoError(t, err)
	assert.Equal(t, [][]byte{long, short}, infos.Raw)
	der, err := infos.Encode()
	require.NoError(t, err)
	assert.Equal(t, set(short, long), der)
}

func TestSecurityInfosRefused(t *testing.T) {
	many := bytes.Repeat(unhex(t, "300D060804007F0007020202020101"), maxSecurityInfos+1)
	for name, b := range map[string][]byte{
		"empty":                 nil,
		"sequence":              unhex(t, "3000"),
		"element not sequence":  set([]byte{2, 1, 0}),
		"no identifier":         set([]byte{0x30, 3, 2, 1, 0}),
		"PACE without version":  set(unhex(t, "300C060A04007F00070202040202")),
		"negative parameter id": set(unhex(t, "3012060A04007F000702020402020201020201FE")),
		"negative key id":       set(unhex(t, "3012060A04007F000702020302020201010201FE")),
		"bytes after":           append(set(), 0),
		"too many":              set(many),
	} {
		_, err := ParseCardAccess(b)
		var f *FileError
		require.ErrorAs(t, err, &f, name)
		assert.Equal(t, CardAccess, f.File)
	}
	infos, err := ParseCardSecurityContent(set())
	require.NoError(t, err, "an empty set says that nothing is supported")
	assert.Empty(t, infos.Raw)
}

// The set of this file is not in DER order, and its key has explicit parameters.
func TestBSISpecimenDG14(t *testing.T) {
	infos, err := ParseDG14(vectors.File(t, "bsi2008", "Datagroup14.bin"))
	require.NoError(t, err)
	require.Len(t, infos.ChipKeys, 1)
	assert.Equal(t, ECDH, infos.ChipKeys[0].Agreement())
	assert.Nil(t, infos.ChipKeys[0].KeyID)
	p, ok := infos.ChipAuth[0].Protocol()
	assert.True(t, ok)
	assert.Equal(t, ChipProtocol{ECDH, kdf.TDES}, p)
	assert.Len(t, infos.TerminalAuth, 1)
	again, err := infos.Encode()
	require.NoError(t, err)
	sorted := slices.SortedFunc(slices.Values(infos.Raw), bytes.Compare)
	assert.Equal(t, set(sorted...), again, "each element is encoded as it was read")
}

func TestDG15(t *testing.T) {
	b := vectors.File(t, "bsi2008", "Datagroup15.bin")
	spki, err := ParseDG15(b)
	require.NoError(t, err)
	assert.Equal(t, b, EncodeDG15(spki))
}

func TestDG15Refused(t *testing.T) {
	for _, s := range []string{"", "6F00", "6F023000", "6F03020101", "6F0430020500" + "00"} {
		_, err := ParseDG15(unhex(t, s))
		assert.Error(t, err, s)
	}
}

func unhexOrPanic(s string) []byte {
	b, err := hex.DecodeString(s)
	if err != nil {
		panic(err)
	}
	return b
}
