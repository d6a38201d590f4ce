package simulator_test

import (
	"bytes"
	"crypto"
	"encoding/hex"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/internal/dh"
	"cnie/internal/ec"
	"cnie/internal/kdf"
	"cnie/lds"
	"cnie/pki/specimen/cvca"
	"cnie/simulator"
	"cnie/simulator/persona"
)

func hexOf(b []byte) string { return hex.EncodeToString(b) }

// guardedCard has DG3 and DG4 behind an authority of the second generation.
func guardedCard(t *testing.T, key cvca.Key, chip persona.ChipKey) (*persona.Card, *cvca.Authority) {
	card := plainCard(true, pace(ec.P256(), kdf.AES128))
	card.Files[lds.DG4] = []byte{0x76, 0x00}
	card.ExtendedLength = true
	card.ChipKeys = []persona.ChipKey{chip}
	a := authority(t, key, 2)
	card.Terminal = &persona.Terminal{Certificates: [][]byte{a.Certificate}, Date: date(2025, 4, 7)}
	return card, a
}

func authority(t *testing.T, key cvca.Key, generation int) *cvca.Authority {
	a, err := cvca.New("test", cvca.Options{Key: key, Generation: generation})
	require.NoError(t, err)
	return a
}

func date(year, month, day int) time.Time {
	return time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
}

var onCurve = persona.ChipKey{Curve: ec.P256(), Private: append(make([]byte, 31), 9), Cipher: kdf.AES128}

// chain are the certificates of a terminal with these rights.
func chain(t *testing.T, a *cvca.Authority, verifier, terminal cvca.HolderOptions) (*cvca.Verifier, *cvca.Holder) {
	v, err := a.Verifier(verifier)
	require.NoError(t, err)
	is, err := v.Terminal(terminal)
	require.NoError(t, err)
	return v, is
}

// guard is a terminal before Terminal Authentication: after PACE or Basic Access
// Control, and Chip Authentication.
type guard struct {
	*terminal
	chip, mine []byte // ID and Comp() of ICAO 9303-11 §7.1.2
}

func guardOf(t *testing.T, card *persona.Card, chip *simulator.Chip) *guard {
	o := openWith(t, chip.Transmit, card.PACE[0], card.PACE[0].ParameterID, 2, []byte(can))
	require.Equal(t, []byte{0x90, 0}, o.sw)
	g := &guard{terminal: newTerminal(t, chip.Transmit, o.session), chip: o.theirs.compressed()}
	require.Equal(t, "9000", g.exchange(selectTravel))
	return g
}

func (g *guard) authenticateChip(key persona.ChipKey) {
	next, mine := agreeAs(g.t, g.terminal, key, key.Cipher == kdf.TDES)
	g.terminal, g.mine = newTerminal(g.t, g.transmit, next), mine.compressed()
}

// bring sends certificates, each under the one before.
func (g *guard) bring(issuer string, certificates ...[]byte) (sw string) {
	for _, certificate := range certificates {
		if sw = g.send("002281b6", object(0x83, []byte(issuer))); sw != "9000" {
			return "DST " + sw
		}
		if sw = g.send("002a00be", body(g.t, certificate)); sw != "9000" {
			return "PSO " + sw
		}
		issuer = holder(g.t, certificate)
	}
	return sw
}

// sign proves the terminal's key.
func (g *guard) sign(t *cvca.Holder) string {
	if sw := g.send("002281a4", object(0x83, []byte(t.Reference))); sw != "9000" {
		return "AT " + sw
	}
	challenge := unhex(g.t, g.exchange("0084000008"))
	require.Len(g.t, challenge, 8+2)
	signature, err := t.Sign(bytes.Join([][]byte{g.chip, challenge[:8], g.mine}, nil))
	require.NoError(g.t, err)
	return g.send("00820000", signature)
}

// body is a certificate without its outer tag.
func body(t testing.TB, certificate []byte) []byte {
	require.Equal(t, []byte{0x7F, 0x21}, certificate[:2])
	skip := map[byte]int{0x81: 4, 0x82: 5}[certificate[2]]
	require.NotZero(t, skip)
	return certificate[skip:]
}

// holder finds the reference behind tag 5F20.
func holder(t testing.TB, certificate []byte) string {
	_, after, found := bytes.Cut(certificate, []byte{0x5F, 0x20})
	require.True(t, found)
	return string(after[1 : 1+after[0]])
}

func (g *guard) files() string { return g.exchange("00b0830000") + " " + g.exchange("00b0840000") }

const (
	none  = "6982 6982"
	three = "63009000 6982"
	four  = "6982 76009000"
	both  = "63009000 76009000"
)

