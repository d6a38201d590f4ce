package access

import (
	"bytes"
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/apdu"
	"cnie/apdu/tlv"
	"cnie/internal/kdf"
)

// ICAO Doc 9303-11, appendices H.1 and H.2: the values that are printed, from the
// nonces to the tokens. The pages print no APDUs; those here follow §4.4.4.
func TestIntegratedMappingWorkedExamples(t *testing.T) {
	for _, name := range []string{"h1", "h2"} {
		t.Run(name, func(t *testing.T) {
			v, offered, _ := paceExample(t, name)
			best, err := choose(offered)
			require.NoError(t, err)
			random, err := pseudorandom(best.cipher, v["nonce"], v["terminal_nonce"], best.group.size()+64)
			require.NoError(t, err)
			assert.Equal(t, v["pseudo_random"], random)
			generator, err := best.group.embed(random)
			require.NoError(t, err)
			assert.Equal(t, v["mapped_generator"], generator.public())

			private := v["terminal_private"]
			if g, is := best.group.(modp); is { // printed longer than the order
				private = g.ReduceExponent(private)
			}
			oid := v["pace_info"][4:14]
			run := &pace{choice: best, card: integratedCard(t, v), rand: bytes.NewReader(append(bytes.Clone(v["terminal_nonce"]), private...)), oid: oid}
			k, err := run.establish(context.Background(), v["k_pi"])
			require.NoError(t, err)
			assert.Equal(t, v["shared_secret"], k)
			assert.Equal(t, v["ks_enc"], kdf.Derive(best.cipher, k, kdf.Enc))
			assert.Equal(t, v["ks_mac"], kdf.Derive(best.cipher, k, kdf.Mac))
		})
	}
}

// integratedCard answers the run of the example, and nothing else.
func integratedCard(t testing.TB, v map[string][]byte) *apdu.Channel {
	oid := v["pace_info"][4:14]
	step := func(chained bool, send byte, data []byte, answer byte, result []byte) [2][]byte {
		var inner []byte
		if data != nil {
			inner = tlv.Encode(tlv.Tag(send), data)
		}
		c := apdu.Command{INS: 0x86, Data: tlv.Encode(0x7C, inner), Ne: 256}
		if chained {
			c.CLA = 0x10
		}
		raw, err := c.Encode()
		require.NoError(t, err)
		return [2][]byte{raw, append(tlv.Encode(0x7C, tlv.Encode(tlv.Tag(answer), result)), 0x90, 0)}
	}
	mse, err := apdu.Command{INS: 0x22, P1: 0xC1, P2: 0xA4, Data: append(tlv.Encode(0x80, oid), 0x83, 1, 0)}.Encode()
	require.NoError(t, err)
	return apdu.NewChannel(&script{t: t, pairs: [][2][]byte{
		{mse, {0x90, 0}},
		step(true, 0, nil, 0x80, v["encrypted_nonce"]),
		step(true, 0x81, v["terminal_nonce"], 0x82, nil),
		step(true, 0x83, v["terminal_public"], 0x84, v["chip_public"]),
		step(false, 0x85, v["terminal_token"], 0x86, v["chip_token"]),
	}})
}

// ICAO Doc 9303-11, appendix I.1: the chip's proof fits the key that the page
// gives, and no other.
func TestChipAuthenticationMappingWorkedExample(t *testing.T) {
	v, offered, random := paceExample(t, "i1")
	o, err := PACE(context.Background(), apdu.NewChannel(play(t, v, paceSteps...)), mrzPassword(t, v), offered, random)
	require.NoError(t, err)
	proof := o.Mapping
	require.NotNil(t, proof)
	assert.EqualValues(t, "performed", proof.Outcome)
	assert.Equal(t, v["chip_data"], proof.Data)
	assert.Equal(t, v["chip_map_public"], proof.PublicKey)
	assert.Equal(t, 13, proof.KeyID)

	signed, err := parseInfos(v["chip_key_info"])
	require.NoError(t, err)
	assert.True(t, proof.Fits(signed))
	for i := range proof.Data {
		wrong := *proof
		wrong.Data = bytes.Clone(proof.Data)
		wrong.Data[i] ^= 1
		require.False(t, wrong.Fits(signed), "byte %d", i)
	}
	other := *proof
	other.KeyID = 12
	assert.False(t, other.Fits(signed), "another key")
	other = *proof
	other.PublicKey = v["chip_public"]
	assert.False(t, other.Fits(signed), "another ephemeral key")
	other = *proof
	other.Data = append([]byte{0}, proof.Data...)
	assert.False(t, other.Fits(signed), "not of the length of the order")
}

// A chip that says CAM and proves nothing has refused to, which the judge hears.
func TestMissingChipData(t *testing.T) {
	original, _, _ := paceExample(t, "i1")
	token := original["token_response"][2:12]
	sealed := original["encrypted_chip_data"]
	flipped := bytes.Clone(sealed)
	flipped[len(flipped)-1] ^= 1
	for name, data := range map[string][]byte{
		"none":          nil,
		"half a block":  tlv.Encode(0x8A, sealed[:40]),
		"empty":         tlv.Encode(0x8A, nil),
		"other padding": tlv.Encode(0x8A, flipped),
	} {
		t.Run(name, func(t *testing.T) {
			v, offered, random := paceExample(t, "i1")
			v["token_response"] = append(tlv.Encode(0x7C, token, data), 0x90, 0)
			o, err := PACE(context.Background(), apdu.NewChannel(play(t, v, paceSteps...)), mrzPassword(t, v), offered, random)
			require.NoError(t, err)
			assert.EqualValues(t, "refused", o.Mapping.Outcome)
			assert.Empty(t, o.Mapping.Data)
		})
	}
}

func TestIntegratedMappingRefusesDishonestCards(t *testing.T) {
	v, offered, _ := paceExample(t, "h1")
	best, err := choose(offered)
	require.NoError(t, err)
	for name, c := range map[string]struct {
		nonce, answer []byte
	}{
		"short nonce":       {v["encrypted_nonce"][:0], nil},
		"long nonce":        {append(bytes.Clone(v["encrypted_nonce"]), v["encrypted_nonce"]...), nil},
		"with mapping data": {v["encrypted_nonce"], []byte{1}},
	} {
		t.Run(name, func(t *testing.T) {
			card := answersOf(t, tlv.Encode(0x80, c.nonce), tlv.Encode(0x82, c.answer))
			run := &pace{choice: best, card: card, rand: bytes.NewReader(v["terminal_nonce"]), oid: v["pace_info"][4:14]}
			_, err := run.establish(context.Background(), v["k_pi"])
			assert.ErrorIs(t, err, ErrProtocol)
		})
	}
}
