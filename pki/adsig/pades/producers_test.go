package pades_test

import (
	"bytes"
	"flag"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"cnie/pki/adsig/adsigtest"
	"cnie/pki/adsig/cades"
	"cnie/pki/adsig/pades"
	"cnie/pki/adsig/pades/visible"
	"cnie/pki/adsig/pdf"
	"cnie/pki/adsig/pdf/pdftest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// produced reads the documents that other programs wrote.
func produced(t testing.TB) map[string][]byte {
	t.Helper()
	files, err := filepath.Glob("testdata/*.pdf")
	require.NoError(t, err)
	require.Len(t, files, 8)
	all := map[string][]byte{}
	for _, file := range files {
		content, err := os.ReadFile(file)
		require.NoError(t, err)
		all[filepath.Base(file)] = content
	}
	return all
}

// TestProducers signs what several programs wrote, visibly and up to B-LTA, and
// has other programs judge and draw the result.
func TestProducers(t *testing.T) {
	documents := produced(t)
	documents["hybrid"] = pdftest.Hybrid("SPECIMEN", true)
	for name, document := range documents {
		if name == "qpdf-encrypted.pdf" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			d := atPresent(t)
			signed := d.sign(document, cades.BLTA, func(s *pades.Signer) {
				s.Look = &visible.Look{Page: 1, X: 50, Y: 50, Width: 200, Height: 60, Lines: []string{"Signed with the certificate of", "عيّنة"}}
			})
			d.judge(signed, 2)
			r := d.only(signed, d.policy())
			assertPassed(t, r)
			assert.Equal(t, pades.WholeDocument, r.Scope)
			said := run(t, "pdftotext", adsigtest.File(t, "signed.pdf", signed), "-")
			assert.Contains(t, said, "SPECIMEN")
			assert.Contains(t, said, "Signed with the certificate of")
		})
	}
}

func TestEncrypted(t *testing.T) {
	d := newDesk(t)
	document := produced(t)["qpdf-encrypted.pdf"]
	var out bytes.Buffer
	err := d.newSigner().Sign(t.Context(), &out, bytes.NewReader(document), int64(len(document)), cades.BB, nil)
	require.ErrorIs(t, err, pdf.ErrEncrypted)
	assert.Empty(t, out.Bytes())
	_, err = pades.Validate(bytes.NewReader(document), int64(len(document)), d.policy())
	assert.ErrorIs(t, err, pdf.ErrEncrypted)
}

var large = flag.Int("pades-megabytes", 0, "size of the document that TestLarge makes, signs and validates; 0: 20")

// padded is a document with one long stream, made as it is read: no more of it is
// in memory than is asked for.
type padded struct {
	front, back []byte
	filling     int64
}

func newPadded(megabytes int) *padded {
	filling := int64(megabytes) << 20
	front, back := pdftest.Padded(filling)
	return &padded{front, back, filling}
}

func (p *padded) size() int64 { return int64(len(p.front)+len(p.back)) + p.filling }

func (p *padded) ReadAt(b []byte, at int64) (n int, err error) {
	for n < len(b) && at < p.size() {
		switch rest := at - int64(len(p.front)); {
		case rest < 0:
			b[n] = p.front[at]
		case rest < p.filling:
			b[n] = 'A' + byte(rest%23)
		default:
			b[n] = p.back[rest-p.filling]
		}
		n, at = n+1, at+1
	}
	if n < len(b) {
		return n, io.EOF
	}
	return n, nil
}

// TestLarge signs a document to B-LTA and validates it in a few megabytes of
// memory, whatever its size.
func TestLarge(t *testing.T) {
	megabytes := *large
	if megabytes == 0 {
		megabytes = 20
	}
	d := newDesk(t)
	source := newPadded(megabytes)
	file, err := os.Create(filepath.Join(t.TempDir(), "large.pdf"))
	require.NoError(t, err)
	defer file.Close()
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	require.NoError(t, d.newSigner().Sign(t.Context(), file, source, source.size(), cades.BLTA, d.augmenter()))
	size, err := file.Seek(0, io.SeekEnd)
	require.NoError(t, err)
	found, err := pades.Validate(file, size, d.policy())
	require.NoError(t, err)
	runtime.ReadMemStats(&after)
	assertPassed(t, found.Signatures[0])
	assert.Equal(t, cades.BLTA, found.Signatures[0].Level)
	assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(16<<20), "bytes allocated altogether")
}
