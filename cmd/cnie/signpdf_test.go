package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/pki/adsig"
	"cnie/simulator"
)

// plainPDF is one empty page.
func plainPDF() []byte {
	var b bytes.Buffer
	var offsets []int
	b.WriteString("%PDF-1.7\n%\xE2\xE3\xCF\xD3\n")
	for i, body := range []string{"<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
		"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << >> >>"} {
		offsets = append(offsets, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, body)
	}
	xref := b.Len()
	b.WriteString("xref\n0 4\n0000000000 65535 f \n")
	for _, at := range offsets {
		fmt.Fprintf(&b, "%010d 00000 n \n", at)
	}
	fmt.Fprintf(&b, "trailer\n<< /Size 4 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", xref)
	return b.Bytes()
}

// TestSignPDF signs inside a PDF by default, at each level, and has poppler and
// qpdf look at it.
func TestSignPDF(t *testing.T) {
	o := newOffice(t)
	system := simulator.NewSystem("Simulated", o.chip())
	for _, level := range []string{"B-B", "B-T", "B-LT", "B-LTA"} {
		t.Run(level, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "lease.pdf")
			require.NoError(t, os.WriteFile(file, plainPDF(), 0o600))
			args := []string{"sign", file, "--chain", o.chain, "--visible", "page=1,x=50,y=50,w=220,h=60"}
			if level != "B-B" {
				args = append(args, o.raised(level)...)
			}
			got := atDesk(t, system, amina(), args...)
			require.Equal(t, exitOK, got.code, got.stderr)
			out := strings.TrimSuffix(file, ".pdf") + ".signed.pdf"
			assert.Contains(t, got.stdout, "Signed "+out+", "+level)
			j, view := validated(t, out, "--trust", o.roots, "--ocsp", o.ocsp)
			require.Equal(t, exitOK, j.code, "%s%s", j.stdout, j.stderr)
			assert.Equal(t, level, view.Files[0].Signatures[0].Level)
			said, err := exec.Command("pdfsig", "-nocert", out).CombinedOutput()
			require.NoError(t, err, "%s", said)
			assert.Contains(t, string(said), "Signature is Valid")
			checked, err := exec.Command("qpdf", "--check", out).CombinedOutput()
			require.NoError(t, err, "%s", checked)

			h := amina()
			got = atDesk(t, system, h, args...)
			assert.Equal(t, exitOK, got.code, got.stderr)
			assert.Contains(t, got.stdout, "Was signed before:")
			assert.Empty(t, h.asks)

			changed, err := os.ReadFile(out)
			require.NoError(t, err)
			changed = bytes.Replace(changed, []byte("595 842"), []byte("842 595"), 1)
			require.NoError(t, os.WriteFile(out, changed, 0o600))
			j, view = validated(t, out, "--trust", o.roots)
			assert.Equal(t, exitRefused, j.code)
			assert.Equal(t, adsig.TotalFailed, view.Files[0].Signatures[0].Indication)
		})
	}
}

// TestSignPDFLower: as for other formats, the name says what the file is.
func TestSignPDFLower(t *testing.T) {
	o := newOffice(t)
	file := filepath.Join(t.TempDir(), "lease.pdf")
	require.NoError(t, os.WriteFile(file, plainPDF(), 0o600))
	got := atDesk(t, simulator.NewSystem("Simulated", o.chip()), amina(), "sign", file, "--tsa", "http://"+free(t), "--chain", o.chain)
	assert.Equal(t, exitLowerLevel, got.code, got.stderr)
	assert.Equal(t, []string{"lease.pdf", "lease.signed.B-B.pdf"}, names(t, filepath.Dir(file)))
	lower := filepath.Join(filepath.Dir(file), "lease.signed.B-B.pdf")
	raised := atDesk(t, nil, nil, append([]string{"augment", lower}, o.raised("B-LTA")...)...)
	require.Equal(t, exitOK, raised.code, raised.stderr)
	j, view := validated(t, strings.Replace(lower, "B-B", "B-LTA", 1), "--trust", o.roots, "--ocsp", o.ocsp)
	require.Equal(t, exitOK, j.code, j.stdout)
	assert.Equal(t, "B-LTA", view.Files[0].Signatures[0].Level)
}
