package piv_test

import (
	"encoding/hex"
	"testing"

	"cnie/simulator"
	"cnie/simulator/persona"
	"cnie/simulator/piv"
)

// FuzzProcess plays sessions of commands with a length byte before each. The
// management key is known and a challenge fixed, so that seeds get everywhere.
func FuzzProcess(f *testing.F) {
	for _, seed := range [][]string{
		{verifyPIN, "00200080", "0087119c267c2482008120" + hex.EncodeToString(make([]byte, 32)) + "00", "0024008010" + pin + digits},
		{"00cb3fff055c035fc10508", "00c0000000", "00c0000000", "002c008010" + puk + digits, "0020ff80"},
		{"00870a9b047c02800000", "00870a9b267c248010" + hex.EncodeToString(make([]byte, 32)) + "00", "0047009a05ac0380011100"},
		{"00db3fff0a5c035fc1095303010203", "10db3fff035c035f", "00db3fff07c10953030102", "00cb3fff055c035fc10900"},
		{"00f7009b00", "00f8000000", "00f99a0000", "00fa0303", "00fb0000", "00fd0000", "00fe119a06060101aa0101", "00ffffff130a9b10" + hex.EncodeToString(make([]byte, 16))},
		{"0087119d067c0482008501", "0087079a0a7c08820081040000000000", "00a4040005a000000308"},
	} {
		for _, yubico := range []bool{false, true} {
			var session []byte
			for _, command := range seed {
				raw, err := hex.DecodeString(command)
				if err != nil {
					f.Fatal(err)
				}
				session = append(append(session, byte(len(raw))), raw...)
			}
			f.Add(yubico, session)
		}
	}
	contents := specimen(f, curves)
	f.Fuzz(func(t *testing.T, yubico bool, session []byte) {
		options := []piv.Option{piv.WithRand(zeros{})}
		if yubico {
			options = append(options, piv.WithYubico())
		}
		app := piv.New(contents, options...)
		chip := simulator.New(&persona.Card{}, simulator.WithApplet(app))
		raw, _ := hex.DecodeString(selectPIV)
		chip.Transmit(raw)
		for len(session) > 0 {
			n := min(int(session[0]), len(session)-1)
			command := session[1 : 1+n]
			session = session[1+n:]
			if n > 1 && command[1] == 0x47 {
				continue // making RSA keys would take all the time
			}
			if answer := chip.Transmit(command); len(answer) < 2 || len(answer) > 65535 {
				t.Fatalf("an answer of %d bytes", len(answer))
			}
			if left := app.Contents().PIN; left.Left < 0 || left.Left > left.Tries {
				t.Fatalf("%d of %d tries", left.Left, left.Tries)
			}
		}
	})
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }
