package cms_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/smallstep/pkcs7"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// keys are the kinds of key in the matrix, as OpenSSL's genpkey takes them.
var keys = map[string][]string{
	"rsa2048":   rsaKey("RSA", "2048"),
	"rsa3072":   rsaKey("RSA", "3072"),
	"pss":       rsaKey("RSA-PSS", "2048"),
	"pssbound":  append(rsaKey("RSA-PSS", "2048"), "-pkeyopt", "rsa_pss_keygen_md:sha384", "-pkeyopt", "rsa_pss_keygen_mgf1_md:sha384", "-pkeyopt", "rsa_pss_keygen_saltlen:48"),
	"p256":      ecKey("P-256"),
	"p384":      ecKey("P-384"),
	"p521":      ecKey("P-521"),
	"bp256":     ecKey("brainpoolP256r1"),
	"bp384":     ecKey("brainpoolP384r1"),
	"bp512":     ecKey("brainpoolP512r1"),
	"explicit":  append(ecKey("brainpoolP256r1"), "-pkeyopt", "ec_param_enc:explicit"),
	"explicit5": append(ecKey("brainpoolP512r1"), "-pkeyopt", "ec_param_enc:explicit"),
	"explicitN": append(ecKey("P-256"), "-pkeyopt", "ec_param_enc:explicit"),
}

func rsaKey(kind, bits string) []string {
	return []string{"-algorithm", kind, "-pkeyopt", "rsa_keygen_bits:" + bits}
}

// A row of the matrix is one message to make.
type row struct {
	keys       []string
	keyOptions []string
	args       []string
	theirs     bool // smallstep/pkcs7 reads it too
}

func (r row) name() string {
	parts := append(slices.Clone(r.keys), r.keyOptions...)
	return strings.NewReplacer("rsa_padding_mode:", "", "rsa_pss_", "", ":", "", "-", "").Replace(strings.Join(append(parts, r.args...), "/"))
}

func (r row) has(arg string) bool { return slices.Contains(r.args, arg) }

// of makes a row for opaque binary content; other kinds are written out.
func of(key string, args ...string) row {
	return row{keys: []string{key}, args: append([]string{"-binary", "-nodetach"}, args...)}
}

func (r row) pss(options ...string) row {
	r.keyOptions = append([]string{"rsa_padding_mode:pss"}, options...)
	return r
}

func (r row) and(keys ...string) row {
	r.keys = append(r.keys, keys...)
	return r
}

func (r row) read() row {
	r.theirs = true
	return r
}

const ldsSecurityObject = "2.23.136.1.1.1"

