package piv_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/internal/pcscd"
	"cnie/simulator"
	"cnie/simulator/persona"
	"cnie/simulator/piv"
	"cnie/simulator/vpcd"
)

// Programs that nobody here wrote, against the card in a real PC/SC service. A
// program that is missing fails the test: `make deps-test` installs them all.

// bench is a folder to work in, beside a card in a reader.
type bench struct {
	t   *testing.T
	app *piv.Applet
	dir string
	env []string
}

// inReader puts a card into a private service's reader. It has the ATR that
// personas have.
func inReader(t *testing.T, contents *piv.Contents, options ...piv.Option) *bench {
	t.Helper()
	citizen, err := persona.Load("specimen")
	require.NoError(t, err)
	card, err := citizen.Card()
	require.NoError(t, err)
	daemon := pcscd.Start(t, pcscd.Options{})
	b := &bench{t: t, app: piv.New(contents, options...), dir: t.TempDir()}
	b.env = append(os.Environ(), "HOME="+b.dir, "LC_ALL=C")
	ctx, stop := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() {
		served <- vpcd.Serve(ctx, fmt.Sprintf("127.0.0.1:%d", daemon.Ports[0]), simulator.New(card, simulator.WithApplet(b.app)))
	}()
	t.Cleanup(func() { stop(); assert.NoError(t, <-served) })
	b.await()
	return b
}

// await asks for the card until it is in. OpenSC's own --wait misses one that comes
// while it starts.
func (b *bench) await() {
	b.t.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
		out, err := b.try("opensc-tool", "--name")
		if err == nil {
			return
		}
		require.True(b.t, time.Now().Before(deadline), "the service does not see the card: %s", out)
	}
}

// run runs a program in the folder. It must succeed.
func (b *bench) run(program string, arguments ...string) string {
	b.t.Helper()
	out, err := b.try(program, arguments...)
	require.NoError(b.t, err, "%s %s: %s", program, strings.Join(arguments, " "), out)
	return out
}

// try lets the program fail, but not be missing or hang.
func (b *bench) try(program string, arguments ...string) (string, error) {
	b.t.Helper()
	path, err := exec.LookPath(program)
	require.NoError(b.t, err, "%s is not installed; run `make deps`, or `make deps-test` for it alone", program)
	ctx, cancel := context.WithTimeout(b.t.Context(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, path, arguments...)
	cmd.Dir, cmd.Env = b.dir, b.env
	out, err := cmd.CombinedOutput()
	require.NoError(b.t, ctx.Err(), "%s hangs: %s", program, out)
	return string(out), err
}

func (b *bench) write(name, content string) string {
	b.t.Helper()
	path := filepath.Join(b.dir, name)
	require.NoError(b.t, os.WriteFile(path, []byte(content), 0o600))
	return path
}

func (b *bench) read(name string) []byte {
	b.t.Helper()
	content, err := os.ReadFile(filepath.Join(b.dir, name))
	require.NoError(b.t, err)
	return content
}

// certificate writes a slot's certificate and its public key for other programs.
func (b *bench) certificate(slot piv.Slot) *x509.Certificate {
	b.t.Helper()
	x := &terminal{t: b.t, chip: simulator.New(&persona.Card{}, simulator.WithApplet(piv.New(b.app.Contents()))), app: b.app}
	x.steps([2]string{selectPIV, "*"})
	c := x.certificate(slot)
	b.write("certificate.pem", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})))
	spki, err := x509.MarshalPKIXPublicKey(c.PublicKey)
	require.NoError(b.t, err)
	b.write("public.pem", string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: spki})))
	return c
}

// opensc finds OpenSC's PKCS #11 module.
func opensc(t *testing.T) string {
	t.Helper()
	for _, pattern := range []string{"/usr/lib/*/opensc-pkcs11.so", "/usr/lib64/opensc-pkcs11.so", "/usr/lib/opensc-pkcs11.so"} {
		if found, _ := filepath.Glob(pattern); len(found) > 0 {
			return found[0]
		}
	}
	require.Fail(t, "OpenSC's PKCS #11 module is not installed; run `make deps`, or `make deps-test` for it alone")
	return ""
}

