package simulator_test

import (
	"bytes"
	"encoding/hex"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/internal/ec"
	"cnie/internal/kdf"
	"cnie/lds"
	"cnie/simulator"
)

func TestBeforeAccess(t *testing.T) {
	for _, c := range []struct {
		name  string
		steps [][2]string
	}{
		{"EF.CardAccess by short identifier", [][2]string{{"00b09c0000", "31009000"}, {"00b0000100", "009000"}}},
		{"EF.CardAccess by selection", [][2]string{{"00a4020c02011c", "9000"}, {"00b0000002", "31009000"}}},
		{"file control parameters", [][2]string{{"00a4020002011c00", "620c800300000283" + "02011c8801e09000"}}},
		{"EF.CardSecurity is protected", [][2]string{{"00a4020c02011d", "6982"}, {"00b09d0000", "6982"}}},
		{"no such file in the master file", [][2]string{{"00a4020c020101", "6a82"}, {"00b0810000", "6a82"}}},
		{"application, named in part", [][2]string{{"00a4040c05a000000247", "9000"}}},
		{"application, name too short", [][2]string{{"00a4040c04a0000002", "6a82"}}},
		{"application with control information", [][2]string{{"00a4040007a000000247100100", "6f098407a00000024710019000"}}},
		{"application without Le", [][2]string{{"00a4040007a0000002471001", "9000"}}},
		{"unknown application leaves the old one", [][2]string{{selectTravel, "9000"}, {"00a4040c05a000000308", "6a82"}, {"00b09e0000", "6982"}}},
		{"next occurrence", [][2]string{{"00a4040207a0000002471001", "6a86"}}},
		{"application files, there or not", [][2]string{{selectTravel, "9000"}, {"00a4020c020101", "6982"}, {"00a4020c020110", "6982"}, {"00b09e0000", "6982"}}},
		{"master file again", [][2]string{{selectTravel, "9000"}, {"00a4000c023f00", "9000"}, {"00b09c0000", "31009000"}}},
		{"master file by nothing", [][2]string{{selectTravel, "9000"}, {"00a4000c", "9000"}, {"00b09c0000", "31009000"}}},
		{"no current file", [][2]string{{"00b0000000", "6986"}}},
		{"selection forgets the current file", [][2]string{{"00b09c0000", "31009000"}, {"00a4000c", "9000"}, {"00b0000000", "6986"}}},
		{"reserved short form", [][2]string{{"00b0e00000", "6a86"}}},
		{"READ BINARY without Le", [][2]string{{"00b09c00", "6700"}}},
		{"READ BINARY with data", [][2]string{{"00b09c00010000", "6700"}}},
		{"SELECT with one byte", [][2]string{{"00a4020c0101", "6700"}}},
		{"SELECT by path", [][2]string{{"00a4080c02011c", "6a86"}}},
		{"unknown instruction", [][2]string{{"00ca000000", "6d00"}}},
		{"proprietary class", [][2]string{{"80b09c0000", "6e00"}}},
		{"logical channel", [][2]string{{"01b09c0000", "6881"}}},
		{"other secure messaging", [][2]string{{"04b09c0000", "6882"}}},
		{"secure messaging without a session", [][2]string{{"0cb09c000d9701048e08000000000000000000", "6988"}}},
		{"too short", [][2]string{{"", "6700"}, {"00", "6700"}, {"00b09c", "6700"}}},
		{"data field cut", [][2]string{{"00a4020c0201", "6700"}}},
		{"too much", [][2]string{{"00a4020c02011c0000", "6700"}}},
		{"extended length, which the card has not", [][2]string{{"00b09c00000000", "6700"}}},
		{"cut extended length", [][2]string{{"00b09c000000", "6700"}, {"00b09c0000000000", "6700"}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			chip := simulator.New(plainCard(false, pace(ec.P256(), kdf.AES128)))
			for _, step := range c.steps {
				exchange(t, chip, step[0], step[1])
			}
		})
	}
}

