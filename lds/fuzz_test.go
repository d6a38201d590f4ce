package lds

import (
	"crypto"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Each target asks for three things: no panic, no error that repeats what it was
// given, and that what was parsed encodes to something that parses the same.

func FuzzParseMRZ(f *testing.F) {
	for _, v := range published {
		f.Add(v.text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		m, err := ParseMRZ(text)
		m.Birth(time.Unix(0, 0))
		m.Expiry(time.Unix(0, 0))
		m.CIN()
		m.Key().Seed()
		if err != nil {
			return
		}
		lines, err := m.Lines()
		if err != nil {
			t.Fatal("cannot write what was read:", err)
		}
		again, err := ParseMRZ(strings.Join(lines, ""))
		if err != nil || again != m {
			t.Fatal("reads differently the second time:", err)
		}
	})
}

func FuzzParseDG1(f *testing.F) {
	for _, v := range published {
		b, _ := v.want.Encode()
		f.Add(b)
	}
	roundTrip(f, ParseDG1, MRZ.Encode)
}

func FuzzParseDG2(f *testing.F) {
	b, _ := EncodeDG2(faces())
	f.Add(b)
	b, _ = EncodeDG2(extensibles())
	f.Add(b)
	roundTrip(f, ParseDG2, EncodeDG2)
}

func FuzzParseDG5(f *testing.F) {
	b, _ := EncodeDG5(pictures())
	f.Add(b)
	roundTrip(f, ParseDG5, EncodeDG5)
}

func FuzzParseFeatures(f *testing.F) {
	f.Add(unhexOrPanic("69060201018101AA"))
	roundTrip(f, func(b []byte) ([][]byte, error) { return ParseFeatures(DG9, b) },
		func(list [][]byte) ([]byte, error) { return EncodeFeatures(DG9, list) })
}

func FuzzParseOpaque(f *testing.F) {
	f.Add(unhexOrPanic("6D03010203"))
	roundTrip(f, func(b []byte) ([]byte, error) { return ParseOpaque(DG13, b) },
		func(value []byte) ([]byte, error) { return EncodeOpaque(DG13, value) })
}

func FuzzParseDG16(f *testing.F) {
	b, _ := PersonsToNotify{Persons: []PersonToNotify{{Date{2025, 1, 2}, "SPECIMEN<<AUTRE", "+212", []string{"RABAT"}}, {}}}.Encode()
	f.Add(b)
	roundTrip(f, ParseDG16, PersonsToNotify.Encode)
}

func FuzzParseATRInfo(f *testing.F) {
	f.Add(unhexOrPanic("4301F84703F741E07F6608020205F0020205F0"))
	roundTrip(f, ParseATRInfo, Capabilities.Encode)
}

func FuzzParseDIR(f *testing.F) {
	b, _ := EncodeDIR([]Application{{AID, "eMRTD"}})
	f.Add(append(b, 0, 0xFF))
	roundTrip(f, ParseDIR, EncodeDIR)
}

func FuzzParseCVCA(f *testing.F) {
	b, _ := EncodeCVCA([]string{"MASPECIMEN00002", "MASPECIMEN00001"})
	f.Add(b)
	roundTrip(f, ParseCVCA, EncodeCVCA)
}

func FuzzParseDG11(f *testing.F) {
	b, _ := personal().Encode()
	f.Add(b)
	roundTrip(f, ParseDG11, func(p PersonalDetails) ([]byte, error) { return p.Encode() })
}

func FuzzParseDG12(f *testing.F) {
	b, _ := document().Encode()
	f.Add(b)
	roundTrip(f, ParseDG12, func(d DocumentDetails) ([]byte, error) { return d.Encode() })
}

func FuzzParseDG15(f *testing.F) {
	f.Add(EncodeDG15(unhexOrPanic("300506032A0304")))
	roundTrip(f, ParseDG15, func(b []byte) ([]byte, error) { return EncodeDG15(b), nil })
}

func FuzzParseCOM(f *testing.F) {
	f.Add(unhexOrPanic("60165F0104303130375F36063034303030305C046175766C"))
	roundTrip(f, ParseCOM, Common.Encode)
}

func FuzzParseSOD(f *testing.F) {
	f.Add(EncodeSOD([]byte{0x30, 0}))
	seedShared(f, "EF_SOD.bin")
	roundTrip(f, ParseSOD, func(b []byte) ([]byte, error) { return EncodeSOD(b), nil })
}

func FuzzParseSecurityObject(f *testing.F) {
	b, _ := SecurityObject{Hash: crypto.SHA1, Hashes: map[File][]byte{DG1: make([]byte, 20)}}.Encode()
	f.Add(b)
	roundTrip(f, ParseSecurityObject, SecurityObject.Encode)
}

func FuzzParseSecurityInfos(f *testing.F) {
	b, _ := everyInfo().Encode()
	f.Add(b)
	roundTrip(f, ParseSecurityInfos, SecurityInfos.Encode)
}

// roundTrip fuzzes one pair of parser and encoder. Encoding may refuse what
// parsing forgave, but what it writes must parse and encode to the same bytes.
func roundTrip[T any](f *testing.F, parse func([]byte) (T, error), encode func(T) ([]byte, error)) {
	f.Fuzz(func(t *testing.T, b []byte) {
		v, err := parse(b)
		if err != nil {
			return
		}
		first, err := encode(v)
		if err != nil {
			return
		}
		v, err = parse(first)
		if err != nil {
			t.Fatalf("cannot parse own encoding: %v", err)
		}
		if second, err := encode(v); err != nil || string(second) != string(first) {
			t.Fatalf("encodes differently the second time: %v", err)
		}
	})
}

// seedShared adds a published file to the corpus when it is there.
func seedShared(f *testing.F, name string) {
	if b, err := os.ReadFile(filepath.Join("..", "..", "shared", "data", "bsi2008", name)); err == nil {
		f.Add(b)
	}
}