func TestOpenSC(t *testing.T) {
	b := inReader(t, specimen(t, nil))
	assert.Contains(t, b.run("opensc-tool", "--atr"), "3b:85:80:01")
	assert.Contains(t, b.run("opensc-tool", "-n"), "Personal Identity Verification Card")
	name := b.run("piv-tool", "--name", "--serial")
	assert.Contains(t, name, "Personal Identity Verification Card")

	dump := b.run("pkcs15-tool", "--dump")
	assert.Contains(t, dump, "PKCS#15 Card [SPECIMEN AMINA]")
	for _, slot := range []piv.Slot{piv.Authentication, piv.Signature, piv.KeyManagement, piv.CardAuthentication} {
		assert.Contains(t, dump, "(0x"+slot.String()+")")
	}
	assert.Equal(t, 4, strings.Count(dump, "X.509 Certificate ["))

	out, _ := b.try("pkcs11-tool", "--module", opensc(t), "--login", "--pin", "123456", "--test")
	assert.Contains(t, out, "C_GenerateRandom failed: CKR_FUNCTION_NOT_SUPPORTED")
	assert.Contains(t, out, "1 errors", out)
	assert.Equal(t, 1, strings.Count(out, "ERR:"), out)
	assert.GreaterOrEqual(t, strings.Count(out, ": OK"), 14, out)

	b.signECDSA("02", piv.Signature, sha256.New().Size())
	assert.Contains(t, b.run("pkcs11-tool", "--module", opensc(t), "--login", "--pin", "123456", "--change-pin", "--new-pin", "654321"), "successfully changed")
	b.run("pkcs15-tool", "--unblock-pin", "--puk", "12345678", "--new-pin", "123456")
	assert.Equal(t, "123456", string(b.app.Contents().PIN.Value))
}

// signECDSA signs with pkcs11-tool and verifies with openssl.
func (b *bench) signECDSA(id string, slot piv.Slot, size int) {
	b.t.Helper()
	digest := bytes.Repeat([]byte{0x5A}, size)
	in := b.write("digest", string(digest))
	b.run("pkcs11-tool", "--module", opensc(b.t), "--login", "--pin", "123456", "--sign", "-m", "ECDSA", "--signature-format", "openssl", "--id", id, "-i", in, "-o", "signature")
	public := b.certificate(slot).PublicKey.(*ecdsa.PublicKey)
	assert.True(b.t, ecdsa.VerifyASN1(public, digest, b.read("signature")))
	out := b.run("openssl", "pkeyutl", "-verify", "-pubin", "-inkey", "public.pem", "-sigfile", "signature", "-in", in)
	assert.Contains(b.t, out, "Signature Verified Successfully")
}

// TestOpenSCWithLargeKeys chains commands and answers of more than two APDUs.
func TestOpenSCWithLargeKeys(t *testing.T) {
	b := inReader(t, specimen(t, map[piv.Slot]piv.Algorithm{piv.Authentication: piv.RSA3072, piv.Signature: piv.P384, piv.KeyManagement: piv.RSA3072}))
	text := b.write("text", "SPECIMEN")
	module := opensc(t)
	b.run("pkcs11-tool", "--module", module, "--login", "--pin", "123456", "--sign", "-m", "SHA256-RSA-PKCS", "--id", "01", "-i", text, "-o", "signature")
	b.certificate(piv.Authentication)
	assert.Contains(t, b.run("openssl", "dgst", "-sha256", "-verify", "public.pem", "-signature", "signature", text), "Verified OK")
	b.signECDSA("02", piv.Signature, 48)
	b.certificate(piv.KeyManagement)
	b.run("openssl", "pkeyutl", "-encrypt", "-pubin", "-inkey", "public.pem", "-in", text, "-out", "cryptogram")
	b.run("pkcs11-tool", "--module", module, "--login", "--pin", "123456", "--decrypt", "-m", "RSA-PKCS", "--id", "03", "-i", "cryptogram", "-o", "plain")
	assert.Equal(t, "SPECIMEN", string(b.read("plain")))
}

