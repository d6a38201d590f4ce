package simulator_test

import (
	"bytes"
	"crypto"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/internal/ec"
	"cnie/pki/specimen/cvca"
	"cnie/simulator"
)

var onP256 = cvca.Key{Curve: ec.P256(), Hash: crypto.SHA256}

// TestCertificatesRefused: each of these chains breaks where it should, and the
// session goes on.
func TestCertificatesRefused(t *testing.T) {
	card, a := guardedCard(t, onP256, onCurve)
	v, is := chain(t, a, cvca.HolderOptions{}, cvca.HolderOptions{})
	stranger, err := cvca.New("somebody else", cvca.Options{Key: onP256, Generation: 2})
	require.NoError(t, err)
	theirs, _ := chain(t, stranger, cvca.HolderOptions{}, cvca.HolderOptions{})
	old, _ := chain(t, a, cvca.HolderOptions{Label: "OLD", From: date(2024, 1, 1), To: date(2025, 4, 6)}, cvca.HolderOptions{})
	_, late := chain(t, a, cvca.HolderOptions{}, cvca.HolderOptions{Label: "LATE", From: date(2024, 1, 1), To: date(2025, 4, 6)})
	flipped := bytes.Clone(v.Certificate)
	flipped[len(flipped)-1] ^= 1
	richer := bytes.Clone(is.Certificate)
	richer[bytes.Index(richer, []byte{0x53, 1})+2] |= 4
	cut := v.Certificate[:len(v.Certificate)-1]

	for name, c := range map[string]struct {
		certificates [][]byte
		want         string
	}{
		"of another authority":         {[][]byte{theirs.Certificate}, "PSO 6300"},
		"terminal without a verifier":  {[][]byte{is.Certificate}, "PSO 6300"},
		"verifier by a verifier":       {[][]byte{v.Certificate, v.Certificate}, "PSO 6300"},
		"expired verifier":             {[][]byte{old.Certificate}, "PSO 6300"},
		"expired terminal":             {[][]byte{v.Certificate, late.Certificate}, "PSO 6300"},
		"a bit of the signature":       {[][]byte{flipped}, "PSO 6300"},
		"a right added":                {[][]byte{v.Certificate, richer}, "PSO 6300"},
		"cut":                          {[][]byte{cut}, "PSO 6a80"},
		"the authority's own":          {[][]byte{a.Certificate}, "PSO 6300"},
		"and the chain that is right":  {[][]byte{v.Certificate, is.Certificate}, "9000"},
		"its verifier once more first": {[][]byte{v.Certificate}, "9000"},
	} {
		t.Run(name, func(t *testing.T) {
			g := guardOf(t, card, simulator.New(card))
			g.authenticateChip(onCurve)
			assert.Equal(t, c.want, g.bring(a.Reference, c.certificates...))
			assert.Equal(t, none, g.files())
		})
	}
}

// TestTerminalRefused: each step out of its place, and signatures over something
// else.
func TestTerminalRefused(t *testing.T) {
	card, a := guardedCard(t, onP256, onCurve)
	v, is := chain(t, a, cvca.HolderOptions{}, cvca.HolderOptions{})
	chip := simulator.New(card)
	exchange(t, chip, "002281b60383015a", "6982") // in the clear
	exchange(t, chip, "002a00be00", "6985")

	g := guardOf(t, card, chip)
	require.Equal(t, "9000", g.bring(a.Reference, v.Certificate, is.Certificate))
	assert.Equal(t, "6982", g.sign(is), "before Chip Authentication")
	g.authenticateChip(onCurve)
	assert.Equal(t, "6985", g.send("002a00be", body(t, v.Certificate)), "no key is named")
	assert.Equal(t, "6a88", g.exchange("002281b6078305616263"+"6465"))
	assert.Equal(t, "6a80", g.exchange("002281b6028401"))
	assert.Equal(t, "6a80", g.send("002281a4", object(0x83, []byte(a.Reference))), "the authority is no terminal")
	assert.Equal(t, "6985", g.exchange("0082000001"+"00"), "no challenge")
	require.Equal(t, "9000", g.bring(a.Reference, v.Certificate, is.Certificate))

	right := g.mine
	g.mine = bytes.Repeat([]byte{1}, len(right))
	assert.Equal(t, "6300", g.sign(is), "another key than that of Chip Authentication")
	g.mine, g.chip = right, append([]byte{0}, g.chip[1:]...)
	assert.Equal(t, "6300", g.sign(is), "another chip")
	assert.Equal(t, none, g.files())

	plain := simulator.New(plainCard(false, card.PACE[0]))
	o := openWith(t, plain.Transmit, card.PACE[0], 12, 2, []byte(can))
	without := newTerminal(t, plain.Transmit, o.session)
	require.Equal(t, "9000", without.exchange(selectTravel))
	for command, want := range map[string]string{"002281b60383015a": "6a86", "002281a40383015a": "6a86", "002a00be0100": "6d00", "0084000008": "6d00", "00b09c0000": "6a82"} {
		assert.Equal(t, want, without.exchange(command), command)
	}
}

