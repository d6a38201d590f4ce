package asic_test

import (
	"bytes"
	"hash/crc32"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"cnie/pki"
	"cnie/pki/adsig"
	"cnie/pki/adsig/adsigtest"
	"cnie/pki/adsig/asic"
	"cnie/pki/adsig/cades"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func checksum(b []byte) uint32 { return crc32.ChecksumIEEE(b) }

const (
	manifestFile  = "META-INF/ASiCManifest001.xml"
	signatureFile = "META-INF/signature001.p7s"
)

func TestLevels(t *testing.T) {
	for _, level := range []cades.Level{cades.BB, cades.BT, cades.BLT, cades.BLTA} {
		t.Run(level.String(), func(t *testing.T) {
			d := newDesk(t)
			container := d.create(level)
			r := one(t, container, d.lists())
			assertPassed(t, r, level)
			assert.Equal(t, signatureFile, r.Signature)
			assert.Equal(t, []string{"letter.txt", "scans/été 1.png", "empty"}, r.Files)
			for _, id := range []adsig.CheckID{asic.CheckFiles, asic.CheckUnsigned} {
				c, found := r.Find(id)
				assert.True(t, found)
				assert.Equal(t, pki.Passed, c.Outcome)
			}
			if level < cades.BLT {
				return
			}
			assertPassed(t, one(t, container, adsig.Policy{At: d.Now, Anchors: d.Anchors()}), level)
		})
	}
}

// TestJudges has programs that share nothing with this package look at a
// container: one that unpacks, one that verifies, one that hashes.
func TestJudges(t *testing.T) {
	d := newDesk(t)
	dir := t.TempDir()
	file := filepath.Join(dir, "box.asice")
	container := d.create(cades.BLTA)
	require.NoError(t, os.WriteFile(file, container, 0o600))
	assert.Equal(t, "mimetype"+asic.MIMEType, string(container[30:30+8+len(asic.MIMEType)]), "what programs that know no ZIP look at")
	run := func(command ...string) string {
		t.Helper()
		c := exec.Command(command[0], command[1:]...)
		c.Dir, c.Env = dir, append(os.Environ(), "LC_ALL=C.UTF-8")
		out, err := c.CombinedOutput()
		require.NoError(t, err, "%v: %s", command, out)
		return string(out)
	}
	assert.Contains(t, run("unzip", "-t", file), "No errors detected")
	run("unzip", "-q", file)
	run("openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", signatureFile, "-content", manifestFile,
		"-CAfile", adsigtest.CertFile(t, d.Root), "-purpose", "any", "-out", os.DevNull, "-attime", unix(d))
	assert.Contains(t, run("openssl", "ts", "-verify", "-token_in", "-in", "META-INF/timestamp001.tst", "-data", "META-INF/ASiCArchiveManifest.xml",
		"-CAfile", adsigtest.CertFile(t, d.Root), "-untrusted", adsigtest.CertFile(t, d.CA), "-attime", unix(d)), "Verification: OK")
	manifest, err := os.ReadFile(filepath.Join(dir, manifestFile))
	require.NoError(t, err)
	for _, f := range files {
		sum := run("sh", "-c", `openssl dgst -sha256 -binary "$0" | openssl base64 -A`, f.name)
		assert.Contains(t, string(manifest), ">"+sum+"<", f.name)
	}
}

func TestTampered(t *testing.T) {
	d := newDesk(t)
	parts := unpack(t, d.create(cades.BT))
	other := unpack(t, newDesk(t).create(cades.BT))
	flip := func(b []byte) []byte { b[len(b)/2] ^= 1; return b }
	without := func(name string) []part {
		var left []part
		for _, p := range parts {
			if p.name != name {
				left = append(left, p)
			}
		}
		return left
	}
	taken := func(name string) func([]byte) []byte {
		return func([]byte) []byte {
			for _, p := range other {
				if p.name == name {
					return p.content
				}
			}
			panic(name)
		}
	}
	signer := d.hand()
	var attached bytes.Buffer
	require.NoError(t, signer.Envelop(t.Context(), &attached, bytes.NewReader([]byte("something else")), cades.BB, nil))
	for name, c := range map[string]struct {
		parts []part
		id    adsig.CheckID
		sub   adsig.SubIndication
	}{
		"a file changed":                {change(t, parts, "letter.txt", flip), asic.CheckFiles, adsig.HashFailure},
		"an empty file filled":          {change(t, parts, "empty", func([]byte) []byte { return []byte("x") }), asic.CheckFiles, adsig.HashFailure},
		"a file taken out":              {without("letter.txt"), asic.CheckFiles, adsig.SignedDataNotFound},
		"a hash in the manifest":        {change(t, parts, manifestFile, func(b []byte) []byte { return bytes.Replace(b, []byte("DigestValue>"), []byte("DigestValue> "), 1) }), adsig.CheckDigest, adsig.HashFailure},
		"another's signature":           {change(t, parts, signatureFile, taken(signatureFile)), adsig.CheckPath, adsig.NoCertificateChainFound},
		"a signature with content":      {change(t, parts, signatureFile, func([]byte) []byte { return attached.Bytes() }), adsig.CheckFormat, adsig.FormatFailure},
		"a signature that is none":      {change(t, parts, signatureFile, func([]byte) []byte { return []byte("none") }), adsig.CheckFormat, adsig.FormatFailure},
		"a manifest that is none":       {change(t, parts, manifestFile, func([]byte) []byte { return []byte("<a/>") }), adsig.CheckFormat, adsig.FormatFailure},
		"no manifest":                   {without(manifestFile), adsig.CheckFormat, adsig.FormatFailure},
		"no signature":                  {without(signatureFile), adsig.CheckFormat, adsig.FormatFailure},
		"a second manifest for it":      {append(append([]part(nil), parts...), part{"META-INF/ASiCManifest002.xml", content(parts, manifestFile)}), adsig.CheckFormat, adsig.FormatFailure},
		"a signature without manifest":  {append(append([]part(nil), parts...), part{"META-INF/signature002.p7s", []byte("x")}), adsig.CheckFormat, adsig.FormatFailure},
		"the manifest names a document": {change(t, parts, manifestFile, func(b []byte) []byte { return bytes.Replace(b, []byte(signatureFile), []byte("letter.txt"), 1) }), adsig.CheckFormat, adsig.FormatFailure},
	} {
		t.Run(name, func(t *testing.T) {
			r := one(t, pack(t, c.parts), d.lists())
			_, sub := r.Indication()
			assert.Equal(t, c.sub, sub, "%+v", r.Checks)
			var failed []adsig.CheckID
			for _, check := range r.Checks {
				if check.Outcome == pki.Failed {
					failed = append(failed, check.ID)
				}
			}
			assert.Equal(t, []adsig.CheckID{c.id}, failed, "%+v", r.Checks)
		})
	}
	r := one(t, pack(t, append(append([]part(nil), parts...), part{"invoice.txt", []byte("pay me")})), d.lists())
	assertPassed(t, r, cades.BT)
	c, _ := r.Find(asic.CheckUnsigned)
	assert.Equal(t, pki.Warned, c.Outcome)
	assert.Contains(t, c.Reason, `"invoice.txt"`)
}

func content(parts []part, name string) []byte {
	for _, p := range parts {
		if p.name == name {
			return p.content
		}
	}
	return nil
}

// TestRenewal keeps a container past the end of everything that it was made with.
func TestRenewal(t *testing.T) {
	d := newDesk(t)
	container := d.create(cades.BB)
	signed := d.Now
	container = d.augment(container, cades.BT)
	assertPassed(t, one(t, container, d.lists()), cades.BT)
	container = d.augment(container, cades.BLT)
	container = d.augment(container, cades.BLTA)
	assertPassed(t, one(t, container, d.lists()), cades.BLTA)
	for i := range 4 {
		d.Now = d.Now.AddDate(4, 0, 0)
		d.NewTSA(d.Now)
		if i == 1 {
			d.NewCA(d.Now)
		}
		container = d.augment(container, cades.BLTA)
	}
	d.Now = d.Now.AddDate(0, 6, 0)
	r := one(t, container, d.lists())
	assertPassed(t, r, cades.BLTA)
	assert.WithinDuration(t, signed, r.Proven, 5_000_000_000)
	require.Len(t, r.Stamps, 6)
	var names []string
	for _, p := range unpack(t, container) {
		names = append(names, p.name)
	}
	assert.Contains(t, names, "META-INF/ASiCArchiveManifest.xml")
	assert.Contains(t, names, "META-INF/timestamp005.tst")
	t.Run("an archived file changed", func(t *testing.T) {
		broken := pack(t, change(t, unpack(t, container), "letter.txt", func([]byte) []byte { return []byte("other") }))
		r := one(t, broken, d.lists())
		indication, _ := r.Indication()
		assert.Equal(t, adsig.TotalFailed, indication)
	})
}

// TestArchiveOverSomethingElse: a timestamp that is over more than the signature
// counts only while all of that is as it was.
func TestArchiveOverSomethingElse(t *testing.T) {
	d := newDesk(t)
	parts := unpack(t, d.create(cades.BLTA))
	parts = change(t, parts, "META-INF/ASiCArchiveManifest.xml", func(b []byte) []byte { return append(b, '\n') })
	assertPassed(t, one(t, pack(t, parts), d.lists()), cades.BLT)
}

func TestSecondSignature(t *testing.T) {
	d := newDesk(t)
	first := d.create(cades.BT)
	other := d.Signer(nil)
	second := &cades.Signer{Key: other.Key, Chain: d.Chain(other), At: d.Now}
	var b bytes.Buffer
	require.NoError(t, open(t, first).Sign(t.Context(), &b, second, cades.BB, nil))
	reports := validate(t, b.Bytes(), d.lists())
	require.Len(t, reports, 2)
	assertPassed(t, reports[0], cades.BT)
	assertPassed(t, reports[1], cades.BB)
	assert.Equal(t, other.Cert.Raw, reports[1].Signer.Raw)
	container := d.augment(b.Bytes(), cades.BLTA)
	for _, r := range validate(t, container, d.lists()) {
		assertPassed(t, r, cades.BLTA)
	}
	assert.ErrorIs(t, open(t, first).Sign(t.Context(), io.Discard, second, cades.BLTA, nil), cades.ErrLevel)
}
