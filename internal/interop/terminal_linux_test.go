package interop

import (
	"crypto"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/internal/ec"
	"cnie/lds"
	"cnie/pki/specimen/cvca"
	"cnie/simulator"
	"cnie/simulator/persona"
)

// issuedTerminals is a day on which a chip believes the certificates of cvca.
var issuedTerminals = time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)

// openpace are the libraries of a program that calls OpenPACE.
var openpace = []string{"-leac", "-lcrypto"}

// read are the lines that the terminal printed: what ran, and files by their
// short identifiers.
func read(t *testing.T, out string) map[string]string {
	t.Helper()
	lines := map[string]string{}
	for line := range strings.Lines(out) {
		key, value, found := strings.Cut(strings.TrimSpace(line), " ")
		require.True(t, found, out)
		lines[key] = value
	}
	return lines
}

func assertRead(t *testing.T, card *persona.Card, lines map[string]string, files ...lds.File) {
	t.Helper()
	for _, f := range files {
		assert.Equal(t, fmt.Sprintf("%X", card.Files[f]), lines[fmt.Sprintf("%02X", f.SFI())], "%v", f)
	}
}

// twice gives PACE in a group of numbers a second chance: OpenPACE drops zeros in
// front of the shared secret (it calls DH_compute_key), where the standard keeps its
// length. One run in 256 cannot succeed.
func twice(persona string, run func() (string, error)) (string, error) {
	out, err := run()
	if err != nil && strings.HasPrefix(persona, "pace-dh") {
		out, err = run()
	}
	return out, err
}

// OpenPACE as the terminal: PACE with every cipher over curves and over groups of
// numbers, Chip Authentication on every curve that has a number in TR-03110, and a
// whole document read under the keys of both.
func TestOpenPACEReadsOurCards(t *testing.T) {
	b := newBench(t)
	terminal := b.compile("openpace/terminal.c", append(b.winscard(), openpace...)...)
	for name, want := range map[string][2]string{
		"specimen":      {"ECDH-GM-AES-CBC-CMAC-128", "ECDH-AES-CBC-CMAC-128"},
		"tdes":          {"ECDH-GM-3DES-CBC-CBC", "ECDH-3DES-CBC-CBC"},
		"p384":          {"ECDH-GM-AES-CBC-CMAC-192", "ECDH-AES-CBC-CMAC-192"},
		"p521":          {"ECDH-GM-AES-CBC-CMAC-256", "ECDH-AES-CBC-CMAC-256"},
		"brainpool":     {"ECDH-GM-AES-CBC-CMAC-256", "ECDH-AES-CBC-CMAC-256"},
		"brainpool320":  {"ECDH-GM-AES-CBC-CMAC-192", "ECDH-AES-CBC-CMAC-192"},
		"brainpool384":  {"ECDH-GM-AES-CBC-CMAC-256", "ECDH-AES-CBC-CMAC-256"},
		"brainpool512":  {"ECDH-GM-AES-CBC-CMAC-256", "ECDH-AES-CBC-CMAC-256"},
		"pace-dh-2048":  {"DH-GM-AES-CBC-CMAC-256", ""},
		"pace-dh-3des":  {"DH-GM-3DES-CBC-CBC", "ECDH-AES-CBC-CMAC-128"},
		"two-chip-keys": {"ECDH-GM-AES-CBC-CMAC-128", ""},
	} {
		t.Run(name, func(t *testing.T) {
			b := b.in(t)
			_, card := citizen(t, name)
			defer b.lay(simulator.New(card))()
			arguments := []string{b.reader(), "can", card.CAN}
			if want[1] != "" {
				arguments = append(arguments, "ca")
			}
			out, err := twice(name, func() (string, error) { return b.try(terminal, arguments...) })
			require.NoError(t, err, out)
			lines := read(t, out)
			assert.Equal(t, "id-PACE-"+want[0], lines["PACE"])
			if want[1] != "" {
				assert.Equal(t, "id-CA-"+want[1], lines["CA"])
				assertRead(t, card, lines, lds.DG14)
			}
			assertRead(t, card, lines, lds.CardAccess, lds.COM, lds.DG1, lds.DG2, lds.SOD)
		})
	}
}

// The other passwords, and a wrong one. A PIN that has lost its tries gets them
// back by the PUK.
func TestOpenPACEPasswords(t *testing.T) {
	b := newBench(t)
	terminal := b.compile("openpace/terminal.c", append(b.winscard(), openpace...)...)
	_, card := citizen(t, "pin")
	chip := simulator.New(card, simulator.WithSpent(simulator.Spent{PIN: 3}))
	defer b.lay(chip)()
	assertRead(t, card, read(t, b.run(terminal, b.reader(), "mrz", strings.Join(card.MRZLines, ""))), lds.DG1)

	out, err := b.try(terminal, b.reader(), "pin", card.PIN)
	assert.Error(t, err)
	assert.Contains(t, out, "6983", "blocked")
	b.run(terminal, b.reader(), "puk", card.PUK)
	assert.Zero(t, chip.Spent().PIN)
	assertRead(t, card, read(t, b.run(terminal, b.reader(), "pin", card.PIN)), lds.DG1)
	out, err = b.try(terminal, b.reader(), "pin", "999999")
	assert.Error(t, err)
	assert.Contains(t, out, "63C2", "two tries are left")
	assert.Equal(t, 1, chip.Spent().PIN)
}

// OpenPACE verifies our chains of card verifiable certificates, signs our chip's
// challenge, and reads the fingerprints.
func TestOpenPACEAuthenticatesToOurChip(t *testing.T) {
	b := newBench(t)
	terminal := b.compile("openpace/terminal.c", append(b.winscard(), openpace...)...)
	for _, c := range []struct {
		key  cvca.Key
		want string
	}{
		{cvca.Key{Curve: ec.BrainpoolP256r1(), Hash: crypto.SHA256}, "TA id-TA-ECDSA-SHA-256\n"},
		{cvca.Key{Curve: ec.P384(), Hash: crypto.SHA384}, "TA id-TA-ECDSA-SHA-384\n"},
		{cvca.Key{RSA: 2048, Hash: crypto.SHA256}, "TA id-TA-RSA-v1-5-SHA-256\n"},
		// It signs with a salt as long as fits; the standard wants one as long as the hash
		// (RFC 8017 §9.1; TR-03110-3 §A.7.3.1), as the certificates have that it verified.
		{cvca.Key{RSA: 2048, PSS: true, Hash: crypto.SHA256}, "a signature of 256: 6300\n"},
	} {
		_, card := citizen(t, "inspection")
		authority, err := cvca.New("openpace", cvca.Options{Key: c.key})
		require.NoError(t, err)
		verifier, err := authority.Verifier(cvca.HolderOptions{})
		require.NoError(t, err)
		inspector, err := verifier.Terminal(cvca.HolderOptions{})
		require.NoError(t, err)
		key, err := inspector.PKCS8()
		require.NoError(t, err)
		card.Terminal = &persona.Terminal{Certificates: [][]byte{authority.Certificate}, Date: issuedTerminals}
		func() {
			defer b.lay(simulator.New(card))()
			out, err := b.try(terminal, b.reader(), "can", card.CAN, "ca",
				b.write("authority", authority.Certificate), b.write("key", key),
				b.write("verifier", verifier.Certificate), b.write("inspector", inspector.Certificate))
			assert.Contains(t, out, c.want)
			if err == nil {
				assertRead(t, card, read(t, out), lds.DG1, lds.DG3, lds.SOD)
			}
		}()
	}
}
