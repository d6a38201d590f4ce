package simulator_test

import (
	"bytes"
	"encoding/hex"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/internal/ec"
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

func TestWorkedExamplePACE(t *testing.T) {
	v := vectors.Load(t, "icao-9303-11-g1-pace")
	chip := simulator.New(cardG1(v), simulator.WithRand(bytes.NewReader(bytes.Join([][]byte{v["nonce"], v["chip_map_private"], v["chip_private"]}, nil))))
	for _, step := range []string{"mse", "nonce", "map", "agree", "token"} {
		require.Equal(t, v[step+"_response"], chip.Transmit(v[step+"_command"]), step)
	}
	session := newTerminal(t, chip.Transmit, aesSession(v["ks_enc"], v["ks_mac"]))
	assert.Equal(t, "9000", session.exchange(selectTravel), "secure messaging runs under the example's keys")
}

func cardG1(v map[string][]byte) *persona.Card {
	return &persona.Card{
		MRZ:   mrzKey(v),
		CAN:   "123456",
		PACE:  []lds.PACEInfo{{OID: paceGM(2), Version: 2, ParameterID: ec.BrainpoolP256r1().ParameterID()}},
		Files: map[lds.File][]byte{lds.CardAccess: append([]byte{0x31, 0x14}, v["pace_info"]...)},
	}
}
