package simulator_test

import (
	"bytes"
	"crypto/sha1"
	"encoding/asn1"
	"encoding/hex"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/internal/ec"
	"cnie/internal/kdf"
	"cnie/lds"
	"cnie/simulator"
	"cnie/simulator/persona"
)

var (
	curves  = []*ec.Curve{ec.P192(), ec.P224(), ec.P256(), ec.P384(), ec.P521(), ec.BrainpoolP192r1(), ec.BrainpoolP224r1(), ec.BrainpoolP256r1(), ec.BrainpoolP320r1(), ec.BrainpoolP384r1(), ec.BrainpoolP512r1()}
	ciphers = []kdf.Cipher{kdf.TDES, kdf.AES128, kdf.AES192, kdf.AES256}
	key     = lds.MRZKey{DocumentNumber: "ZZZ000001", BirthDate: "900101", ExpiryDate: "350101"}
)

const can = "123456"

// plainCard has small files of known bytes and every way in that is asked for.
func plainCard(bac bool, infos ...lds.PACEInfo) *persona.Card {
	return &persona.Card{
		ATR: []byte{0x3B, 0x80, 0x80, 0x01, 0x01}, CAN: can, MRZ: key, BAC: bac, PACE: infos,
		Files: map[lds.File][]byte{
			lds.CardAccess: {0x31, 0x00}, lds.CardSecurity: {0x30, 0x00},
			lds.COM: {0x60, 0x00}, lds.SOD: pattern(600), lds.DG1: pattern(93), lds.DG3: {0x63, 0x00},
		},
	}
}

func pattern(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i)
	}
	return b
}

func pace(curve *ec.Curve, c kdf.Cipher) lds.PACEInfo {
	return lds.PACEInfo{OID: paceGM(int(c)), Version: 2, ParameterID: curve.ParameterID()}
}

func TestPACEOnEveryCurveWithEveryCipher(t *testing.T) {
	digest := sha1.Sum(key.Seed())
	for _, curve := range curves {
		for _, c := range ciphers {
			t.Run(fmt.Sprintf("%v %v", curve, c), func(t *testing.T) {
				chip := simulator.New(plainCard(false, pace(curve, c)))
				for reference, password := range map[byte][]byte{1: digest[:], 2: []byte(can)} {
					chip.Reset()
					s, sw := runPACE(t, chip.Transmit, curve, c, reference, password)
					require.Equal(t, []byte{0x90, 0}, sw)
					terminal := newTerminal(t, chip.Transmit, s)
					assert.Equal(t, "9000", terminal.exchange(selectTravel))
					assert.Equal(t, hex.EncodeToString(pattern(93)[:16])+"9000", terminal.exchange("00b0810010"))
				}
			})
		}
	}
}

func TestPACEPasswords(t *testing.T) {
	card := plainCard(false, pace(ec.P256(), kdf.AES128))
	chip := simulator.New(card)
	_, sw := runPACE(t, chip.Transmit, ec.P256(), kdf.AES128, 2, []byte("123457"))
	assert.Equal(t, []byte{0x63, 0x00}, sw, "wrong CAN")
	exchange(t, chip, "00b09c0000", "31009000")
	exchange(t, chip, selectTravel, "9000")
	exchange(t, chip, "00b0810000", "6982")
	_, sw = runPACE(t, chip.Transmit, ec.P256(), kdf.AES128, 2, []byte(can))
	assert.Equal(t, []byte{0x90, 0x00}, sw, "another try on the same chip")
}

// TestPACERerun runs PACE inside a session: the last answer still comes under
// the old keys.
func TestPACERerun(t *testing.T) {
	chip := simulator.New(plainCard(false, pace(ec.P256(), kdf.AES128), pace(ec.BrainpoolP256r1(), kdf.AES256)))
	s, _ := runPACE(t, chip.Transmit, ec.P256(), kdf.AES128, 2, []byte(can))
	old := newTerminal(t, chip.Transmit, s)
	through := func(plain []byte) []byte { return old.open(t, chip.Transmit(old.protect(plain)), false) }
	s, sw := runPACE(t, through, ec.BrainpoolP256r1(), kdf.AES256, 2, []byte(can))
	require.Equal(t, []byte{0x90, 0}, sw)
	assert.Equal(t, "9000", newTerminal(t, chip.Transmit, s).exchange(selectTravel))
	assert.Equal(t, []byte{0x69, 0x88}, chip.Transmit(old.protect([]byte{0, 0xB0, 0, 0, 1})), "the old keys are gone")
}

