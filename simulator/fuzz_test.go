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
	bac, sm := vectors.Load(f, "icao-9303-11-d-bac"), vectors.Load(f, "icao-9303-11-d4-sm")
	aid, _ := hex.DecodeString(selectTravel)
	var cards []*persona.Card
	var random [][]byte
	for i, example := range []string{"g1", "g2", "i1"} {
		v := vectors.Load(f, "icao-9303-11-"+example+"-pace")
		card := cardOfExample(f, v)
		card.Files[lds.COM], card.Files[lds.SOD], card.ExtendedLength = sm["ef_com"], pattern(300), true
		if example == "i1" {
			giveMappingKey(f, card, v)
		}
		content := new(bytes.Buffer)
		_, _ = content.ReadFrom(randomness(card, v["nonce"], v["chip_map_private"], v["chip_private"]))
		cards, random = append(cards, card), append(random, content.Bytes())
		f.Add(byte(i), script(v["mse_command"], v["nonce_command"], v["map_command"], v["agree_command"], v["token_command"]))
	}
	old := *cards[0]
	old.BAC, old.MRZ, old.PIN, old.PUK = true, mrzKey(bac), "567890", "1234567890"
	old.ChipKeys = []persona.ChipKey{{Curve: ec.P256(), Private: append(make([]byte, 31), 9), Cipher: kdf.TDES}}
	cards, random = append(cards, &old), append(random, append(bytes.Clone(bac["rnd_ic"]), bac["k_ic"]...))
	f.Add(byte(3), script(aid, bac["get_challenge_command"], bac["authenticate_command"], sm["select_command"], sm["read1_command"], sm["read2_command"]))
	for _, seed := range []string{"00b09c0000", "00b1001c0454020000" + "00", "00a40200023f0000", "00b09c00000000", "002241a6029100", "0cb09c000d9701048e08000000000000000000", "002281b60383015a", "102a00be027f4e", "002c0303", "0022c1a4147f4c08060104530101800400830103840132"} {
		raw, _ := hex.DecodeString(seed)
		f.Add(byte(3), script(aid, raw))
	}
	f.Fuzz(func(t *testing.T, which byte, session []byte) {
		i := int(which) % len(cards)
		chip := simulator.New(cards[i], simulator.WithRand(bytes.NewReader(random[i])))
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