// TestReading reads a file of 600 bytes on a card without access control.
func TestReading(t *testing.T) {
	card := plainCard(false)
	card.ExtendedLength = true
	card.Files[lds.DG2] = pattern(70_000)
	chip := simulator.New(card)
	exchange(t, chip, selectTravel, "9000")
	sod := pattern(600)
	for _, c := range []struct {
		name, command string
		data          []byte
		sw            string
	}{
		{"block", "00b09d0010", sod[:16], "9000"},
		{"most of a short answer", "00b09d0000", sod[:256], "9000"},
		{"short form with offset", "00b09d1010", sod[16:32], "9000"},
		{"long offset", "00b0020010", sod[512:528], "9000"},
		{"up to the end", "00b0025800", nil, "6b00"},
		{"exactly the end", "00b0024810", sod[584:], "9000"},
		{"more than there is", "00b0025010", sod[592:], "6282"},
		{"whatever there is", "00b0025000", sod[592:], "9000"},
		{"beyond", "00b07fff01", nil, "6b00"},
		{"extended, all", "00b09d00000000", sod, "9000"},
		{"extended, exactly", "00b09d00000258", sod, "9000"},
		{"extended, too much", "00b09d00000259", sod, "6282"},
		{"odd, current file", "00b1000003" + "540110" + "12", append([]byte{0x53, 16}, sod[16:32]...), "9000"},
		{"odd, short identifier", "00b1001d04" + "54020200" + "22", append([]byte{0x53, 32}, sod[512:544]...), "9000"},
		{"odd, file identifier", "00b1011d04" + "54020258" + "00", nil, "6b00"},
		{"odd, all that fits", "00b1000003" + "540100" + "00", append([]byte{0x53, 0x81, 252}, sod[:252]...), "9000"},
		{"odd, end of file", "00b1000004" + "54020250" + "18", append([]byte{0x53, 8}, sod[592:]...), "6282"},
		{"odd, no room", "00b1000003" + "540100" + "02", nil, "6700"},
		{"odd, no offset", "00b1000002" + "5400" + "00", nil, "6a80"},
		{"odd, no object", "00b1000002" + "ff00" + "00", nil, "6a80"},
		{"odd, offset of five bytes", "00b1000007" + "54050000000000" + "00", nil, "6a80"},
		{"odd, offset beyond", "00b1000006" + "5404ffffffff" + "00", nil, "6b00"},
		{"odd, unknown file", "00b1010f03" + "540100" + "00", nil, "6a82"},
		{"beyond 32 KB", "00b1010205" + "5403010000" + "10", append([]byte{0x53, 14}, pattern(70_000)[65536:65550]...), "9000"},
		{"the longest answer", "00b08200000000", pattern(65533), "9000"},
		{"more than an answer holds", "00b0820000ffff", nil, "6700"},
	} {
		got := chip.Transmit(unhex(t, c.command))
		assert.Equal(t, c.sw, hex.EncodeToString(got[len(got)-2:]), c.name)
		assert.True(t, bytes.Equal(c.data, got[:len(got)-2]), "%s: %d bytes", c.name, len(got)-2)
	}
}