func TestPACERefusals(t *testing.T) {
	oid, _ := asn1.Marshal(paceGM(2))
	mse := func(data ...[]byte) string { return hex.EncodeToString(apdu("0022c1a4", bytes.Join(data, nil))) }
	mechanism := object(0x80, oid[2:])
	good := mse(mechanism, []byte{0x83, 1, 2})
	badPoint := hex.EncodeToString(apdu("10860000", object(0x7C, object(0x81, append([]byte{4}, pattern(64)...))), 0))
	infinity := "10860000057c0381010000"
	unknown := "00a4040c05a000000308"
	for _, c := range []struct {
		name  string
		steps [][2]string
	}{
		{"unknown mechanism", [][2]string{{mse(object(0x80, []byte{4, 0, 0x7F}), []byte{0x83, 1, 2}), "6a80"}}},
		{"no mechanism", [][2]string{{mse([]byte{0x83, 1, 2}), "6a80"}}},
		{"no password", [][2]string{{mse(mechanism), "6a80"}}},
		{"PIN, which this card has not", [][2]string{{mse(mechanism, []byte{0x83, 1, 3}), "6a88"}}},
		{"other parameters", [][2]string{{mse(mechanism, []byte{0x83, 1, 2, 0x84, 1, 13}), "6a88"}}},
		{"twice the same", [][2]string{{mse(mechanism, []byte{0x83, 1, 2, 0x83, 1, 2}), "6a80"}}},
		{"unknown object", [][2]string{{mse(mechanism, []byte{0x83, 1, 2, 0x85, 0}), "6a80"}}},
		{"cut object", [][2]string{{mse(mechanism, []byte{0x83, 5, 2}), "6a80"}}},
		{"other template", [][2]string{{"002281b600", "6a86"}}},
		{"nothing announced", [][2]string{{"10860000027c0000", "6985"}}},
		{"steps out of order", [][2]string{{good, "9000"}, {badPoint, "6a80"}, {"10860000027c0000", "6985"}}},
		{"no chain", [][2]string{{good, "9000"}, {"00860000027c0000", "6883"}}},
		{"no Le", [][2]string{{good, "9000"}, {"10860000027c00", "6700"}}},
		{"Le too small", [][2]string{{good, "9000"}, {"10860000027c0010", "6700"}, {"10860000027c0000", "6985"}}},
		{"no template", [][2]string{{good, "9000"}, {"1086000002810000", "6a80"}}},
		{"another command breaks in", [][2]string{{good, "9000"}, {"00b09c0000", "31009000"}, {"10860000027c0000", "6985"}}},
		{"a failed selection breaks in", [][2]string{{good, "9000"}, {unknown, "6a82"}, {"10860000027c0000", "6985"}}},
		{"a selection breaks a chain", [][2]string{{"10" + good[2:], "9000"}, {"00a4000c", "9000"}, {"0022c1a4", "6a80"}}},
		{"P1-P2", [][2]string{{good, "9000"}, {"10860001027c0000", "6a86"}}},
		{"point off the curve", [][2]string{{good, "9000"}, {"10860000027c0000", "*"}, {badPoint, "6a80"}}},
		{"infinity", [][2]string{{good, "9000"}, {"10860000027c0000", "*"}, {infinity, "6a80"}}},
		{"another command chained", [][2]string{{"10a4020c02011c", "6884"}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			chip := simulator.New(plainCard(false, pace(ec.P256(), kdf.AES128)))
			for _, step := range c.steps {
				if step[1] == "*" {
					send(t, chip.Transmit, unhex(t, step[0]))
					continue
				}
				exchange(t, chip, step[0], step[1])
			}
		})
	}
}

