package simulator_test

import (
	"bytes"
	"encoding/asn1"
	"encoding/hex"
	"math/big"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/internal/dh"
	"cnie/internal/ec"
	"cnie/internal/kdf"
	"cnie/internal/vectors"
	"cnie/lds"
	"cnie/simulator"
	"cnie/simulator/persona"
)

// The worked examples are driven through the card's side: its random numbers
// are the example's, the commands are the example's, and the answers must be
// the example's to the byte.

func mrzKey(v map[string][]byte) lds.MRZKey {
	return lds.MRZKey{DocumentNumber: string(v["document_number"]), BirthDate: string(v["birth_date"]), ExpiryDate: string(v["expiry_date"])}
}

// exchange sends hex and expects hex.
func exchange(t *testing.T, chip *simulator.Chip, command, response string) {
	t.Helper()
	raw, err := hex.DecodeString(command)
	require.NoError(t, err)
	require.Equal(t, response, hex.EncodeToString(chip.Transmit(raw)), "answer to %s", command)
}

const selectTravel = "00a4040c07a0000002471001"

func TestWorkedExampleBasicAccessControl(t *testing.T) {
	bac, sm := vectors.Load(t, "icao-9303-11-d-bac"), vectors.Load(t, "icao-9303-11-d4-sm")
	card := &persona.Card{BAC: true, MRZ: mrzKey(bac), Files: map[lds.File][]byte{lds.COM: sm["ef_com"]}}
	chip := simulator.New(card, simulator.WithRand(bytes.NewReader(append(bac["rnd_ic"], bac["k_ic"]...))))
	exchange(t, chip, selectTravel, "9000")
	for _, step := range []string{"get_challenge", "authenticate"} {
		require.Equal(t, bac[step+"_response"], chip.Transmit(bac[step+"_command"]), step)
	}
	for _, step := range []string{"select", "read1", "read2"} {
		require.Equal(t, sm[step+"_response"], chip.Transmit(sm[step+"_command"]), step)
	}
	assert.Equal(t, []byte{0x69, 0x88}, chip.Transmit(sm["read2_command"]), "a replay is under an old counter")
}

// The examples with the MRZ for a password and every APDU in print: both kinds of
// group, and Chip Authentication Mapping.
func TestWorkedExamplesPACE(t *testing.T) {
	for example, personalise := range map[string]func(testing.TB, *persona.Card, map[string][]byte){
		"g1": func(testing.TB, *persona.Card, map[string][]byte) {},
		"g2": func(testing.TB, *persona.Card, map[string][]byte) {},
		"i1": giveMappingKey,
	} {
		t.Run(example, func(t *testing.T) {
			v := vectors.Load(t, "icao-9303-11-"+example+"-pace")
			card := cardOfExample(t, v)
			personalise(t, card, v)
			chip := simulator.New(card, simulator.WithRand(randomness(card, v["nonce"], v["chip_map_private"], v["chip_private"])))
			for _, step := range []string{"mse", "nonce", "map", "agree"} {
				require.Equal(t, v[step+"_response"], chip.Transmit(v[step+"_command"]), step)
			}
			want := v["token_response"]
			if example == "g2" { // the page has a reference that its command does not ask for, and its table has not
				want = append(object(0x7C, object(0x86, v["chip_token"])), 0x90, 0x00)
			}
			require.Equal(t, want, chip.Transmit(v["token_command"]))
			terminal := newTerminal(t, chip.Transmit, aesSession(v["ks_enc"], v["ks_mac"]))
			assert.Equal(t, "9000", terminal.exchange(selectTravel), "secure messaging runs under the example's keys")
		})
	}
}

// The examples of the integrated mapping print values, and no APDUs. Their
// password is not in print either, but its key is: that of the CAN 123456.
func TestWorkedExamplesIntegratedMapping(t *testing.T) {
	for _, example := range []string{"h1", "h2"} {
		t.Run(example, func(t *testing.T) {
			v := vectors.Load(t, "icao-9303-11-"+example+"-pace")
			require.Equal(t, v["k_pi"], kdf.Derive(kdf.AES128, []byte(can), kdf.Password))
			card := cardOfExample(t, v)
			card.CAN = can
			chip := simulator.New(card, simulator.WithRand(randomness(card, v["nonce"], v["chip_private"])))
			oid, err := asn1.Marshal(card.PACE[0].OID)
			require.NoError(t, err)
			send(t, chip.Transmit, apdu("0022c1a4", append(object(0x80, oid[2:]), 0x83, 1, 2)))
			step := func(head string, data []byte, out byte) []byte {
				return inner(t, send(t, chip.Transmit, apdu(head, object(0x7C, data), 0)), out)
			}
			assert.Equal(t, v["encrypted_nonce"], step("10860000", nil, 0x80))
			assert.Empty(t, step("10860000", object(0x81, v["terminal_nonce"]), 0x82))
			assert.Equal(t, v["chip_public"], step("10860000", object(0x83, v["terminal_public"]), 0x84))
			assert.Equal(t, v["chip_token"], step("00860000", object(0x85, v["terminal_token"]), 0x86))
			terminal := newTerminal(t, chip.Transmit, aesSession(v["ks_enc"], v["ks_mac"]))
			assert.Equal(t, "9000", terminal.exchange(selectTravel))
		})
	}
}

// randomness is a nonce and private keys, for a chip whose keys stay below the
// group's order: some in print do not.
func randomness(card *persona.Card, nonce []byte, private ...[]byte) *bytes.Reader {
	order, size := big.NewInt(0), 0
	if curve, is := ec.ByParameterID(card.PACE[0].ParameterID); is {
		order, size = curve.Order(), curve.ScalarBytes()
	}
	if group, is := dh.ByParameterID(card.PACE[0].ParameterID); is {
		_, order, _ = group.Params()
		size = group.ExponentBytes()
	}
	all := bytes.Clone(nonce)
	for _, k := range private {
		d := new(big.Int).SetBytes(k)
		all = append(all, d.Mod(d, order).FillBytes(make([]byte, size))...)
	}
	return bytes.NewReader(all)
}

// giveMappingKey finds the chip's static key, which is not printed: the quotient
// of what the example prints.
func giveMappingKey(t testing.TB, card *persona.Card, v map[string][]byte) {
	curve := ec.BrainpoolP256r1()
	d := new(big.Int).ModInverse(new(big.Int).SetBytes(v["chip_data"]), curve.Order())
	d.Mul(d, new(big.Int).SetBytes(v["chip_map_private"])).Mod(d, curve.Order())
	id := curve.ParameterID()
	card.ChipKeys = []persona.ChipKey{{ID: &id, Curve: curve, Private: d.FillBytes(make([]byte, 32))}}
	public, err := curve.Generator().Mul(card.ChipKeys[0].Private)
	require.NoError(t, err)
	require.Contains(t, string(v["chip_key_info"]), string(public.Bytes()))
}

func cardOfExample(t testing.TB, v map[string][]byte) *persona.Card {
	access := object(0x31, v["pace_info"])
	infos, err := lds.ParseCardAccess(access)
	require.NoError(t, err)
	return &persona.Card{
		MRZ: mrzKey(v), PACE: infos.PACE,
		Files: map[lds.File][]byte{lds.CardAccess: access},
	}
}