// TestPIVTool has OpenSC's administration tool prove the management key, make a
// key and write a certificate. Version 0.23 does all of it and then fails on its
// own side, over the key that it got or over its exit status; what counts is what
// is on the card.
func TestPIVTool(t *testing.T) {
	b := inReader(t, specimen(t, nil))
	b.env = append(b.env, "PIV_EXT_AUTH_KEY="+b.write("key", strings.TrimSuffix(strings.Repeat("01:02:03:04:05:06:07:08:", 3), ":")))
	_, _ = b.try("piv-tool", "-A", "M:9B:0A", "-G", "9A:07")
	_, _ = b.try("piv-tool", "-A", "M:9B:0A", "-G", "9C:11")
	keys := b.app.Contents().Keys
	assert.True(t, keys[piv.Authentication].Generated)
	assert.IsType(t, &rsa.PrivateKey{}, keys[piv.Authentication].Private)
	assert.True(t, keys[piv.Signature].Generated)

	b.certificate(piv.Signature)
	_, _ = b.try("piv-tool", "-A", "M:9B:0A", "-C", "9E", "-i", "certificate.pem")
	contents := b.app.Contents()
	assert.Equal(t, contents.Objects[piv.Signature.Certificate()], contents.Objects[piv.CardAuthentication.Certificate()])
}

func TestYubicoPIVTool(t *testing.T) {
	for name, options := range map[string][]piv.Option{"plain": nil, "token": {piv.WithYubico()}} {
		t.Run(name, func(t *testing.T) {
			b := inReader(t, specimen(t, nil), options...)
			run := func(arguments ...string) string {
				return b.run("yubico-piv-tool", append([]string{"-r", "Virtual"}, arguments...)...)
			}
			shown := run("-a", "status")
			assert.Contains(t, shown, "PIN tries left:\t3")
			assert.Equal(t, 4, strings.Count(shown, "CN=SPECIMEN AMINA"))
			assert.Equal(t, options != nil, strings.Contains(shown, "99000001"))
			for slot, said := range map[string]string{"9a": "Successful RSA verification", "9c": "Successful ECDSA verification", "9e": "Successful ECDSA verification"} {
				run("-a", "read-certificate", "-s", slot, "-o", slot+".pem")
				assert.Contains(t, run("-a", "verify-pin", "-P", "123456", "-a", "test-signature", "-s", slot, "-i", slot+".pem"), said)
			}
			run("-a", "read-certificate", "-s", "9d", "-o", "9d.pem")
			assert.Contains(t, run("-a", "verify-pin", "-P", "123456", "-a", "test-decipher", "-s", "9d", "-i", "9d.pem"), "performed RSA decryption")
			run("-a", "change-pin", "-P", "123456", "-N", "654321")
			run("-a", "unblock-pin", "-P", "12345678", "-N", "123456")
			if options != nil {
				yubicoOnly(t, b, run)
			}
		})
	}
}

// yubicoOnly is what the tool asks of Yubico's tokens alone.
func yubicoOnly(t *testing.T, b *bench, run func(...string) string) {
	const key = "-k010203040506070801020304050607080102030405060708"
	run("-a", "generate", "-s", "9a", "-A", "ECCP256", key, "-o", "made.pem")
	block, _ := pem.Decode([]byte(run("-a", "attest", "-s", "9a")))
	require.NotNil(t, block)
	attested, err := x509.ParseCertificate(block.Bytes)
	require.NoError(t, err)
	assert.Equal(t, b.app.Contents().Keys[piv.Authentication].Private.Public(), attested.PublicKey)
	b.run("openssl", "genrsa", "-out", "rsa.pem", "2048")
	run("-a", "import-key", "-s", "9d", key, "-i", "rsa.pem")
	run("-a", "import-certificate", "-s", "9d", key, "-i", "9d.pem")
	run("-a", "verify-pin", "-P", "123456", "-a", "pin-retries", key, "--pin-retries", "1", "--puk-retries", "1")
	_, _ = b.try("yubico-piv-tool", "-r", "Virtual", "-a", "verify-pin", "-P", "999999")
	_, _ = b.try("yubico-piv-tool", "-r", "Virtual", "-a", "change-puk", "-P", "99999999", "-N", "88888888")
	assert.Contains(t, run("-a", "reset"), "Successfully reset")
	assert.Contains(t, run("-a", "status"), "PIN tries left:\t3")
}
