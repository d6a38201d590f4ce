package trust_test

import (
	"archive/tar"
	"bytes"
	"io"
	"os"
	"path/filepath"
	"testing"

	"cnie/pki/cert"
	"cnie/pki/trust"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func export(t testing.TB, dir *trust.Dir) []byte {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, dir.Export(&out))
	return out.Bytes()
}

// filled is a directory with a list, its pinned signer and a revocation list.
func filled(t testing.TB, w world) *trust.Dir {
	t.Helper()
	crl, err := w.a.CRL(now, now.AddDate(0, 3, 0))
	require.NoError(t, err)
	dir := newDir(t)
	take(t, dir, trust.Import{
		Items:   []trust.Item{masterListOf(t, w.signer, now, w.publisher, w.a, w.b), {Origin: "crl", Content: crl}},
		Signers: [][]byte{w.signer.Certificate},
	})
	return dir
}

// TestBundle carries a store to another machine, and its news after it.
func TestBundle(t *testing.T) {
	w := newWorld(t)
	office := filled(t, w)
	first := export(t, office)
	assert.Equal(t, first, export(t, office), "the same version, the same bytes")

	bundle, err := trust.ReadBundle(first)
	require.NoError(t, err)
	assert.Equal(t, 2, bundle.Version)
	counter := filepath.Join(t.TempDir(), "counter")
	copied, err := bundle.Into(counter, false, now)
	require.NoError(t, err)
	assert.Equal(t, office.Held(), copied.Held())
	version := copied.Version()
	copied, err = bundle.Into(counter, false, now)
	require.NoError(t, err)
	assert.Equal(t, version, copied.Version(), "the same bundle again changes nothing")

	take(t, office, trust.Import{Items: []trust.Item{masterListOf(t, w.signer, now.AddDate(0, 1, 0), w.publisher, w.b)}})
	require.NoError(t, office.Note(sha256Of(w.a.Certificate), "left the scheme", now))
	second, err := trust.ReadBundle(export(t, office))
	require.NoError(t, err)
	copied, err = second.Into(counter, false, now)
	require.NoError(t, err)
	got := standing(t, copied, w.a)
	assert.Equal(t, []any{true, "left the scheme"}, []any{got.Vanished, got.Reason})

	_, err = bundle.Into(counter, false, now)
	assert.ErrorIs(t, err, trust.ErrOlder)
	_, err = bundle.Into(counter, true, now)
	assert.NoError(t, err)
	_, err = bundle.Into(filled(t, w).Path(), true, now)
	assert.ErrorIs(t, err, trust.ErrNotManaged, "a store of its own is not overwritten")
}

// entries reads an archive for a test to spoil.
func entries(t testing.TB, bundle []byte) (headers []*tar.Header, contents [][]byte) {
	t.Helper()
	for archive := tar.NewReader(bytes.NewReader(bundle)); ; {
		header, err := archive.Next()
		if err == io.EOF {
			return headers, contents
		}
		require.NoError(t, err)
		content, err := io.ReadAll(archive)
		require.NoError(t, err)
		headers, contents = append(headers, header), append(contents, content)
	}
}

func archive(t testing.TB, headers []*tar.Header, contents [][]byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	for i, header := range headers {
		require.NoError(t, w.WriteHeader(header))
		_, err := w.Write(contents[i])
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	return out.Bytes()
}

// TestHostileBundles refuses what Export would not have written, even where a
// signature were in order.
func TestHostileBundles(t *testing.T) {
	good := export(t, filled(t, newWorld(t)))
	h, c := entries(t, good)
	require.Equal(t, good, archive(t, h, c))
	file := func(name string) *tar.Header {
		return &tar.Header{Typeflag: tar.TypeReg, Name: name, Size: 3, Mode: 0o644, ModTime: h[0].ModTime, Format: tar.FormatUSTAR}
	}
	with := func(header *tar.Header, content string) []byte {
		return archive(t, append(h[:len(h):len(h)], header), append(c[:len(c):len(c)], []byte(content)))
	}
	renamed := *h[1]
	renamed.Name = "objects/../../" + filepath.Base(h[1].Name)
	owned := *h[1]
	owned.Uid = 1000
	spoilt := bytes.Clone(c[1])
	spoilt[len(spoilt)/2] ^= 1
	for name, bundle := range map[string][]byte{
		"path upward":      with(file("../../evil"), "bad"),
		"absolute path":    with(file("/etc/evil"), "bad"),
		"path in a name":   archive(t, append([]*tar.Header{h[0], &renamed}, h[2:]...), c),
		"extra file":       with(file("objects/extra.der"), "bad"),
		"a second index":   with(file("trust.json"), "{} "),
		"a file twice":     archive(t, append(h[:len(h):len(h)], h[1]), append(c[:len(c):len(c)], c[1])),
		"link":             with(&tar.Header{Typeflag: tar.TypeSymlink, Name: "objects/a.der", Linkname: "/etc/passwd"}, ""),
		"device":           with(&tar.Header{Typeflag: tar.TypeChar, Name: "objects/a.der"}, ""),
		"file missing":     archive(t, h[:len(h)-1], c[:len(c)-1]),
		"file altered":     archive(t, h, append([][]byte{c[0], spoilt}, c[2:]...)),
		"owner":            archive(t, append([]*tar.Header{h[0], &owned}, h[2:]...), c),
		"other order":      archive(t, []*tar.Header{h[1], h[0], h[2], h[3]}, [][]byte{c[1], c[0], c[2], c[3]}),
		"bytes after":      append(bytes.Clone(good), "more"...),
		"cut short":        good[:len(good)-1024],
		"cut in a file":    good[:len(good)/2],
		"empty":            nil,
		"noise":            []byte("noise"),
		"larger than ever": make([]byte, trust.MaxBundle+1),
	} {
		_, err := trust.ReadBundle(bundle)
		if name == "larger than ever" {
			assert.ErrorIs(t, err, trust.ErrTooLarge)
			continue
		}
		assert.ErrorIs(t, err, cert.ErrMalformed, name)
	}
}

// FuzzReadBundle looks for panics, and for bundles that are read and then cannot
// be used.
func FuzzReadBundle(f *testing.F) {
	good := export(f, filled(f, newWorld(f)))
	f.Add(good)
	f.Add(good[:1536])
	f.Fuzz(func(t *testing.T, content []byte) {
		bundle, err := trust.ReadBundle(content)
		if err != nil {
			return
		}
		_, _ = bundle.Store()
		_ = bundle.Held()
	})
}

// TestExportNoticesDamage does not pass on what has rotted.
func TestExportNoticesDamage(t *testing.T) {
	dir := filled(t, newWorld(t))
	files, err := filepath.Glob(filepath.Join(dir.Path(), "objects", "*.ml"))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(files[0], []byte("rot"), 0o600))
	assert.ErrorIs(t, dir.Export(io.Discard), cert.ErrMalformed)
}
