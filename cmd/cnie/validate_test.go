package main

import (
	"archive/zip"
	"bytes"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/internal/ca"
	"cnie/pki/adsig"
	"cnie/pki/adsig/asic"
	"cnie/simulator"
)

// signed is a signature of the office's card over a letter beside it.
func (o *office) signed(t testing.TB, args ...string) (file, signature string) {
	t.Helper()
	file = papers(t, "letter.txt")[0]
	got := atDesk(t, simulator.NewSystem("Simulated", o.chip()), amina(), append([]string{"sign", file, "--chain", o.chain}, args...)...)
	require.Equal(t, exitOK, got.code, got.stderr)
	return file, file + ".p7s"
}

// TestValidateIndications: one signature, and what is said of it as the world
// changes around it.
func TestValidateIndications(t *testing.T) {
	o := newOffice(t)
	file, signature := o.signed(t, o.raised("B-LT")...)
	trusted := []string{signature, "--trust", o.roots}
	check := func(code int, indication adsig.Indication, sub adsig.SubIndication, args ...string) {
		t.Helper()
		got, view := validated(t, args...)
		assert.Equal(t, code, got.code, got.stderr)
		s := view.Files[0].Signatures[0]
		assert.Equal(t, indication, s.Indication, s.Sentence)
		assert.Equal(t, sub, s.Sub)
		for _, c := range s.Checks {
			assert.NotEmpty(t, c.Clause, c.ID)
			assert.NotEmpty(t, c.Reason, c.ID)
		}
	}
	passed := append([]string{}, trusted...)
	check(exitOK, adsig.TotalPassed, "", passed...)
	check(exitOK, adsig.TotalPassed, "", append(passed, "--content", file)...)
	check(exitInconclusive, adsig.Indeterminate, adsig.NoCertificateChainFound, signature)
	check(exitInconclusive, adsig.Indeterminate, adsig.OutOfBoundsNoPOE, append(passed, "--at", time.Now().AddDate(20, 0, 0).Format(time.RFC3339))...)
	other := papers(t, "other.txt")[0]
	check(exitRefused, adsig.TotalFailed, adsig.HashFailure, append(passed, "--content", other)...)
	require.NoError(t, os.Rename(file, file+".moved"))
	check(exitInconclusive, adsig.Indeterminate, adsig.SignedDataNotFound, passed...)
	require.NoError(t, os.Rename(file+".moved", file))
	message, err := os.ReadFile(signature)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(signature, message[:len(message)/2], 0o600))
	check(exitRefused, adsig.TotalFailed, adsig.FormatFailure, passed...)
}

// TestValidateRevoked: a certificate is revoked after signing. Without a timestamp
// that is open; with one it does not matter.
func TestValidateRevoked(t *testing.T) {
	o := newOffice(t)
	_, plain := o.signed(t)
	_, stamped := o.signed(t, o.raised("B-T")...)
	time.Sleep(2200 * time.Millisecond) // timestamps count in seconds, and are one off at most
	door, err := ca.Dial(t.Context(), o.dir)
	require.NoError(t, err)
	_, _, err = door.Revoke(t.Context(), o.certificate.SerialNumber, ca.Reason("keyCompromise"))
	require.NoError(t, err)
	require.NoError(t, door.Close())
	got, view := validated(t, plain, "--trust", o.roots, "--ocsp", o.ocsp)
	assert.Equal(t, exitInconclusive, got.code)
	assert.Equal(t, adsig.RevokedNoPOE, view.Files[0].Signatures[0].Sub)
	got, view = validated(t, plain, stamped, "--trust", o.roots, "--ocsp", o.ocsp)
	assert.Equal(t, exitInconclusive, got.code)
	assert.Equal(t, adsig.TotalPassed, view.Files[1].Signatures[0].Indication, view.Files[1].Signatures[0].Sentence)
}

