package asic_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"strconv"
	"strings"
	"testing"

	"cnie/pki/adsig"
	"cnie/pki/adsig/asic"
	"cnie/pki/adsig/cades"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

type ctx = context.Context

func unix(d *desk) string { return strconv.FormatInt(d.Now.Unix(), 10) }

// at finds the n-th place of a pattern, from 0.
func at(t testing.TB, b []byte, pattern string, n int) int {
	t.Helper()
	from := 0
	for {
		i := bytes.Index(b[from:], []byte(pattern))
		require.GreaterOrEqual(t, i, 0, pattern)
		if n == 0 {
			return from + i
		}
		from, n = from+i+1, n-1
	}
}

// put overwrites bytes.
func put(b []byte, at int, with ...byte) []byte {
	b = bytes.Clone(b)
	copy(b[at:], with)
	return b
}

// splice inserts bytes and moves what the end record says about the directory.
func splice(b []byte, at int, with []byte, move bool) []byte {
	b = append(append(bytes.Clone(b[:at]), with...), b[at:]...)
	if move {
		end := len(b) - 22
		binary.LittleEndian.PutUint32(b[end+16:], binary.LittleEndian.Uint32(b[end+16:])+uint32(len(with)))
	}
	return b
}

// TestHostile opens containers that two programs would read differently, or that
// would do harm when unpacked. None opens.
func TestHostile(t *testing.T) {
	d := newDesk(t)
	parts := unpack(t, d.create(cades.BB))
	good := pack(t, parts)
	require.NotNil(t, open(t, good))
	central, directory := "PK\x01\x02", at(t, good, "PK\x01\x02", 0)
	second := at(t, good, "PK\x03\x04", 1) // the local header of letter.txt
	secondCentral := at(t, good, central, 1)
	with := func(more ...part) []byte { return pack(t, append(append([]part(nil), parts...), more...)) }
	for name, container := range map[string][]byte{
		"not a ZIP file":            []byte("PK but not really"),
		"cut off":                   good[:len(good)-1],
		"nothing":                   {},
		"other name in front":       put(good, second+30, []byte("better.txt")...),
		"other name at the end":     put(good, secondCentral+46, []byte("better.txt")...),
		"other method in front":     put(good, second+8, 8),
		"other flags in front":      put(good, second+6, 0),
		"other flags at the end":    put(good, secondCentral+8, 0),
		"encrypted":                 put(put(good, second+6, 9), secondCentral+8, 9),
		"other size at the end":     put(good, secondCentral+20, 5),
		"other checksum":            put(good, secondCentral+16, 1, 2, 3, 4),
		"something before":          splice(good, 0, []byte("#!/bin/sh\n"), false),
		"something between":         splice(good, second, []byte("hidden"), false),
		"something before the list": splice(good, directory, []byte("hidden"), true),
		"something after":           append(bytes.Clone(good), "hidden"...),
		"a file twice":              with(part{"letter.txt", []byte("other")}),
		"a file in two cases":       with(part{"LETTER.TXT", []byte("other")}),
		"a file in two spellings":   with(part{"caf\u00e9.txt", nil}, part{"cafe\u0301.txt", nil}),
		"a file in two foldings":    with(part{"stra\u00dfe.txt", nil}, part{"STRASSE.txt", nil}),
		"a file with a dot behind":  with(part{"letter.txt.", []byte("other")}),
		"a file with a space":       with(part{"letter.txt ", []byte("other")}),
		"a folder with a dot":       with(part{"folder./letter.txt", nil}),
		"a file and a folder":       with(part{"letter.txt/other", []byte("other")}),
		"another META-INF":          with(part{"meta-inf/signature001.p7s", []byte("other")}),
		"up":                        with(part{"../up", nil}),
		"absolute":                  with(part{"/etc/passwd", nil}),
		"backslash":                 with(part{`a\b`, nil}),
		"drive":                     with(part{"c:a", nil}),
		"dots":                      with(part{"a/./b", nil}),
		"line end":                  with(part{"a\nb", nil}),
		"turned around":             with(part{"tu\u202Ern", nil}),
		"too long a name":           with(part{strings.Repeat("a", 600), nil}),
		"a link":                    linked(t, parts),
		"another name beside":       renamed(t, parts),
		"too many":                  with(make1100()...),
		"no directory entry for it": hidden(t, parts),
		"mimetype compressed":       compressed(t, parts),
		"method that is none":       put(put(good, second+8, 12), secondCentral+10, 12),
	} {
		_, err := asic.Open(bytes.NewReader(container), int64(len(container)))
		assert.ErrorIs(t, err, asic.ErrMalformed, name)
		r := one(t, container, d.lists())
		indication, sub := r.Indication()
		assert.Equal(t, adsig.TotalFailed, indication, name)
		assert.Equal(t, adsig.FormatFailure, sub, name)
	}
	for name, container := range map[string][]byte{
		"no mimetype":         pack(t, parts[1:]),
		"mimetype not first":  pack(t, append(append([]part(nil), parts[1:]...), parts[0])),
		"another kind":        pack(t, change(t, parts, "mimetype", func([]byte) []byte { return []byte("application/vnd.etsi.asic-s+zip") })),
		"signatures of XAdES": pack(t, append(append([]part(nil), parts[:4]...), part{"META-INF/signatures0.xml", []byte("<a/>")})),
	} {
		_, err := asic.Validate(bytes.NewReader(container), int64(len(container)), d.lists())
		assert.ErrorIs(t, err, asic.ErrUnsupported, name)
	}
}

