package simulator_test

import (
	"bytes"
	"encoding/hex"
	"testing"

	"cnie/internal/ec"
	"cnie/internal/kdf"
	"cnie/internal/vectors"
	"cnie/lds"
	"cnie/simulator"
	"cnie/simulator/persona"
)

// A fuzzed session is commands with a length byte before each. Random numbers
// are fixed, so that seeds with whole sessions open the files.

func FuzzTransmit(f *testing.F) {
	bac, sm, pace := vectors.Load(f, "icao-9303-11-d-bac"), vectors.Load(f, "icao-9303-11-d4-sm"), vectors.Load(f, "icao-9303-11-g1-pace")
	card := cardG1(pace)
	card.BAC = true
	card.Files[lds.COM], card.Files[lds.SOD] = sm["ef_com"], pattern(300)
	card.ChipKeys = []persona.ChipKey{{Curve: ec.P256(), Private: append(make([]byte, 31), 9), Cipher: kdf.TDES}}
	card.ExtendedLength = true
	random := map[bool][]byte{
		false: bytes.Join([][]byte{pace["nonce"], pace["chip_map_private"], pace["chip_private"]}, nil),
		true:  bytes.Join([][]byte{bac["rnd_ic"], bac["k_ic"]}, nil),
	}
	aid, _ := hex.DecodeString(selectTravel)
	f.Add(false, script(pace["mse_command"], pace["nonce_command"], pace["map_command"], pace["agree_command"], pace["token_command"]))
	f.Add(true, script(aid, bac["get_challenge_command"], bac["authenticate_command"], sm["select_command"], sm["read1_command"], sm["read2_command"]))
	for _, seed := range []string{"00b09c0000", "00b1001c0454020000" + "00", "00a40200023f0000", "00b09c00000000", "002241a6029100", "0cb09c000d9701048e08000000000000000000"} {
		raw, _ := hex.DecodeString(seed)
		f.Add(false, script(aid, raw))
	}
	f.Fuzz(func(t *testing.T, basic bool, session []byte) {
		one := *card
		if basic {
			one.MRZ = mrzKey(bac)
		}
		chip := simulator.New(&one, simulator.WithRand(bytes.NewReader(random[basic])))
		for len(session) > 0 {
			n := min(int(session[0]), len(session)-1)
			if answer := chip.Transmit(session[1 : 1+n]); len(answer) < 2 || len(answer) > 65535 {
				t.Fatalf("an answer of %d bytes", len(answer))
			}
			session = session[1+n:]
		}
	})
}

func script(commands ...[]byte) (session []byte) {
	for _, command := range commands {
		session = append(append(session, byte(len(command))), command...)
	}
	return session
}