// TestValidateForeign: signatures that openssl made, with and without content, in
// DER and PEM.
func TestValidateForeign(t *testing.T) {
	o := newOffice(t)
	file := papers(t, "letter.txt")[0]
	dir := filepath.Dir(file)
	key, request, certificate := filepath.Join(dir, "k.pem"), filepath.Join(dir, "r.pem"), filepath.Join(dir, "c.pem")
	judgedBy(t, "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key, "-subj", "/CN=SPECIMEN IDRIS", "-out", request)
	content, err := os.ReadFile(request)
	require.NoError(t, err)
	order, err := ca.ParseRequest(content)
	require.NoError(t, err)
	door, err := ca.Dial(t.Context(), o.dir)
	require.NoError(t, err)
	chain, err := door.Issue(t.Context(), ca.Sign, order)
	require.NoError(t, err)
	require.NoError(t, door.Close())
	require.NoError(t, os.WriteFile(certificate, pemOf("CERTIFICATE", chain[0].Raw), 0o600))
	for name, c := range map[string]struct {
		ending string
		args   []string
	}{
		"detached": {".p7s", []string{"-outform", "DER"}},
		"attached": {".p7m", []string{"-outform", "DER", "-nodetach"}},
		"streamed": {".p7m", []string{"-outform", "DER", "-nodetach", "-stream"}},
		"PEM":      {".p7s", []string{"-outform", "PEM"}},
	} {
		t.Run(name, func(t *testing.T) {
			out := file + "." + name + c.ending
			judgedBy(t, append([]string{"cms", "-sign", "-binary", "-cades", "-in", file, "-signer", certificate, "-inkey", key, "-out", out}, c.args...)...)
			got, view := validated(t, out, "--content", file, "--trust", o.roots, "--ocsp", o.ocsp)
			require.Equal(t, exitOK, got.code, "%s%s", got.stderr, got.stdout)
			assert.Contains(t, view.Files[0].Signatures[0].Sentence, "Signed with the certificate of SPECIMEN IDRIS")
		})
	}
}

func pemOf(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}

// TestValidateShown: the three ways of showing say the same, and none what only a
// law could.
func TestValidateShown(t *testing.T) {
	o := newOffice(t)
	_, signature := o.signed(t, o.raised("B-LTA")...)
	page := filepath.Join(t.TempDir(), "report.html")
	got := atDesk(t, nil, nil, "validate", signature, "--trust", o.roots, "--ocsp", o.ocsp, "--report", page, "--details")
	require.Equal(t, exitOK, got.code, got.stderr)
	html, err := os.ReadFile(page)
	require.NoError(t, err)
	for _, said := range []string{"TOTAL-PASSED", "Signed with the certificate of SPECIMEN AMINA", "B-LTA", "EN 319 102-1 §5.2.7", "signature.value", "Timestamp", "path.revocation"} {
		assert.Contains(t, got.stdout, said)
		assert.Contains(t, string(html), said)
	}
	for _, text := range []string{got.stdout, string(html)} {
		assert.NotContains(t, strings.ToLower(text), "qualified")
	}
	assert.NotContains(t, string(html), "<script")
	assert.True(t, strings.HasPrefix(got.stdout, "✓ TOTAL-PASSED"), got.stdout)
	assert.False(t, bytes.Contains(html, []byte("ZgotmplZ")))
}

// TestValidateRefuses: what is no signature, and arguments that contradict each
// other.
func TestValidateRefuses(t *testing.T) {
	o := newOffice(t)
	file, signature := o.signed(t)
	dir := t.TempDir()
	unsigned, container := filepath.Join(dir, "unsigned.pdf"), file+".asice"
	require.Equal(t, exitOK, atDesk(t, simulator.NewSystem("Simulated", o.chip()), amina(), "sign", file, "--chain", o.chain, "--format", "asice").code)
	require.NoError(t, os.WriteFile(unsigned, plainPDF(), 0o600))
	bad := filepath.Join(dir, "bad.crt")
	require.NoError(t, os.WriteFile(bad, []byte("none"), 0o600))
	for name, c := range map[string]struct {
		code int
		says string
		args []string
	}{
		"no file":                  {exitUsage, "takes files", nil},
		"a file that is not there": {exitIO, "cannot read", []string{filepath.Join(dir, "gone")}},
		"no signature":             {exitMalformed, "is no signature", []string{file}},
		"an unsigned PDF":          {exitMalformed, "the document has no signature", []string{unsigned}},
		"content of two":           {exitUsage, "one by one", []string{signature, signature, "--content", file}},
		"content of a PDF":         {exitUsage, "holds what is signed", []string{unsigned, "--content", file}},
		"content of a container":   {exitUsage, "holds what is signed", []string{container, "--content", file}},
		"content not there":        {exitIO, "cannot read", []string{signature, "--content", filepath.Join(dir, "gone")}},
		"time that is none":        {exitUsage, "--at takes", []string{signature, "--at", "yesterday"}},
		"roots not there":          {exitIO, "cannot read", []string{signature, "--trust", filepath.Join(dir, "gone")}},
		"roots that are none":      {exitMalformed, "neither a certificate nor a revocation list", []string{signature, "--trust", dir}},
		"report nowhere":           {exitIO, "cannot write", []string{signature, "--trust", o.roots, "--report", filepath.Join(dir, "gone", "r.html")}},
	} {
		t.Run(name, func(t *testing.T) {
			got := atDesk(t, nil, nil, append([]string{"validate"}, c.args...)...)
			assert.Equal(t, c.code, got.code, got.stderr)
			assert.Contains(t, got.stderr, c.says)
			assert.Equal(t, 1, strings.Count(got.stderr, "\n"), "one sentence")
		})
	}
	got, view := validated(t, file, signature, "--trust", o.roots, "--ocsp", o.ocsp)
	assert.Equal(t, exitMalformed, got.code)
	assert.Contains(t, got.stderr, "not every file could be judged")
	assert.Contains(t, view.Files[0].Problem, "is no signature")
	assert.Equal(t, adsig.TotalPassed, view.Files[1].Signatures[0].Indication)
}

// TestValidateContentOfItsOwn: what a signature has inside is what it is over,
// whatever file is held against it.
func TestValidateContentOfItsOwn(t *testing.T) {
	o := newOffice(t)
	both := papers(t, "letter.txt", "other.txt")
	for format, ending := range map[string]string{"cades": ".p7m", "jades": ".jws"} {
		got := atDesk(t, simulator.NewSystem("Simulated", o.chip()), amina(), "sign", both[0], "--chain", o.chain, "--format", format, "--attached")
		require.Equal(t, exitOK, got.code, got.stderr)
		signature := both[0] + ending
		got, view := validated(t, signature, "--content", both[0], "--trust", o.roots, "--ocsp", o.ocsp)
		assert.Equal(t, exitOK, got.code, got.stderr)
		assert.Equal(t, both[0], view.Files[0].Content)
		got, view = validated(t, signature, "--content", both[1], "--trust", o.roots, "--ocsp", o.ocsp)
		assert.Equal(t, exitRefused, got.code, got.stderr)
		assert.Equal(t, adsig.HashFailure, view.Files[0].Signatures[0].Sub, view.Files[0].Signatures[0].Sentence)
		got, view = validated(t, signature, "--trust", o.roots, "--ocsp", o.ocsp)
		assert.Equal(t, exitOK, got.code, got.stderr)
		assert.Empty(t, view.Files[0].Content, "it is not over a file")
	}
}

// TestValidateKinds: a document inside a signature does not make that another kind
// of file.
func TestValidateKinds(t *testing.T) {
	o := newOffice(t)
	file := filepath.Join(t.TempDir(), "report.pdf")
	require.NoError(t, os.WriteFile(file, plainPDF(), 0o600))
	for _, args := range [][]string{{"--format", "cades", "--attached"}, {"--format", "asice"}} {
		got := atDesk(t, simulator.NewSystem("Simulated", o.chip()), amina(), append([]string{"sign", file, "--chain", o.chain}, args...)...)
		require.Equal(t, exitOK, got.code, got.stderr)
		signature := strings.Fields(got.stdout)[1]
		signature = strings.TrimSuffix(signature, ",")
		got, view := validated(t, signature, "--trust", o.roots, "--ocsp", o.ocsp)
		assert.Equal(t, exitOK, got.code, got.stderr)
		assert.NotEqual(t, "PAdES", view.Files[0].Format)
		if strings.HasSuffix(signature, ".asice") {
			got = atDesk(t, nil, nil, "validate", withFile(t, signature, "extra.txt"), "--trust", o.roots, "--ocsp", o.ocsp)
			assert.Contains(t, got.stdout, `not signed by this signature: "extra.txt"`, "said without --details")
		}
	}
	for name, c := range map[string]struct {
		head string
		kind fileKind
	}{
		"something before a PDF":    {"\xef\xbb\xbf%PDF-1.7\n", kindPDF},
		"a PDF that begins with 0x": {"0\x82\x01\x02 and %PDF-1.7\n", kindPDF},
		"a container with a PDF":    {"PK\x03\x04" + strings.Repeat("\x00", 26) + "mimetype" + asic.MIMEType + "PK\x03\x04%PDF-1.7", kindContainer},
		"a message with a PDF":      {"0\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02\xa0\x80%PDF-1.7", kindCMS},
	} {
		assert.Equal(t, c.kind, kindOfBytes([]byte(c.head)), name)
	}
}

// withFile is a container with one more file, which nobody signed.
func withFile(t testing.TB, container, name string) string {
	t.Helper()
	r, err := zip.OpenReader(container)
	require.NoError(t, err)
	defer r.Close()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, f := range r.File {
		require.NoError(t, w.Copy(f))
	}
	_, err = w.Create(name)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	more := container + ".more.asice"
	require.NoError(t, os.WriteFile(more, out.Bytes(), 0o600))
	return more
}

// TestValidateNames: files are named by strangers. A JSON signature is not led out
// of its folder.
func TestValidateNames(t *testing.T) {
	open := inFolder(t.TempDir())
	for _, name := range []string{"", ".", "..", "../letter.txt", "/etc/passwd", "a/b", "a\\..\\b"} {
		_, err := open(name)
		assert.ErrorIs(t, err, os.ErrNotExist, name)
	}
}

// TestAugmentRefuses: nothing is written.
func TestAugmentRefuses(t *testing.T) {
	o := newOffice(t)
	file, signature := o.signed(t)
	for name, c := range map[string]struct {
		code int
		says string
		args []string
	}{
		"no level":       {exitUsage, "--level", []string{signature}},
		"no authority":   {exitUsage, "--tsa URL", []string{signature, "--level", "B-T"}},
		"no signature":   {exitMalformed, "no signature that can be raised", append([]string{file}, o.raised("B-T")...)},
		"two files":      {exitUsage, "takes one file", append([]string{file, signature}, o.raised("B-T")...)},
		"not there":      {exitIO, "cannot read", append([]string{file + "x"}, o.raised("B-T")...)},
		"in the way":     {exitIO, "exists already", append([]string{signature, "-o", file}, o.raised("B-T")...)},
		"nobody answers": {exitLowerLevel, "was not reached", []string{signature, "--tsa", o.tsa, "--level", "B-LT", "--trust", o.roots, "--ocsp", "http://" + free(t)}},
	} {
		t.Run(name, func(t *testing.T) {
			got := atDesk(t, nil, nil, append([]string{"augment"}, c.args...)...)
			assert.Equal(t, c.code, got.code, got.stderr)
			assert.Contains(t, got.stderr, c.says)
			assert.Empty(t, got.stdout)
		})
	}
	assert.Equal(t, []string{"letter.txt", "letter.txt.B-T.p7s", "letter.txt.p7s"}, names(t, filepath.Dir(file)))
}
