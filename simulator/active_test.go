package simulator_test

import (
	"bytes"
	"crypto"
	"encoding/asn1"
	"encoding/pem"
	"fmt"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/internal/ec"
	"cnie/internal/vectors"
	"cnie/lds"
	"cnie/simulator"
	"cnie/simulator/persona"
)

const internalAuthenticate = "0088000008f173589974bf40c600"

// signing is the card of a persona whose key for Active Authentication is this.
func signing(t *testing.T, active persona.Active) *persona.Card {
	t.Helper()
	p, err := persona.Load("active-only")
	require.NoError(t, err)
	p.Chip.Active = &active
	card, err := p.Card()
	require.NoError(t, err)
	return card
}

// inside is a session of PACE in the travel application.
func inside(t *testing.T, card *persona.Card, options ...simulator.Option) (*simulator.Chip, *terminal) {
	t.Helper()
	chip := simulator.New(card, options...)
	curve, _ := ec.ByParameterID(card.PACE[0].ParameterID)
	p, _ := card.PACE[0].Protocol()
	s, sw := runPACE(t, chip.Transmit, curve, p.Cipher, 2, []byte(card.CAN))
	require.Equal(t, []byte{0x90, 0}, sw)
	terminal := newTerminal(t, chip.Transmit, s)
	require.Equal(t, "9000", terminal.exchange(selectTravel))
	return chip, terminal
}

// joined fetches the rest of an answer in the clear, as readers do whose
// commands are short. It returns how many pieces there were.
func joined(transmit func([]byte) []byte, command []byte) (answer []byte, pieces int) {
	for {
		piece := transmit(command)
		end := len(piece) - 2
		pieces++
		if piece[end] != 0x61 {
			return append(answer, piece...), pieces
		}
		answer = append(answer, piece[:end]...)
		command = []byte{0x00, 0xC0, 0x00, 0x00, piece[end+1]}
	}
}

// ask has the chip sign the nonce of the published example.
func ask(t *testing.T, terminal *terminal, extended bool) (signature []byte, pieces int) {
	t.Helper()
	le := []byte{0}
	if extended {
		le, terminal.outerLe = []byte{0, 0}, []byte{0, 0}
	}
	command := terminal.build([]byte{0x00, 0x88, 0x00, 0x00}, unhex(t, "f173589974bf40c6"), le)
	answer, pieces := joined(terminal.transmit, command)
	plain := terminal.open(t, answer, false)
	require.Equal(t, []byte{0x90, 0x00}, plain[len(plain)-2:])
	return plain[:len(plain)-2], pieces
}

// The representative that ICAO 9303-11 prints in appendix F comes out of a chip
// that draws the nonce printed there.
func TestWorkedExampleActiveAuthentication(t *testing.T) {
	v := vectors.Load(t, "icao-9303-11-f-aa")
	card := signing(t, persona.Active{RSA: 1024, Hash: "SHA-1"})
	drawn := &later{next: v["m1"]}
	_, terminal := inside(t, card, simulator.WithRand(drawn))
	drawn.now = true
	signature, _ := ask(t, terminal, false)
	assert.Equal(t, v["f"], recovered(t, card, signature))
}

// later is random until it is told to go on with what the example has.
type later struct {
	next []byte
	now  bool
}

func (l *later) Read(p []byte) (int, error) {
	if l.now {
		return copy(p, l.next), nil
	}
	for i := range p {
		p[i] = byte(i*7 + 1)
	}
	return len(p), nil
}

// recovered has openssl open a signature with the key of DG15.
func recovered(t *testing.T, card *persona.Card, signature []byte) []byte {
	t.Helper()
	return openssl(t, card, signature, "pkeyutl", "-verifyrecover", "-pubin", "-inkey", "KEY", "-pkeyopt", "rsa_padding_mode:none", "-in", "SIGNATURE")
}

// openssl runs a command about a signature; KEY, SIGNATURE and NONCE are files.
func openssl(t *testing.T, card *persona.Card, signature []byte, args ...string) []byte {
	t.Helper()
	spki, err := lds.ParseDG15(card.Files[lds.DG15])
	require.NoError(t, err)
	dir := t.TempDir()
	for name, content := range map[string][]byte{
		"KEY": pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: spki}), "SIGNATURE": signature, "NONCE": unhex(t, "f173589974bf40c6"),
	} {
		file := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(file, content, 0o600))
		for i := range args {
			if args[i] == name {
				args[i] = file
			}
		}
	}
	out, err := exec.Command("openssl", args...).Output()
	require.NoError(t, err, args)
	return out
}

// Every size and trailer, taken apart by what openssl makes of them.
func TestSignaturesWithRecovery(t *testing.T) {
	trailers := map[string][]byte{"SHA-1": {0xBC}, "SHA-224": {0x38, 0xCC}, "SHA-256": {0x34, 0xCC}, "SHA-384": {0x36, 0xCC}, "SHA-512": {0x35, 0xCC}}
	hashes := map[string]crypto.Hash{"SHA-1": crypto.SHA1, "SHA-224": crypto.SHA224, "SHA-256": crypto.SHA256, "SHA-384": crypto.SHA384, "SHA-512": crypto.SHA512}
	for _, bits := range []int{1024, 2048, 3072, 4096} {
		for name, trailer := range trailers {
			t.Run(fmt.Sprint(bits, " ", name), func(t *testing.T) {
				card := signing(t, persona.Active{RSA: bits, Hash: name})
				_, terminal := inside(t, card)
				signature, pieces := ask(t, terminal, true)
				assert.Equal(t, 1, pieces)
				require.Len(t, signature, bits/8)
				f := recovered(t, card, signature)
				require.Len(t, f, bits/8)
				assert.Equal(t, byte(0x6A), f[0])
				body, found := bytes.CutSuffix(f[1:], trailer)
				require.True(t, found)
				h := hashes[name].New()
				own, sum := body[:len(body)-h.Size()], body[len(body)-h.Size():]
				h.Write(slices.Concat(own, unhex(t, "f173589974bf40c6")))
				assert.Equal(t, h.Sum(nil), sum)
				again, _ := ask(t, terminal, true)
				assert.NotEqual(t, signature, again, "the chip's own nonce is fresh")
			})
		}
	}
}

func TestSignaturesOnCurves(t *testing.T) {
	for id := 8; id <= 18; id++ {
		curve, _ := ec.ByParameterID(id)
		for _, hash := range []string{"SHA-224", "SHA-256", "SHA-384", "SHA-512"} {
			t.Run(fmt.Sprint(curve, " ", hash), func(t *testing.T) {
				card := signing(t, persona.Active{Curve: curve.Name(), Hash: hash})
				_, terminal := inside(t, card)
				signature, pieces := ask(t, terminal, false)
				assert.Equal(t, 1, pieces)
				size := curve.ScalarBytes()
				require.Len(t, signature, 2*size)
				der, err := asn1.Marshal(struct{ R, S *big.Int }{new(big.Int).SetBytes(signature[:size]), new(big.Int).SetBytes(signature[size:])})
				require.NoError(t, err)
				digest := "-" + strings.ReplaceAll(strings.ToLower(hash), "-", "")
				openssl(t, card, der, "dgst", digest, "-verify", "KEY", "-signature", "SIGNATURE", "NONCE")
			})
		}
	}
}