// TestHostileManifests: what a manifest may not say.
func TestHostileManifests(t *testing.T) {
	d := newDesk(t)
	parts := unpack(t, d.create(cades.BB))
	for name, edit := range map[string][2]string{
		"document type":      {"<asic:ASiCManifest", "<!DOCTYPE a [<!ENTITY e \"x\">]><asic:ASiCManifest"},
		"entity":             {"letter.txt", "&e;letter.txt"},
		"address":            {"letter.txt", "http://example.com/letter.txt"},
		"other machine":      {"letter.txt", "//example.com/letter.txt"},
		"up":                 {"letter.txt", "..%2Fletter.txt"},
		"query":              {"letter.txt", "letter.txt?a"},
		"twice":              {"URI=\"empty\"", "URI=\"letter.txt\""},
		"attribute twice":    {"URI=\"empty\"", "URI=\"empty\" URI=\"letter.txt\""},
		"attribute prefixed": {"URI=\"empty\"", "URI=\"empty\" asic:URI=\"elsewhere\""},
		"two hashes":         {"<ds:DigestMethod", "<ds:DigestValue>AAAA</ds:DigestValue><ds:DigestMethod"},
		"unknown hash":       {"xmlenc#sha256", "xmlenc#sha1024"},
		"short hash":         {"<ds:DigestValue>", "<ds:DigestValue>AAAA"},
		"another namespace":  {"http://uri.etsi.org/02918/v1.2.1#", "http://uri.etsi.org/02918/v9#"},
		"no end":             {"</asic:ASiCManifest>", ""},
		"two signatures":     {"<asic:SigReference", "<asic:SigReference URI=\"x\"/><asic:SigReference"},
	} {
		changed := change(t, parts, manifestFile, func(b []byte) []byte {
			require.Contains(t, string(b), edit[0], name)
			return bytes.Replace(b, []byte(edit[0]), []byte(edit[1]), 1)
		})
		container := pack(t, changed)
		_, err := asic.Open(bytes.NewReader(container), int64(len(container)))
		assert.ErrorIs(t, err, asic.ErrMalformed, name)
	}
}

// broken is a disk that fails.
type broken struct{}

func (broken) ReadAt([]byte, int64) (int, error) { return 0, errDisk }

var errDisk = errors.New("the disk is broken")

func TestBrokenDisk(t *testing.T) {
	_, err := asic.Open(broken{}, 1000)
	assert.ErrorIs(t, err, errDisk)
	assert.NotErrorIs(t, err, asic.ErrMalformed)
}

// FuzzValidate: no container passes that differs from the one that was signed,
// but in what no signature covers.
func FuzzValidate(f *testing.F) {
	d := newDesk(f)
	good := d.create(cades.BLTA)
	stored := pack(f, unpack(f, good))
	f.Add(good)
	f.Add(stored)
	f.Add(renamed(f, unpack(f, good)))
	f.Add(hidden(f, unpack(f, good)))
	p := d.lists()
	f.Fuzz(func(t *testing.T, container []byte) {
		reports, err := asic.Validate(bytes.NewReader(container), int64(len(container)), p)
		if err != nil {
			require.ErrorIs(t, err, asic.ErrUnsupported)
			return
		}
		for _, r := range reports {
			if indication, _ := r.Indication(); indication == adsig.TotalPassed {
				for _, p := range unpack(t, container) {
					for _, file := range files {
						if p.name == file.name {
							require.Equal(t, file.content, string(p.content))
						}
					}
				}
			}
		}
	})
}
