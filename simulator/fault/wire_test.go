package fault

import (
	"encoding/hex"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/simulator/persona"
)

// echo answers every command with its number of bytes and 9000.
func echo(command []byte) []byte { return []byte{byte(len(command)), 0x90, 0x00} }

// wired is what the reader talks to when a chip has these faults.
func wired(t *testing.T, hand Hand, chip func([]byte) []byte, specs ...string) func(string) string {
	var faults []Fault
	for _, spec := range specs {
		f, err := Parse(spec)
		require.NoError(t, err)
		faults = append(faults, f)
	}
	for _, wire := range Wires(hand, faults...) {
		chip = wire(chip)
	}
	return func(command string) string {
		raw, err := hex.DecodeString(command)
		require.NoError(t, err)
		return hex.EncodeToString(chip(raw))
	}
}

const (
	plain     = "00b0000000"
	protected = "0cb00000039701000000"
)

func TestMoment(t *testing.T) {
	from := wired(t, nil, echo, "status=6F00@3")
	assert.Equal(t, []string{"059000", "059000", "6f00", "6f00"}, []string{from(plain), from(plain), from(plain), from(plain)}, "from the third on")

	concerned := wired(t, nil, echo, "sm-status=6982")
	assert.Equal(t, []string{"059000", "6982", "6982"}, []string{concerned(plain), concerned(protected), concerned(protected)})

	both := wired(t, nil, echo, "sm-status=6982@2", "status=6F00@4")
	assert.Equal(t, []string{"0a9000", "6982", "6982", "6f00"}, []string{both(protected), both(protected), both(protected), both(plain)})

	later := wired(t, nil, echo, "status@300ms")
	assert.Equal(t, "059000", later(plain))
	require.Eventually(t, func() bool { return later(plain) == "6f00" }, 10*time.Second, 10*time.Millisecond)
}

// hand writes down what it is told.
type hand struct{ did []string }

func (h *hand) Remove() { h.did = append(h.did, "remove") }
func (h *hand) Insert(card *persona.Card) {
	if card == nil {
		h.did = append(h.did, "insert")
		return
	}
	h.did = append(h.did, "insert "+card.Name)
}

// A card is torn once, at its command or at the first after it that counts.
func TestTear(t *testing.T) {
	for spec, want := range map[string][]string{
		"torn@2": {"remove"}, "torn-back@2": {"remove", "insert"}, "torn-other=child@2": {"remove", "insert child"},
	} {
		h := &hand{}
		send := wired(t, h, echo, spec)
		send(plain)
		assert.Empty(t, h.did, spec)
		send(plain)
		send(plain)
		assert.Equal(t, want, h.did, spec)
	}
	assert.Equal(t, "059000", wired(t, nil, echo, "torn")(plain), "nobody holds the card")
}

func TestPieces(t *testing.T) {
	send := wired(t, nil, func([]byte) []byte { return []byte{1, 2, 3, 4, 5, 0x90, 0} }, "pieces=2")
	assert.Equal(t, "01026103", send(plain))
	assert.Equal(t, "03046101", send("00c0000003"))
	assert.Equal(t, "059000", send("00c0000001"))
	assert.Equal(t, "01026103", send(plain))
	assert.Equal(t, "01026103", send(plain), "the rest is forgotten")
}

// answers gives a chip's answers in order.
func answers(list ...string) func([]byte) []byte {
	return func([]byte) []byte {
		next := list[0]
		list = list[1:]
		b, _ := hex.DecodeString(next)
		return b
	}
}

const secure = "8701aa990290008e08010203040506070" + "89000"

func TestProtectedAnswers(t *testing.T) {
	for spec, want := range map[string]string{
		"sm-flip-data":      "8701ab990290008e0801020304050607089000",
		"sm-flip-status":    "8701aa990290018e0801020304050607089000",
		"sm-flip-checksum":  "8701aa990290008e0801020304050607099000",
		"sm-no-checksum":    "8701aa990290009000",
		"sm-no-status":      "8701aa8e0801020304050607089000",
		"sm-reordered":      "8e080102030405060708990290008701aa9000",
		"sm-extra-object":   "8701aa990290008e080102030405060708990290009000",
		"sm-truncated":      "8701aa990290008e08010203040506079000",
		"sm-status-outside": "8701aa990290008e0801020304050607086a82",
		"sm-stripped":       "615d5f1f5a9000",
	} {
		assert.Equal(t, want, wired(t, nil, answers(secure), spec)(protected), spec)
		assert.Equal(t, secure, wired(t, nil, answers(secure), spec)(plain), "%s in the clear", spec)
	}
}