var matrix = []row{
	of("rsa2048", "-md", "sha1").read(), of("rsa2048", "-md", "sha224"), of("rsa2048", "-md", "sha256").read(),
	of("rsa2048", "-md", "sha384").read(), of("rsa2048", "-md", "sha512").read(), of("rsa2048", "-noattr").read(),
	of("rsa2048", "-keyid"), of("rsa2048", "-stream").read(), of("rsa2048", "-stream", "-noattr", "-keyid"), of("rsa2048", "-cades").read(),
	of("rsa2048", "-econtent_type", ldsSecurityObject), of("rsa2048", "-nocerts"), of("rsa3072", "-md", "sha384").read(),
	of("rsa2048").pss("rsa_pss_saltlen:32"), of("rsa2048", "-md", "sha1").pss("rsa_pss_saltlen:20"),
	of("rsa2048", "-md", "sha512").pss("rsa_pss_saltlen:64"), of("rsa3072", "-md", "sha384").pss("rsa_pss_saltlen:48"),
	of("rsa2048").pss("rsa_pss_saltlen:0"), of("rsa2048").pss("rsa_pss_saltlen:max"), of("rsa2048").pss("rsa_pss_saltlen:1"),
	of("rsa2048").pss("rsa_pss_saltlen:32", "rsa_mgf1_md:sha1"), of("rsa3072", "-md", "sha512").pss("rsa_pss_saltlen:0", "rsa_mgf1_md:sha256"),
	of("rsa2048", "-noattr").pss("rsa_pss_saltlen:32"),
	of("pss").pss("rsa_pss_saltlen:32"),
	of("pssbound", "-md", "sha384").pss("rsa_pss_saltlen:48"), of("pssbound", "-md", "sha384", "-econtent_type", ldsSecurityObject).pss("rsa_pss_saltlen:64"),
	of("p256", "-md", "sha1").read(), of("p256", "-md", "sha256").read(), of("p256", "-md", "sha512").read(), of("p256", "-noattr").read(),
	of("p256", "-keyid", "-stream"), of("p256", "-cades", "-keyid"), of("p384", "-md", "sha384").read(), of("p384", "-nocerts", "-keyid"),
	of("p521", "-md", "sha512").read(), of("p521", "-md", "sha224", "-stream"),
	of("bp256", "-md", "sha1"), of("bp256", "-md", "sha224"), of("bp256", "-md", "sha256"), of("bp256", "-econtent_type", ldsSecurityObject, "-md", "sha256"),
	of("bp384", "-md", "sha384"), of("bp384", "-cades"), of("bp512", "-md", "sha512"), of("bp512", "-stream", "-noattr"), of("bp512", "-noattr"),
	of("explicit", "-md", "sha256"), of("explicit5", "-md", "sha512", "-keyid"), of("explicitN", "-econtent_type", ldsSecurityObject),
	of("rsa2048").and("bp512"), of("p256", "-keyid").and("rsa3072", "bp256"), of("p384", "-nocerts").and("p521"), of("p256", "-stream").and("p384").read(),
	{keys: []string{"rsa2048"}, args: []string{"-binary"}}, {keys: []string{"bp384"}, args: []string{"-binary", "-noattr"}},
	{keys: []string{"p256"}, args: []string{"-nocerts"}}, {keys: []string{"p256"}, args: []string{"-nodetach"}, theirs: true},
	{keys: []string{"bp256"}, args: []string{"-nodetach", "-text"}}, {keys: []string{"p521"}, args: []string{"-nodetach", "-stream", "-text"}},
}

// contents are signed in turn. A stream gets one that comes in several pieces;
// OpenSSL cannot stream nothing at all.
var contents = [][]byte{message, message, []byte("line\nline\r\nline"), {}}

var longContent = slices.Repeat(message, 300)

// samples makes the matrix.
func samples(t testing.TB) (*workshop, []sample) {
	w := newWorkshop(t)
	var all []sample
	for i, r := range matrix {
		content := contents[i%len(contents)]
		if r.has("-stream") {
			content = longContent
		}
		all = append(all, w.produce(r, content))
	}
	return w, all
}

// TestMatrix agrees with OpenSSL on every message, with the signers'
// certificates verified up to the authority and without, and with
// smallstep/pkcs7 on those that it can read.
func TestMatrix(t *testing.T) {
	w, all := samples(t)
	require.GreaterOrEqual(t, len(all), 40)
	for i, s := range all {
		for _, chain := range []bool{true, false} {
			theirs, ours := w.theirVerdict(s, s.message, chain), w.ourVerdict(s, s.message, chain)
			require.NoError(t, ours.err, s.name)
			if theirs.err != nil {
				_, explained := explain(ours, theirs, chain)
				assert.True(t, chain && explained, "%s: %v", s.name, theirs.err)
				continue
			}
			assert.Equal(t, theirs.content, ours.content, s.name)
			assert.Equal(t, matrix[i].has("-stream"), slices.Contains(ours.deviations, "the message is BER, not DER"), s.name)
		}
		if matrix[i].theirs {
			p, err := pkcs7.Parse(s.message)
			require.NoError(t, err, s.name)
			assert.NoError(t, p.Verify(), s.name)
			assert.Equal(t, w.ourVerdict(s, s.message, false).content, p.Content, s.name)
		}
	}
	t.Logf("%d messages", len(all))
}