// TestTerminalAuthentication runs it with each kind of key, after each kind of
// Chip Authentication.
func TestTerminalAuthentication(t *testing.T) {
	group, _ := dh.ByName("MODP-2048/256")
	numbers := persona.ChipKey{Group: group, Private: append(make([]byte, 31), 7), Cipher: kdf.AES256}
	old := persona.ChipKey{Curve: ec.BrainpoolP256r1(), Private: append(make([]byte, 31), 5), Cipher: kdf.TDES}
	for name, c := range map[string]struct {
		key  cvca.Key
		chip persona.ChipKey
	}{
		"P-224 SHA-224":           {cvca.Key{Curve: ec.P224(), Hash: crypto.SHA224}, onCurve},
		"P-256 SHA-256":           {cvca.Key{Curve: ec.P256(), Hash: crypto.SHA256}, numbers},
		"brainpoolP320r1 SHA-384": {cvca.Key{Curve: ec.BrainpoolP320r1(), Hash: crypto.SHA384}, old},
		"brainpoolP512r1 SHA-512": {cvca.Key{Curve: ec.BrainpoolP512r1(), Hash: crypto.SHA512}, onCurve},
		"P-521 SHA-512":           {cvca.Key{Curve: ec.P521(), Hash: crypto.SHA512}, onCurve},
		"RSA-2048 SHA-256":        {cvca.Key{RSA: 2048, Hash: crypto.SHA256}, onCurve},
		"RSA-2048 PSS SHA-256":    {cvca.Key{RSA: 2048, PSS: true, Hash: crypto.SHA256}, numbers},
		"RSA-3072 PSS SHA-512":    {cvca.Key{RSA: 3072, PSS: true, Hash: crypto.SHA512}, old},
	} {
		t.Run(name, func(t *testing.T) {
			card, a := guardedCard(t, c.key, c.chip)
			v, is := chain(t, a, cvca.HolderOptions{}, cvca.HolderOptions{Rights: cvca.Fingerprints})
			g := guardOf(t, card, simulator.New(card))
			assert.Equal(t, hexOf(append(object(0x42, []byte(a.Reference)), make([]byte, 36-2-len(a.Reference))...))+"9000", g.exchange("00b09c0000"), "EF.CVCA")
			assert.Equal(t, none, g.files())
			g.authenticateChip(c.chip)
			require.Equal(t, "9000", g.bring(a.Reference, v.Certificate, is.Certificate))
			require.Equal(t, "9000", g.sign(is))
			assert.Equal(t, three, g.files())
			assert.Equal(t, "AT 6a88", g.sign(&v.Holder))
		})
	}
}

// TestRights: what a terminal may read is what everybody above it may, too.
func TestRights(t *testing.T) {
	key := cvca.Key{Curve: ec.P256(), Hash: crypto.SHA256}
	for name, c := range map[string]struct {
		verifier, terminal cvca.HolderOptions
		want               string
	}{
		"both":                 {cvca.HolderOptions{}, cvca.HolderOptions{}, both},
		"irises":               {cvca.HolderOptions{}, cvca.HolderOptions{Rights: cvca.Irises}, four},
		"foreign":              {cvca.HolderOptions{Foreign: true}, cvca.HolderOptions{}, both},
		"less by the verifier": {cvca.HolderOptions{Rights: cvca.Fingerprints}, cvca.HolderOptions{}, three},
		"nothing in common":    {cvca.HolderOptions{Rights: cvca.Fingerprints}, cvca.HolderOptions{Rights: cvca.Irises}, none},
		"no rights":            {cvca.HolderOptions{}, cvca.HolderOptions{NoRights: true}, none},
	} {
		t.Run(name, func(t *testing.T) {
			card, a := guardedCard(t, key, onCurve)
			v, is := chain(t, a, c.verifier, c.terminal)
			chip := simulator.New(card)
			g := guardOf(t, card, chip)
			g.authenticateChip(onCurve)
			require.Equal(t, "9000", g.bring(a.Reference, v.Certificate, is.Certificate))
			require.Equal(t, "9000", g.sign(is))
			assert.Equal(t, c.want, g.files())
			g.authenticateChip(onCurve)
			assert.Equal(t, none, g.files(), "rights end with the key that they were granted to")
			require.Equal(t, "9000", g.bring(a.Reference, v.Certificate, is.Certificate))
			assert.Equal(t, "6982", g.sign(is), "once a session")
			chip.Reset()
			assert.Equal(t, none, guardOf(t, card, chip).files())
		})
	}
}

// TestTerminalAfterOtherWaysIn: after Basic Access Control the chip is its document
// number, and after Chip Authentication Mapping it is proved already.
func TestTerminalAfterOtherWaysIn(t *testing.T) {
	card, a := guardedCard(t, onP256, onCurve)
	v, is := chain(t, a, cvca.HolderOptions{}, cvca.HolderOptions{})
	g := &guard{terminal: opened(t, simulator.New(card)), chip: key.Seed()[:10]}
	g.authenticateChip(onCurve)
	require.Equal(t, "9000", g.bring(a.Reference, v.Certificate, is.Certificate))
	require.Equal(t, "9000", g.sign(is))
	assert.Equal(t, both, g.files())

	info, _ := announced(t, lds.CAM, 12, kdf.AES128)
	card.PACE = []lds.PACEInfo{info}
	mappable(card, ec.P256())
	chip := simulator.New(card)
	// 7F4C asks for the authority's names, ICAO 9303-11 §4.4.4.1.
	asked := append([]byte{0x7F}, object(0x4C, append(object(6, []byte{4, 0, 0x7F, 0, 7, 3, 1, 2, 1}), 0x53, 1, 0xFF))...)
	o := openWith(t, chip.Transmit, info, 12, 2, []byte(can), asked...)
	require.Equal(t, []byte{0x90, 0}, o.sw)
	names := object(0x87, []byte(a.Reference))
	require.Equal(t, names, o.more[:len(names)])
	require.Equal(t, byte(0x8A), o.more[len(names)])
	g = &guard{terminal: newTerminal(t, chip.Transmit, o.session), chip: o.theirs.compressed(), mine: o.mine.compressed()}
	require.Equal(t, "9000", g.exchange(selectTravel))
	require.Equal(t, "9000", g.bring(a.Reference, v.Certificate, is.Certificate))
	require.Equal(t, "9000", g.sign(is))
	assert.Equal(t, both, g.files())
}

// compressed is Comp(): the x coordinate, or the hash of a number.
func (m member) compressed() []byte {
	if m.point != nil {
		return m.point.X()
	}
	h := crypto.SHA1.New()
	h.Write(m.wire())
	return h.Sum(nil)
}