// TestTrustPointsMove: a link brings the next key, the chip keeps two, and dates
// go forward only.
func TestTrustPointsMove(t *testing.T) {
	card, second := guardedCard(t, onP256, onCurve)
	third, fourth := authority(t, onP256, 3), authority(t, onP256, 4)
	link3, err := second.Link(third)
	require.NoError(t, err)
	link4, err := third.Link(fourth)
	require.NoError(t, err)
	chip := simulator.New(card)
	names := func() string { return guardOf(t, card, chip).exchange("00b09c0000") }
	bring := func(by string, certificates ...[]byte) string {
		g := guardOf(t, card, chip)
		g.authenticateChip(onCurve)
		return g.bring(by, certificates...)
	}
	file := func(of ...*cvca.Authority) string {
		var content []byte
		for _, a := range of {
			content = append(content, object(0x42, []byte(a.Reference))...)
		}
		return hexOf(append(content, make([]byte, max(0, 36-len(content)))...)) + "9000"
	}
	require.Equal(t, "9000", bring(second.Reference, link3))
	assert.Equal(t, file(third, second), names())
	assert.Equal(t, "PSO 6300", bring(second.Reference, link3), "it is known already")
	chip.Power(false)
	require.Equal(t, "9000", bring(third.Reference, link4), "and stays without power")
	assert.Equal(t, file(fourth, third), names())
	assert.Equal(t, "DST 6a88", bring(second.Reference, link3), "the oldest is forgotten")

	v, is := chain(t, fourth, cvca.HolderOptions{From: date(2030, 1, 1)}, cvca.HolderOptions{})
	require.Equal(t, "9000", bring(fourth.Reference, v.Certificate, is.Certificate))
	before, _ := chain(t, fourth, cvca.HolderOptions{Label: "BEFORE", To: date(2029, 12, 31)}, cvca.HolderOptions{})
	assert.Equal(t, "PSO 6300", bring(fourth.Reference, before.Certificate), "the chip has heard of 2030")

	foreign, abroad := chain(t, fourth, cvca.HolderOptions{Label: "ABROAD", Foreign: true}, cvca.HolderOptions{From: date(2032, 1, 1)})
	require.Equal(t, "9000", bring(fourth.Reference, foreign.Certificate, abroad.Certificate))
	now, _ := chain(t, fourth, cvca.HolderOptions{Label: "NOW", To: date(2031, 6, 1)}, cvca.HolderOptions{})
	assert.Equal(t, "9000", bring(fourth.Reference, now.Certificate), "what a foreign verifier says of the time does not count")
}

// TestCertificateInPieces sends a certificate by command chaining, as terminals do
// without extended length.
func TestCertificateInPieces(t *testing.T) {
	card, a := guardedCard(t, cvca.Key{RSA: 2048, PSS: true, Hash: crypto.SHA256}, onCurve)
	card.ExtendedLength = false
	v, is := chain(t, a, cvca.HolderOptions{}, cvca.HolderOptions{})
	g := guardOf(t, card, simulator.New(card))
	g.authenticateChip(onCurve)
	pieces := func(head string, data []byte) (sw string) {
		for ; len(data) > 150; data = data[150:] {
			require.Equal(t, "9000", g.send("1"+head[1:], data[:150]))
		}
		return g.send(head, data)
	}
	issuer := a.Reference
	for _, certificate := range [][]byte{v.Certificate, is.Certificate} {
		require.Equal(t, "9000", g.send("002281b6", object(0x83, []byte(issuer))))
		require.Equal(t, "9000", pieces("002a00be", body(t, certificate)))
		issuer = holder(t, certificate)
	}
	require.Equal(t, "9000", g.send("002281a4", object(0x83, []byte(is.Reference))))
	challenge := unhex(t, g.exchange("0084000008"))
	signature, err := is.Sign(bytes.Join([][]byte{g.chip, challenge[:8], g.mine}, nil))
	require.NoError(t, err)
	require.Equal(t, "9000", pieces("00820000", signature))
	assert.Equal(t, both, g.files())

	require.Equal(t, "9000", g.send("102a00be", make([]byte, 150)))
	assert.Equal(t, "6883", g.exchange("00b0830000"), "a command that breaks in")
	assert.Equal(t, "63009000", g.exchange("00b0830000"))
}
