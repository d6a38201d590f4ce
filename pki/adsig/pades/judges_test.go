package pades_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"cnie/pki/adsig/adsigtest"
	"cnie/pki/adsig/cades"
	"cnie/pki/adsig/pades"
	"cnie/pki/adsig/pades/visible"
	"cnie/pki/cms"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// run runs a program that neither makes nor judges as we do.
func run(t testing.TB, name string, args ...string) string {
	t.Helper()
	output, err := exec.Command(name, args...).CombinedOutput()
	require.NoError(t, err, "%s %v: %s", name, args, output)
	return string(output)
}

// signature is a signature dictionary, found without the code that is tested.
type signature struct {
	covered, contents []byte
	stamp, whole      bool
}

var bounds = regexp.MustCompile(`/ByteRange\s*\[\s*0\s+(\d+)\s+(\d+)\s+(\d+)\s*\]`)

// dissect finds signatures by searching the file for byte ranges.
func dissect(t testing.TB, document []byte) (all []signature) {
	t.Helper()
	for _, m := range bounds.FindAllSubmatchIndex(document, -1) {
		number := func(i int) int {
			n, err := strconv.Atoi(string(document[m[2*i]:m[2*i+1]]))
			require.NoError(t, err)
			return n
		}
		from, to, rest := number(1), number(2), number(3)
		contents := make([]byte, (to-from-2)/2)
		_, err := fmt.Sscanf(string(document[from+1:to-1]), "%x", &contents)
		require.NoError(t, err)
		end := bytes.Index(document[m[0]:], []byte("endobj")) + m[0]
		start := bytes.LastIndex(document[:m[0]], []byte(" obj\n"))
		all = append(all, signature{
			covered:  append(bytes.Clone(document[:from]), document[to:to+rest]...),
			contents: contents, stamp: bytes.Contains(document[start:end], []byte("ETSI.RFC3161")), whole: to+rest == len(document),
		})
	}
	return all
}

// database makes a certificate store as poppler reads it, which trusts the root.
func (d *desk) database() string {
	dir := d.t.TempDir()
	run(d.t, "certutil", "-N", "-d", "sql:"+dir, "--empty-password")
	run(d.t, "certutil", "-A", "-d", "sql:"+dir, "-n", "root", "-t", "CT,C,C", "-i", adsigtest.CertFile(d.t, d.Root))
	run(d.t, "certutil", "-A", "-d", "sql:"+dir, "-n", "ca", "-t", ",,", "-i", adsigtest.CertFile(d.t, d.CA))
	return dir
}

// judge has poppler, qpdf and OpenSSL look at a document.
func (d *desk) judge(document []byte, signatures int) {
	d.t.Helper()
	file := adsigtest.File(d.t, "document.pdf", document)
	assert.Contains(d.t, run(d.t, "qpdf", "--check", file), "No syntax or stream encoding errors found")
	said := run(d.t, "pdfsig", "-nssdir", d.database(), "-no-ocsp", file)
	all := dissect(d.t, document)
	require.Equal(d.t, signatures, len(all))
	valid := 0
	for i, s := range all {
		data := adsigtest.File(d.t, "covered", s.covered)
		if s.stamp {
			d.openSSLStamp(s.contents, data)
			continue
		}
		valid++
		message := adsigtest.File(d.t, "message", s.contents)
		adsigtest.OpenSSL(d.t, "cms", "-verify", "-cades", "-binary", "-inform", "DER", "-in", message, "-content", data,
			"-out", filepath.Join(d.t.TempDir(), "out"), "-CAfile", adsigtest.CertFile(d.t, d.Root))
		if i == len(all)-1 && s.whole {
			assert.Contains(d.t, said, "Total document signed")
		} else {
			assert.Contains(d.t, said, "Not total document signed")
		}
	}
	assert.Equal(d.t, valid, strings.Count(said, "Signature Validation: Signature is Valid."), said)
}

// openSSLStamp has OpenSSL verify a timestamp, without the zeros behind it.
func (d *desk) openSSLStamp(contents []byte, data string) {
	d.t.Helper()
	_, err := cms.Parse(contents)
	require.Error(d.t, err, "zeros behind the token are expected")
	token := adsigtest.File(d.t, "token", derOf(d.t, contents))
	adsigtest.OpenSSL(d.t, "ts", "-verify", "-token_in", "-in", token, "-data", data,
		"-CAfile", adsigtest.CertFile(d.t, d.Root), "-untrusted", adsigtest.CertFile(d.t, d.CA))
}

// derOf is the element at the front, which has a long length.
func derOf(t testing.TB, contents []byte) []byte {
	t.Helper()
	require.Equal(t, byte(0x82), contents[1])
	return contents[:4+int(contents[2])<<8+int(contents[3])]
}

