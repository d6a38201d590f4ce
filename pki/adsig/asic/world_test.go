package asic_test

import (
	"archive/zip"
	"bytes"
	"io"
	"testing"
	"time"

	"cnie/pki/adsig"
	"cnie/pki/adsig/adsigtest"
	"cnie/pki/adsig/asic"
	"cnie/pki/adsig/cades"
	"cnie/pki/adsig/revocation"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// desk is a lab with a signer at work.
type desk struct {
	*adsigtest.Lab
	t      testing.TB
	signer *adsigtest.Identity
}

func newDesk(t testing.TB) *desk {
	lab := adsigtest.New(t)
	return &desk{lab, t, lab.Signer(nil)}
}

func (d *desk) hand() *cades.Signer {
	return &cades.Signer{Key: d.signer.Key, Chain: d.Chain(d.signer), At: d.Now}
}

func (d *desk) augmenter() *cades.Augmenter {
	return &cades.Augmenter{Stamp: d.Stamp, Anchors: d.Anchors(), Pool: d.Chain(d.signer),
		Collector: revocation.Collector{Source: d.Lab, Now: func() time.Time { return d.Now }}}
}

// lists is the policy of one who has the lists of the day.
func (d *desk) lists() adsig.Policy {
	m := revocation.Material{Lists: [][]byte{d.List(d.Root), d.List(d.CA)}}
	return adsig.Policy{At: d.Now, Anchors: d.Anchors(), Material: m}
}

type file struct{ name, content string }

var files = []file{{"letter.txt", "what the signer saw\n"}, {"scans/été 1.png", "a picture"}, {"empty", ""}}

func documents(files []file) (all []asic.Document) {
	for _, f := range files {
		all = append(all, asic.Document{Name: f.name, Open: func() (io.ReadCloser, error) {
			return io.NopCloser(bytes.NewReader([]byte(f.content))), nil
		}})
	}
	return all
}

// create makes a container and wants it whole.
func (d *desk) create(level cades.Level) []byte {
	d.t.Helper()
	var b bytes.Buffer
	require.NoError(d.t, asic.Create(d.t.Context(), &b, documents(files), d.hand(), level, d.augmenter()))
	return b.Bytes()
}

func (d *desk) augment(container []byte, level cades.Level) []byte {
	d.t.Helper()
	var b bytes.Buffer
	require.NoError(d.t, open(d.t, container).Augment(d.t.Context(), &b, level, d.augmenter()))
	return b.Bytes()
}

func open(t testing.TB, container []byte) *asic.Container {
	t.Helper()
	c, err := asic.Open(bytes.NewReader(container), int64(len(container)))
	require.NoError(t, err)
	return c
}

func validate(t testing.TB, container []byte, p adsig.Policy) []asic.Report {
	t.Helper()
	reports, err := asic.Validate(bytes.NewReader(container), int64(len(container)), p)
	require.NoError(t, err)
	return reports
}

// one wants one signature.
func one(t testing.TB, container []byte, p adsig.Policy) asic.Report {
	t.Helper()
	reports := validate(t, container, p)
	require.Len(t, reports, 1)
	return reports[0]
}

func assertPassed(t testing.TB, r asic.Report, level cades.Level) {
	t.Helper()
	indication, _ := r.Indication()
	assert.Equal(t, adsig.TotalPassed, indication, "%+v", r.Checks)
	assert.Equal(t, level, r.Level)
}

// part is a file in a container.
type part struct {
	name    string
	content []byte
}

// unpack lists what is in a container.
func unpack(t testing.TB, container []byte) (parts []part) {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(container), int64(len(container)))
	require.NoError(t, err)
	for _, f := range z.File {
		r, err := f.Open()
		require.NoError(t, err)
		content, err := io.ReadAll(r)
		require.NoError(t, err)
		parts = append(parts, part{f.Name, content})
	}
	return parts
}

// pack makes a container of parts, stored, so that bytes can be found in it.
func pack(t testing.TB, parts []part) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i, p := range parts {
		if i == 0 {
			h := &zip.FileHeader{Name: p.name, CRC32: checksum(p.content)}
			h.CompressedSize64, h.UncompressedSize64 = uint64(len(p.content)), uint64(len(p.content))
			w, err := z.CreateRaw(h)
			require.NoError(t, err)
			_, err = w.Write(p.content)
			require.NoError(t, err)
			continue
		}
		w, err := z.CreateHeader(&zip.FileHeader{Name: p.name, Method: zip.Store})
		require.NoError(t, err)
		_, err = w.Write(p.content)
		require.NoError(t, err)
	}
	require.NoError(t, z.Close())
	return b.Bytes()
}

// change rewrites one part.
func change(t testing.TB, parts []part, name string, f func([]byte) []byte) []part {
	t.Helper()
	out, found := append([]part(nil), parts...), false
	for i := range out {
		if out[i].name == name {
			out[i].content, found = f(bytes.Clone(out[i].content)), true
		}
	}
	require.True(t, found, name)
	return out
}
