package main

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/pki/adsig"
	"cnie/simulator"
)

// TestSignPIN: what is said of tries, and what a wrong PIN leaves behind.
func TestSignPIN(t *testing.T) {
	o := newOffice(t)
	system := simulator.NewSystem("Simulated", o.chip())
	file := papers(t, "letter.txt")[0]
	try := func(code int, says, pin string, args ...string) *holder {
		t.Helper()
		h := &holder{pins: []string{pin}}
		got := atDesk(t, system, h, append([]string{"sign", file}, args...)...)
		assert.Equal(t, code, got.code, got.stderr)
		assert.Contains(t, got.stderr, says)
		assert.NotContains(t, got.stderr, pin)
		assert.Len(t, names(t, filepath.Dir(file)), 1)
		return h
	}
	try(exitWrongPassword, "a PIN of this card does not look like that; it was not tried", "12ab!")
	assert.Equal(t, 3, try(exitWrongPassword, "the PIN is wrong; 2 tries are left", "654321").asks[0].Left)
	assert.Equal(t, 2, try(exitWrongPassword, "the PIN is wrong; 1 try is left", "654321").asks[0].Left)
	assert.Empty(t, try(exitNotPermitted, "give --use-last-try", "123456789").asks)
	try(exitWrongPassword, "the PIN is blocked", "654321", "--use-last-try")
	assert.Empty(t, try(exitWrongPassword, "the PIN is blocked", "123456789", "--use-last-try").asks)
}

// TestSignConsent: a key that wants no PIN is not used without a yes, and without
// a person nothing is.
func TestSignConsent(t *testing.T) {
	o := newOffice(t)
	system := simulator.NewSystem("Simulated", o.chip())
	file := papers(t, "letter.txt")[0]
	h := &holder{pins: []string{"123456"}, refuses: true}
	got := atDesk(t, system, h, "sign", file, "--key", "piv:9E")
	assert.Equal(t, exitInterrupted, got.code)
	assert.Contains(t, got.stderr, "you did not agree")
	assert.Equal(t, []string{"Sign this document?"}, h.agreed)
	for _, key := range []string{"piv:9E", "piv"} {
		got = atDesk(t, system, nil, "sign", file, "--key", key)
		assert.Equal(t, exitUsage, got.code)
		assert.Contains(t, got.stderr, "needs somebody at a terminal")
	}
	assert.Len(t, names(t, filepath.Dir(file)), 1)
	h = amina()
	got = atDesk(t, system, h, "sign", file, "--key", "piv:9e", "--json")
	assert.Equal(t, exitOK, got.code, got.stderr)
	assert.Empty(t, h.asks)
	assert.JSONEq(t, fmt.Sprintf(`{"signed":[{"file":%q,"format":"cades","level":"B-B","of":[%q]}]}`, file+".p7s", file), got.stdout)
}