// atPresent is a desk whose clock is the machine's: the judges' clocks are.
func atPresent(t testing.TB) *desk {
	d := newDesk(t)
	d.Now = present(d.Lab)
	return d
}

// TestJudges signs at every level, raises from level to level, certifies, signs
// twice and signs visibly, and has programs that others wrote judge the result.
func TestJudges(t *testing.T) {
	for name, document := range kinds() {
		t.Run(name, func(t *testing.T) {
			d := atPresent(t)
			for i, level := range levels {
				d.judge(d.sign(document, level), 1+i/3)
			}
			raised := d.augment(d.sign(document, cades.BB), cades.BLTA)
			d.judge(raised, 3)
			twice := d.sign(d.sign(document, cades.BLTA), cades.BT, func(s *pades.Signer) { s.Name, s.Reason = "SPECIMEN محمد", "to see (what) \\ happens" })
			d.judge(twice, 3)
			certified := d.sign(document, cades.BB, func(s *pades.Signer) { s.Certify = 2 })
			d.judge(d.sign(certified, cades.BLTA), 3)
			seen := d.sign(document, cades.BB, func(s *pades.Signer) {
				s.Look = &visible.Look{Page: 1, X: 300, Y: 40, Width: 250, Height: 80, Lines: []string{"Signed with the certificate of", "SPECIMEN محمد العلوي"}}
			})
			d.judge(seen, 1)
		})
	}
}

// TestKeys signs with keys of other kinds, for which the place has to be larger.
func TestKeys(t *testing.T) {
	for name, change := range map[string]func(*pades.Signer){
		"rsa":     func(s *pades.Signer) {},
		"rsa-pss": func(s *pades.Signer) { s.PSS = true },
	} {
		t.Run(name, func(t *testing.T) {
			d := atPresent(t)
			d.signer = d.Signer(rsaKey())
			signed := d.sign(page(), cades.BT, change)
			assertPassed(t, d.only(signed, d.policy()))
			if name == "rsa" { // poppler's library does not know the other
				d.judge(signed, 1)
			}
		})
	}
}

// TestOpenSSLStamps signs with timestamps that OpenSSL makes.
func TestOpenSSLStamps(t *testing.T) {
	d := atPresent(t)
	a := d.augmenter()
	a.Stamp = d.OpenSSLStamp("")
	var out bytes.Buffer
	document := page()
	require.NoError(t, d.newSigner().Sign(t.Context(), &out, bytes.NewReader(document), int64(len(document)), cades.BLTA, a))
	d.judge(out.Bytes(), 2)
	found := d.validate(out.Bytes(), d.policy())
	assertPassed(t, found.Signatures[0])
	assert.Equal(t, cades.BLTA, found.Signatures[0].Level)
}

// TestPopplerSigned validates a document that poppler signed.
func TestPopplerSigned(t *testing.T) {
	d := atPresent(t)
	d.signer = d.Signer(rsaKey())
	dir := d.database()
	bundle := filepath.Join(t.TempDir(), "signer.p12")
	adsigtest.OpenSSL(t, "pkcs12", "-export", "-out", bundle, "-inkey", adsigtest.KeyFile(t, d.signer),
		"-in", adsigtest.CertFile(t, d.signer), "-name", "signer", "-passout", "pass:")
	run(t, "pk12util", "-i", bundle, "-d", "sql:"+dir, "-W", "")
	out := filepath.Join(t.TempDir(), "signed.pdf")
	run(t, "pdfsig", "-nssdir", dir, "-add-signature", "-nick", "signer", adsigtest.File(t, "page.pdf", page()), out)
	signed, err := os.ReadFile(out)
	require.NoError(t, err)
	r := d.only(signed, d.policy())
	assertPassed(t, r)
	assert.Equal(t, pades.FormatCMS, r.Format)
	assert.Equal(t, pades.WholeFile, r.Scope)

	// What they sign and we sign stays in force together, either way round.
	both := d.sign(signed, cades.BLTA)
	found := d.validate(both, d.policy())
	require.Len(t, found.Signatures, 2)
	assertPassed(t, found.Signatures[0])
	assertPassed(t, found.Signatures[1])

	first := adsigtest.File(t, "ours.pdf", d.sign(page(), cades.BB))
	run(t, "pdfsig", "-nssdir", dir, "-add-signature", "-nick", "signer", first, out)
	signed, err = os.ReadFile(out)
	require.NoError(t, err)
	found = d.validate(signed, d.policy())
	require.Len(t, found.Signatures, 2)
	for _, r := range found.Signatures {
		assertPassed(t, r)
	}
}
