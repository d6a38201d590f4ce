package simulator_test

import (
	"bytes"
	"crypto/sha1"
	"encoding/asn1"
	"encoding/hex"
	"fmt"
	"math/big"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/internal/dh"
	"cnie/internal/ec"
	"cnie/internal/kdf"
	"cnie/lds"
	"cnie/simulator"
	"cnie/simulator/persona"
)

var allIDs = []int{0, 1, 2, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18}

// TestEveryWayToRunPACE opens a card in each way that the standard defines, and
// is refused in each other one.
func TestEveryWayToRunPACE(t *testing.T) {
	digest := sha1.Sum(key.Seed())
	for _, m := range []lds.Mapping{lds.GM, lds.IM, lds.CAM} {
		for _, id := range allIDs {
			for _, c := range ciphers {
				info, is := announced(t, m, id, c)
				if !is {
					continue
				}
				t.Run(fmt.Sprint(m, " ", id, " ", c), func(t *testing.T) {
					card := plainCard(false, info)
					card.ExtendedLength = true
					if curve, is := ec.ByParameterID(id); is {
						card = mappable(card, curve)
					}
					chip := simulator.New(card)
					if m == lds.IM && id == 10 { // ICAO 9303-11 table 12: P-224 has no encoding
						require.Equal(t, []byte{0x6A, 0x80}, openWith(t, chip.Transmit, info, id, 2, []byte(can)).sw)
						return
					}
					for reference, password := range map[byte][]byte{1: digest[:], 2: []byte(can)} {
						chip.Reset()
						o := openWith(t, chip.Transmit, info, id, reference, password)
						require.Equal(t, []byte{0x90, 0}, o.sw)
						assert.Equal(t, m == lds.CAM, len(o.more) > 0)
						terminal := newTerminal(t, chip.Transmit, o.session)
						assert.Equal(t, "9000", terminal.exchange(selectTravel))
						assert.Equal(t, hex.EncodeToString(pattern(93)[:16])+"9000", terminal.exchange("00b0810010"))
					}
				})
			}
		}
	}
}

// TestChipAuthenticationMapping checks the proof: the static key, multiplied by
// what the chip sent, is its key of the mapping (ICAO 9303-11 §4.4.3.5.2).
func TestChipAuthenticationMapping(t *testing.T) {
	for _, curve := range curves {
		info, _ := announced(t, lds.CAM, curve.ParameterID(), kdf.AES256)
		card := mappable(plainCard(false, info), curve)
		public, err := curve.Generator().Mul(card.ChipKeys[0].Private)
		require.NoError(t, err)
		prove := func() bool {
			chip := simulator.New(card)
			o := openWith(t, chip.Transmit, info, curve.ParameterID(), 2, []byte(can))
			require.Equal(t, []byte{0x90, 0}, o.sw)
			product, err := public.Mul(o.chipData(t, curve))
			require.NoError(t, err)
			return bytes.Equal(o.mapped, product.Bytes())
		}
		assert.True(t, prove(), curve)
		card.ChipKeys[0].Private[0] ^= 1
		assert.False(t, prove(), "a copy with a key of its own")
	}
}

// A chip without the key that it announces refuses before it starts.
func TestMappingKeyLost(t *testing.T) {
	info, _ := announced(t, lds.CAM, 12, kdf.AES128)
	chip := simulator.New(plainCard(false, info))
	assert.Equal(t, []byte{0x6A, 0x88}, openWith(t, chip.Transmit, info, 12, 2, []byte(can)).sw)
}