// TestMirroredKey sends the chip's own ephemeral key back.
func TestMirroredKey(t *testing.T) {
	scalar := append(make([]byte, 31), 3)
	random := bytes.NewReader(bytes.Join([][]byte{make([]byte, 16), scalar, scalar}, nil))
	chip := simulator.New(plainCard(false, pace(ec.P256(), kdf.AES128)), simulator.WithRand(random))
	oid, _ := asn1.Marshal(paceGM(2))
	send(t, chip.Transmit, apdu("0022c1a4", append(object(0x80, oid[2:]), 0x83, 1, 2)))
	send(t, chip.Transmit, unhex(t, "10860000027c0000"))
	g := ec.P256().Generator()
	send(t, chip.Transmit, apdu("10860000", object(0x7C, object(0x81, g.Bytes())), 0))
	// The nonce is zero and the terminal's key 1, so the generator is 3·G.
	mapped, err := g.Mul(scalar)
	require.NoError(t, err)
	chips, err := mapped.Mul(scalar)
	require.NoError(t, err)
	assert.Equal(t, []byte{0x63, 0x00}, chip.Transmit(apdu("10860000", object(0x7C, object(0x83, chips.Bytes())), 0)))
}

func TestBasicAccessControl(t *testing.T) {
	chip := simulator.New(plainCard(true))
	exchange(t, chip, "0084000008", "6d00") // not in the master file
	exchange(t, chip, selectTravel, "9000")
	s, sw := runBAC(t, chip.Transmit, key.Seed())
	require.Equal(t, []byte{0x90, 0}, sw)
	assert.Equal(t, "60009000", newTerminal(t, chip.Transmit, s).exchange("00b09e0000"))

	other := key
	other.DocumentNumber = "ZZZ000002"
	chip.Reset()
	exchange(t, chip, selectTravel, "9000")
	_, sw = runBAC(t, chip.Transmit, other.Seed())
	assert.Equal(t, []byte{0x63, 0x00}, sw)
	for _, step := range [][2]string{
		{"0084000000", "*"}, {"0082000028" + hex.EncodeToString(make([]byte, 40)) + "28", "6300"},
		{"0082000028" + hex.EncodeToString(make([]byte, 40)) + "28", "6985"}, // a challenge serves once
		{"0084000008", "*"}, {"00b09e0000", "6982"}, {"0082000028" + hex.EncodeToString(make([]byte, 40)) + "28", "6985"},
		{"0084000008", "*"}, {"00a4040c05a000000308", "6a82"}, {"0082000028" + hex.EncodeToString(make([]byte, 40)) + "28", "6985"},
		{"0084000008", "*"}, {"008200000100", "6700"}, {"0084000004", "6c08"}, {"00840000", "6700"}, {"0084010008", "6a86"},
	} {
		if step[1] == "*" {
			assert.Len(t, send(t, chip.Transmit, unhex(t, step[0])), 8)
			continue
		}
		exchange(t, chip, step[0], step[1])
	}
	exchange(t, simulator.New(plainCard(false, pace(ec.P256(), kdf.AES128))), "0084000008", "6d00")
}

// TestHeaderAlone: a command without data and Le is a header and a checksum. The
// header is padded to a block, and then no more: PersoSim, AusweisApp and OpenSC
// agree, the last two with real cards, on RESET RETRY COUNTER of TR-03110.
func TestHeaderAlone(t *testing.T) {
	for _, c := range ciphers {
		t.Run(c.String(), func(t *testing.T) {
			chip := simulator.New(plainCard(false, pace(ec.P256(), c)))
			s, _ := runPACE(t, chip.Transmit, ec.P256(), c, 2, []byte(can))
			terminal := newTerminal(t, chip.Transmit, s)
			assert.Equal(t, "9000", terminal.exchange("00a4000c"))
			assert.Equal(t, "9000", terminal.exchange(selectTravel), "and the session goes on")
		})
	}
}
