package interop

import (
	"crypto"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/internal/ec"
	"cnie/pki/cvc"
	"cnie/pki/specimen/cvca"
	"cnie/simulator"
	"cnie/simulator/persona"
)

// cvc-print of OpenPACE reads and verifies what our authority certifies.
func TestOpenPACEVerifiesOurCertificates(t *testing.T) {
	b := newFolder(t)
	for name, key := range map[string]cvca.Key{
		"P-256":           {Curve: ec.P256(), Hash: crypto.SHA256},
		"brainpoolP384r1": {Curve: ec.BrainpoolP384r1(), Hash: crypto.SHA384},
		"RSA":             {RSA: 2048, Hash: crypto.SHA256},
		"RSA PSS":         {RSA: 2048, PSS: true, Hash: crypto.SHA256},
	} {
		t.Run(name, func(t *testing.T) {
			b := b.in(t)
			now := time.Now()
			authority, err := cvca.New("openpace", cvca.Options{Key: key, From: now.AddDate(0, 0, -1), To: now.AddDate(1, 0, 0)})
			require.NoError(t, err)
			verifier, err := authority.Verifier(cvca.HolderOptions{Foreign: true, From: now.AddDate(0, 0, -1), To: now.AddDate(0, 1, 0)})
			require.NoError(t, err)
			b.write(authority.Reference, authority.Certificate) // where it looks for authorities
			out := b.run("cvc-print", "--cvc-dir="+b.dir, "--cvc="+b.write("verifier.cvcert", verifier.Certificate))
			for _, line := range []string{
				"CAR: " + authority.Reference, "CHR: " + verifier.Reference, "Inspection system", "Read fingerprint", "Read iris", "DV certificate",
				"Expiration Date: " + now.AddDate(0, 1, 0).UTC().Format(time.DateOnly), "certificate verified",
			} {
				assert.Contains(t, out, line)
			}
			altered := verifier.Certificate
			altered[len(altered)-1] ^= 1
			out, _ = b.try("cvc-print", "--cvc-dir="+b.dir, "--cvc="+b.write("verifier.cvcert", altered))
			assert.Contains(t, out, "certificate not verified")
		})
	}
}

// cvc-create makes the authority that a chip of ours believes, and a terminal with
// which our program authenticates itself.
func TestWeUseOpenPACEsCertificates(t *testing.T) {
	b := newBench(t)
	cnie, anchors := b.build(), b.anchors()
	for name, c := range map[string]struct {
		key    []string
		scheme string
	}{
		"P-256":           {[]string{"EC", "-pkeyopt", "ec_paramgen_curve:P-256"}, "ECDSA_SHA_256"},
		"brainpoolP512r1": {[]string{"EC", "-pkeyopt", "ec_paramgen_curve:brainpoolP512r1"}, "ECDSA_SHA_512"},
		"RSA":             {[]string{"RSA", "-pkeyopt", "rsa_keygen_bits:2048"}, "RSA_v1_5_SHA_256"},
	} {
		t.Run(name, func(t *testing.T) {
			b := b.in(t)
			b.dir = t.TempDir()
			b.run("openssl", append([]string{"genpkey", "-outform", "DER", "-out", "authority.key", "-algorithm"}, c.key...)...)
			create := func(role, holder string, more ...string) []byte {
				b.run("cvc-create", append([]string{"--role=" + role, "--chr=" + holder, "--issued=250101", "--expires=350101", "--scheme=" + c.scheme, "--read-finger"}, more...)...)
				made, err := os.ReadFile(filepath.Join(b.dir, holder+".cvcert"))
				require.NoError(t, err)
				return made
			}
			authority := create("cvca", "UTOPENPACE00001", "--type=is", "--sign-with=authority.key")
			create("dv_domestic", "UTVERIFIER00001", "--sign-as=UTOPENPACE00001.cvcert", "--sign-with=authority.key")
			terminal := create("terminal", "UTTERMINAL00001", "--sign-as=UTVERIFIER00001.cvcert", "--sign-with=UTVERIFIER00001.pkcs8")
			parsed, err := cvc.Parse(terminal)
			require.NoError(t, err)
			assert.Equal(t, "UTTERMINAL00001", parsed.Holder)
			assert.Equal(t, cvc.Terminal, parsed.Role())

			require.NoError(t, os.Remove(filepath.Join(b.dir, "authority.key")))                                                      // a terminal has not that
			b.run("openssl", "pkcs8", "-topk8", "-nocrypt", "-inform", "DER", "-in", "UTTERMINAL00001.pkcs8", "-out", "terminal.pem") // it is no PKCS #8
			_, card := citizen(t, "inspection")
			card.Terminal = &persona.Terminal{Certificates: [][]byte{authority}, Date: issuedTerminals}
			var proofs [][]byte // EXTERNAL AUTHENTICATE
			defer b.lay(simulator.New(card, simulator.WithWire(listener([]byte{0x0C, 0x82}, &proofs))))()
			out := b.run(cnie, "verify", "--json", "--wait", "10s", "--reader", b.reader(), "--can", card.CAN, "--trust", anchors, "--terminal-certificates", b.dir)
			var v verdict
			require.NoError(t, json.Unmarshal([]byte(out), &v))
			assert.Equal(t, "accepted", v.Verdict)
			require.Len(t, proofs, 1)
			assert.Equal(t, []byte{0x99, 0x02, 0x90, 0x00}, proofs[0][:4], "the chip believes the terminal")
		})
	}
}