func TestOrderOfAnswers(t *testing.T) {
	late := wired(t, nil, answers("019000", "029000", "039000"), "sm-late")
	assert.Equal(t, []string{"019000", "019000", "029000"}, []string{late(protected), late(protected), late(protected)})
	replayed := wired(t, nil, answers("019000", "029000", "039000"), "sm-replayed@2")
	assert.Equal(t, []string{"019000", "019000", "019000"}, []string{replayed(protected), replayed(protected), replayed(protected)})
	doubled := wired(t, nil, answers("019000", "029000"), "sm-doubled-command")
	assert.Equal(t, "029000", doubled(protected))
}

// The steps of PACE, told apart by what the reader sends.
func TestPACESteps(t *testing.T) {
	const (
		nonce = "10860000027c0000"
		mapIt = "10860000077c0581030401020" + "0"
		agree = "10860000077c0583030403040" + "0"
		token = "00860000077c0585030505060" + "0"
	)
	for spec, c := range map[string]struct{ send, chip, want string }{
		"pace-refuses-nonce":   {nonce, "9000", "6985"},
		"pace-short-nonce":     {nonce, "7c048002aabb9000", "7c07800501020304059000"},
		"pace-refuses-map":     {mapIt, "9000", "6a80"},
		"pace-infinity":        {mapIt, "7c0582030411119000", "7c038201009000"},
		"pace-off-curve":       {mapIt, "7c0582030411119000", "7c0582030411109000"},
		"pace-compressed":      {mapIt, "7c0582030411119000", "7c04820203119000"},
		"pace-reflected":       {mapIt, "7c0582030411119000", "7c0582030401029000"},
		"pace-missing-object":  {mapIt, "7c0582030411119000", "7c009000"},
		"pace-doubled-object":  {mapIt, "7c0582030411119000", "7c0a820304111182030411119000"},
		"pace-refuses-agree":   {agree, "9000", "6f00"},
		"pace-agree-reflected": {agree, "7c0584030411119000", "7c0584030403049000"},
		"pace-refuses-token":   {token, "9000", "6300"},
		"pace-wrong-token":     {token, "7c0586030707079000", "7c0586030707069000"},
		"pace-token-reflected": {token, "7c0586030707079000", "7c0586030505069000"},
	} {
		for _, command := range []string{nonce, mapIt, agree, token} {
			got := wired(t, nil, answers(c.chip), spec)(command)
			if command == c.send {
				assert.Equal(t, c.want, got, spec)
			} else {
				assert.Equal(t, c.chip, got, "%s leaves the other steps alone", spec)
			}
		}
	}
	same := wired(t, nil, answers("7c0582030411119000", "7c0584030422229000"), "pace-same-key")
	assert.Equal(t, "7c0582030411119000", same(mapIt))
	assert.Equal(t, "7c0584030411119000", same(agree))
}

// Noise is the same in every run.
func TestNoise(t *testing.T) {
	first, again := wired(t, nil, echo, "garbage=8"), wired(t, nil, echo, "garbage=8")
	a, b := first(plain), first(plain)
	assert.NotEqual(t, a, b)
	assert.Equal(t, []string{a, b}, []string{again(plain), again(plain)})
	assert.Len(t, wired(t, nil, echo, "huge-answers")(plain), 2*65535)
}

// Integrated mapping answers with an object that is empty: there is nothing in it
// to change.
func TestNothingToChange(t *testing.T) {
	const mapping = "10860000067c0481020102" // and its answer
	chip := func([]byte) []byte { return []byte{0x7C, 2, 0x82, 0, 0x90, 0} }
	for _, name := range []string{"pace-off-curve", "pace-compressed"} {
		assert.Equal(t, "7c0282009000", wired(t, nil, chip, name)(mapping), name)
	}
}