// TestReadingUnderProtection asks for as much as fits 256 bytes.
func TestReadingUnderProtection(t *testing.T) {
	for c, room := range map[kdf.Cipher]int{kdf.TDES: 231, kdf.AES128: 223, kdf.AES256: 223} {
		card := plainCard(false, pace(ec.P256(), c))
		card.ExtendedLength = true
		chip := simulator.New(card)
		s, _ := runPACE(t, chip.Transmit, ec.P256(), c, 2, []byte(can))
		terminal := newTerminal(t, chip.Transmit, s)
		sod := hex.EncodeToString(pattern(600))
		for _, step := range [][2]string{
			{selectTravel, "9000"},
			{"00b09d0000", sod[:2*room] + "9000"},
			{"00b09d00" + hex.EncodeToString([]byte{byte(room)}), sod[:2*room] + "9000"},
			{"00b09d00" + hex.EncodeToString([]byte{byte(room + 1)}), "6700"},
			{"00b1000003" + "540110" + "12", "5310" + sod[32:64] + "9000"},
			{"00b09f0000", "6a82"},
			{"00b0830000", "6982"}, // DG3 wants Terminal Authentication
			{"00a4020c02011c", "6a82"},
			{"00a4000c", "9000"},
			{"00b09d0000", "30009000"}, // EF.CardSecurity
		} {
			assert.Equal(t, step[1], terminal.exchange(step[0]), "%v %s", c, step[0])
		}
		terminal.outerLe = []byte{0, 0}
		require.Equal(t, "9000", terminal.exchange(selectTravel))
		answer := terminal.open(t, chip.Transmit(terminal.build([]byte{0, 0xB0, 0x9D, 0}, nil, []byte{0, 0})), false)
		assert.Equal(t, sod+"9000", hex.EncodeToString(answer))
	}
}

// TestBrokenSession damages one command in each way; the card answers in the
// clear, forgets its keys and the terminal's rights.
func TestBrokenSession(t *testing.T) {
	read := []byte{0, 0xB0, 0x9E, 0}
	for name, damage := range map[string]func(*terminal) ([]byte, string){
		"checksum": func(x *terminal) ([]byte, string) {
			c := x.build(read, nil, []byte{2})
			c[len(c)-2] ^= 1
			return c, "6988"
		},
		"header":        func(x *terminal) ([]byte, string) { c := x.build(read, nil, []byte{2}); c[3] ^= 1; return c, "6988" },
		"Le object":     func(x *terminal) ([]byte, string) { c := x.build(read, nil, []byte{2}); c[7] ^= 1; return c, "6988" },
		"counter":       func(x *terminal) ([]byte, string) { x.count(); return x.build(read, nil, []byte{2}), "6988" },
		"no checksum":   func(*terminal) ([]byte, string) { return []byte{0x0C, 0xB0, 0x9E, 0, 3, 0x97, 1, 2, 0}, "6987" },
		"nothing":       func(*terminal) ([]byte, string) { return []byte{0x0C, 0xB0, 0x9E, 0, 0}, "6987" },
		"foreign":       func(*terminal) ([]byte, string) { return []byte{0x0C, 0xB0, 0x9E, 0, 2, 0x99, 0, 0}, "6988" },
		"short object":  func(*terminal) ([]byte, string) { return []byte{0x0C, 0xB0, 0x9E, 0, 2, 0x97, 9, 0}, "6988" },
		"plain command": func(*terminal) ([]byte, string) { return []byte{0, 0xB0, 0x9E, 0, 0}, "6982" },
		"malformed":     func(*terminal) ([]byte, string) { return []byte{0x0C, 0xB0}, "6700" },
		"extended":      func(*terminal) ([]byte, string) { return []byte{0x0C, 0xB0, 0x9E, 0, 0, 0, 0}, "6700" },
		"wrong padding indicator": func(x *terminal) ([]byte, string) {
			return x.forge([]byte{0, 0xA4, 2, 0x0C}, object(0x87, append([]byte{2}, make([]byte, 8)...))), "6988"
		},
		"half a block": func(x *terminal) ([]byte, string) {
			return x.forge([]byte{0, 0xA4, 2, 0x0C}, object(0x87, []byte{1, 2, 3})), "6988"
		},
		"no padding": func(x *terminal) ([]byte, string) {
			block := make([]byte, 8)
			x.enc.Encrypt(block, block)
			return x.forge([]byte{0, 0xA4, 2, 0x0C}, object(0x87, append([]byte{1}, block...))), "6988"
		},
		"odd object for an even instruction": func(x *terminal) ([]byte, string) {
			return x.forge([]byte{0, 0xA4, 2, 0x0C}, object(0x85, make([]byte, 8))), "6988"
		},
		"order": func(x *terminal) ([]byte, string) {
			return x.forge([]byte{0, 0xA4, 2, 0x0C}, slices.Concat(object(0x97, []byte{0}), object(0x87, append([]byte{1}, make([]byte, 8)...)))), "6988"
		},
	} {
		t.Run(name, func(t *testing.T) {
			chip := simulator.New(plainCard(true))
			terminal := opened(t, chip)
			require.Equal(t, "60009000", terminal.exchange("00b09e0000"))
			command, sw := damage(terminal)
			exchange(t, chip, hex.EncodeToString(command), sw)
			exchange(t, chip, hex.EncodeToString(terminal.build(read, nil, []byte{2})), "6988")
			exchange(t, chip, "00b0000002", "6982") // the file is still the current one, and closed
			assert.Equal(t, "60009000", opened(t, chip).exchange("00b09e0000"), "a fresh session reads on")
		})
	}
}