// TestSignRefuses: what is wrong is said before anybody is asked, and nothing is
// written.
func TestSignRefuses(t *testing.T) {
	o := newOffice(t)
	files := papers(t, "a.txt", "b.txt", "broken.pdf")
	dir := filepath.Dir(files[0])
	require.NoError(t, os.WriteFile(files[2], []byte("%PDF-1.7\nbroken"), 0o600))
	gone := filepath.Join(dir, "gone")
	empty := t.TempDir()
	for name, c := range map[string]struct {
		code int
		says string
		args []string
	}{
		"no file":                     {exitUsage, "takes files", nil},
		"a file that is not there":    {exitIO, "cannot read", []string{gone}},
		"a folder":                    {exitUsage, "no file that could be signed", []string{dir}},
		"the same twice":              {exitUsage, "named twice", []string{files[0], files[0]}},
		"unknown format":              {exitUsage, "--format takes", []string{files[0], "--format", "xades"}},
		"unknown level":               {exitUsage, "--level takes", []string{files[0], "--level", "C"}},
		"level without authority":     {exitUsage, "--tsa URL", []string{files[0], "--level", "B-T"}},
		"level without roots":         {exitUsage, "--trust DIR", []string{files[0], "--level", "B-LT", "--tsa", o.tsa}},
		"authority without level":     {exitUsage, "B-B has none of", []string{files[0], "--level", "B-B", "--tsa", o.tsa}},
		"roots that are none":         {exitConfiguration, "holds no certificate", []string{files[0], "--level", "B-LT", "--tsa", o.tsa, "--trust", empty}},
		"jades above B-B":             {exitUsage, "level B-B only", []string{files[0], "--format", "jades", "--tsa", o.tsa}},
		"attached PDF":                {exitUsage, "--attached goes with", []string{files[0], "--format", "pades", "--attached"}},
		"visible text":                {exitUsage, "--visible is for PDF", []string{files[0], "--visible", "page=1"}},
		"visible nonsense":            {exitUsage, "--visible knows", []string{files[0], "--visible", "colour=red"}},
		"several into one":            {exitUsage, "give -o a folder", []string{files[0], files[1], "-o", gone}},
		"container without name":      {exitUsage, "say with -o FILE", []string{files[0], files[1], "--format", "asice"}},
		"over itself, in other words": {exitUsage, "over the document itself", []string{files[0], "--force", "-o", filepath.Dir(files[0]) + "/./" + filepath.Base(files[0])}},
		"over itself, by a link":      {exitUsage, "over the document itself", []string{files[0], "--force", "-o", linkTo(t, files[0])}},
		"over itself":                 {exitUsage, "over the document itself", []string{files[0], "-o", files[0]}},
		"key that is none":            {exitUsage, "--key takes", []string{files[0], "--key", "ssh"}},
		"module without file":         {exitUsage, "module-path", []string{files[0], "--key", "pkcs11:token=x"}},
		"PIN in the URI":              {exitUsage, "a PIN does not belong there", []string{files[0], "--key", "pkcs11:?pin-value=123456"}},
		"slot that is empty":          {exitUnavailable, "no key in slot 82", []string{files[0], "--key", "piv:82"}},
		"chain that is none":          {exitMalformed, "no certificate", []string{files[0], "--chain", files[1]}},
		"PDF that is none":            {exitMalformed, "malformed PDF", []string{files[2]}},
		"folder to write to":          {exitIO, "cannot write", []string{files[0], "-o", filepath.Join(gone, "x.p7s")}},
	} {
		t.Run(name, func(t *testing.T) {
			got := atDesk(t, simulator.NewSystem("Simulated", o.chip()), amina(), append([]string{"sign"}, c.args...)...)
			assert.Equal(t, c.code, got.code, got.stderr)
			assert.Contains(t, got.stderr, c.says)
			assert.Empty(t, got.stdout)
			assert.Len(t, names(t, dir), 3)
		})
	}
	got := atDesk(t, simulator.NewSystem("Simulated", nil), amina(), "sign", files[0])
	assert.Equal(t, exitUnavailable, got.code)
	got = atDesk(t, simulator.NewSystem("Simulated", simulator.New(citizen(t))), amina(), "sign", files[0])
	assert.Equal(t, exitUnavailable, got.code)
	assert.Contains(t, got.stderr, "no PIV application")
}

// TestSignChanged: a document changes while its holder reads the list and types
// the PIN. What was listed is signed, or nothing.
func TestSignChanged(t *testing.T) {
	o := newOffice(t)
	for name, args := range map[string][]string{
		"letter.txt": {"--format", "cades", "--attached"}, "second.txt": {"--format", "asice"}, "third.txt": {"--format", "jades", "--attached"}, "lease.pdf": nil,
	} {
		t.Run(name, func(t *testing.T) {
			file := papers(t, name)[0]
			content := []byte("the document")
			if name == "lease.pdf" {
				content = plainPDF()
			}
			require.NoError(t, os.WriteFile(file, content, 0o600))
			h := amina()
			h.meanwhile = func() { require.NoError(t, os.WriteFile(file, append([]byte{}, "another document"...), 0o600)) }
			got := atDesk(t, simulator.NewSystem("Simulated", o.chip()), h, append([]string{"sign", file, "--key", "piv:9E"}, args...)...)
			assert.Equal(t, exitTryAgain, got.code, got.stderr)
			assert.Contains(t, got.stderr, "changed after it was listed")
			assert.Empty(t, got.stdout)
			assert.Equal(t, []string{name}, names(t, filepath.Dir(file)))
		})
	}
	file := papers(t, "letter.txt")[0]
	h := amina()
	h.meanwhile = func() { require.NoError(t, os.WriteFile(file, []byte("another"), 0o600)) }
	got := atDesk(t, simulator.NewSystem("Simulated", o.chip()), h, "sign", file, "--key", "piv:9E")
	require.Equal(t, exitOK, got.code, got.stderr)
	_, view := validated(t, file+".p7s", "--trust", o.roots)
	assert.Equal(t, adsig.HashFailure, view.Files[0].Signatures[0].Sub, "the signature is over what was listed")
}

// linkTo is another name for a file.
func linkTo(t *testing.T, file string) string {
	t.Helper()
	link := filepath.Join(t.TempDir(), "link")
	require.NoError(t, os.Symlink(file, link))
	return link
}