// TestAmbiguousParameters: one protocol on two curves needs the curve's number.
func TestAmbiguousParameters(t *testing.T) {
	one, other := pace(ec.P256(), kdf.AES128), pace(ec.BrainpoolP256r1(), kdf.AES128)
	chip := simulator.New(plainCard(false, one, other))
	oid, _ := asn1.Marshal(one.OID)
	unnamed := append(object(0x80, oid[2:]), 0x83, 1, 2)
	assert.Equal(t, []byte{0x6A, 0x88}, chip.Transmit(apdu("0022c1a4", unnamed)))
	assert.Equal(t, []byte{0x90, 0}, openWith(t, chip.Transmit, other, 13, 2, []byte(can)).sw)
	assert.Equal(t, []byte{0x90, 0}, chip.Transmit(apdu("0022c1a4", append(unnamed, 0x84, 1, 12))))
}

// TestExplicitParameters opens cards that write a curve or a group out, with a
// number and without one.
func TestExplicitParameters(t *testing.T) {
	for _, name := range []string{"pace-explicit", "pace-explicit-dh"} {
		loaded, err := persona.Load(name)
		require.NoError(t, err)
		card, err := loaded.Card()
		require.NoError(t, err)
		id := map[string]int{"pace-explicit": 16, "pace-explicit-dh": 2}[name]
		require.Equal(t, []byte{0x90, 0}, openWith(t, simulator.New(card).Transmit, card.PACE[0], id, 2, []byte(card.CAN)).sw, name)
		card.PACE[0].ParameterID, card.PACEParameters[0].ParameterID = -1, -1
		require.Equal(t, []byte{0x90, 0}, openWith(t, simulator.New(card).Transmit, card.PACE[0], id, 2, []byte(card.CAN)).sw, name)
		card.PACEParameters[0].Parameters[20] ^= 1 // parameters of nobody's making
		require.Equal(t, []byte{0x6A, 0x80}, openWith(t, simulator.New(card).Transmit, card.PACE[0], id, 2, []byte(card.CAN)).sw, name)
	}
}

// TestNumbersRefused sends what is no public key in a group: the neutral element,
// numbers of another subgroup or none, and a leading zero (ICAO 9303-11 §9.4.1).
func TestNumbersRefused(t *testing.T) {
	info, _ := announced(t, lds.GM, 2, kdf.AES128)
	card := plainCard(false, info)
	card.ExtendedLength = true
	group, _ := dh.ByParameterID(2)
	p, _, _ := group.Params()
	minusOne := new(big.Int).Sub(p, big.NewInt(1)).Bytes()
	oid, _ := asn1.Marshal(info.OID)
	for name, value := range map[string][]byte{
		"nothing": {}, "zero": {0}, "one": {1}, "two": {2}, "minus one": minusOne, "the prime": p.Bytes(),
		"a leading zero": append([]byte{0}, group.Generator().Unsigned()...), "too long": append([]byte{1}, p.Bytes()...),
	} {
		chip := simulator.New(card)
		send(t, chip.Transmit, apdu("0022c1a4", append(object(0x80, oid[2:]), 0x83, 1, 2)))
		send(t, chip.Transmit, unhex(t, "10860000027c0000"))
		assert.Equal(t, []byte{0x6A, 0x80}, chip.Transmit(long(t, "10860000", object(0x7C, object(0x81, value)))), name)
	}
}

// TestOtherNonces: the terminal's nonce has the length of a key.
func TestOtherNonces(t *testing.T) {
	info, _ := announced(t, lds.IM, 12, kdf.AES192)
	oid, _ := asn1.Marshal(info.OID)
	for size, want := range map[int]string{0: "6a80", 16: "6a80", 24: "7c0282009000", 32: "6a80"} {
		chip := simulator.New(plainCard(false, info))
		send(t, chip.Transmit, apdu("0022c1a4", append(object(0x80, oid[2:]), 0x83, 1, 2)))
		assert.Len(t, inner(t, send(t, chip.Transmit, unhex(t, "10860000027c0000")), 0x80), 32, "two blocks for a key of one and a half")
		assert.Equal(t, want, hex.EncodeToString(chip.Transmit(apdu("10860000", object(0x7C, object(0x81, make([]byte, size))), 0))))
	}
}