// forge authenticates arbitrary objects.
func (s *session) forge(head, objects []byte) []byte {
	s.count()
	masked := []byte{head[0] | 0x0C, head[1], head[2], head[3]}
	objects = append(objects, object(0x8E, s.code(append(s.pad(masked), objects...)))...)
	return append(append(append(masked, byte(len(objects))), objects...), 0)
}

func TestResetAndPower(t *testing.T) {
	for name, act := range map[string]func(*simulator.Chip){
		"reset": (*simulator.Chip).Reset, "off": func(c *simulator.Chip) { c.Power(false) }, "on": func(c *simulator.Chip) { c.Power(true) },
	} {
		chip := simulator.New(plainCard(true))
		terminal := opened(t, chip)
		act(chip)
		assert.Equal(t, []byte{0x69, 0x88}, chip.Transmit(terminal.protect([]byte{0, 0xB0, 0x9E, 0, 0})), name)
		exchange(t, chip, "00b09c0000", "31009000")
	}
}

func TestWiresSeeEverything(t *testing.T) {
	var seen []string
	log := func(name string) simulator.Option {
		return simulator.WithWire(func(next func([]byte) []byte) func([]byte) []byte {
			return func(command []byte) []byte {
				answer := next(command)
				seen = append(seen, name+hex.EncodeToString(command)+">"+hex.EncodeToString(answer))
				return answer
			}
		})
	}
	mute := simulator.WithWire(func(next func([]byte) []byte) func([]byte) []byte {
		return func(command []byte) []byte { next(command); return nil }
	})
	chip := simulator.New(plainCard(false), log("near "), log("far "), mute)
	exchange(t, chip, "00ca0000", "6f00") // never a zero-byte answer
	assert.Equal(t, []string{"near 00ca0000>6d00", "far 00ca0000>6d00"}, seen)
}

// counter is an application that answers with what it got.
type counter struct{ left int }

func (*counter) AID() []byte { return []byte("SPECIMEN") }
func (*counter) Select() simulator.Response {
	return simulator.Response{Data: []byte{0x6F, 0}, SW: 0x9000}
}
func (*counter) Process(c simulator.Command) simulator.Response {
	return simulator.Response{Data: append([]byte{c.INS}, c.Data...), SW: 0x9000}
}
func (c *counter) Deselect() { c.left++ }

func TestAnotherApplication(t *testing.T) {
	app := &counter{}
	chip := simulator.New(plainCard(false), simulator.WithApplet(app))
	exchange(t, chip, "00a4040008"+hex.EncodeToString([]byte("SPECIMEN"))+"00", "6f009000")
	exchange(t, chip, "10cb0000020102"+"00", "cb01029000") // it sees chains itself
	exchange(t, chip, "00a4020c02011c", "a4011c9000")
	assert.Zero(t, app.left)
	exchange(t, chip, selectTravel, "9000")
	assert.Equal(t, 1, app.left)
}
