package piv_test

import (
	"crypto"
	"crypto/rsa"
	"encoding/hex"
	"fmt"
	"math/big"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/simulator"
	"cnie/simulator/persona"
	"cnie/simulator/piv"
)

const (
	selectPIV   = "00a4040005a00000030800"
	selectOther = "00a4040c07a0000002471001"
	verifyPIN   = "0020008008313233343536ffff"
	wrongPIN    = "0020008008393939393939ffff"
)

// curves is a card with elliptic curves only, both of them.
var curves = map[piv.Slot]piv.Algorithm{
	piv.Authentication: piv.P256, piv.Signature: piv.P384, piv.KeyManagement: piv.P256, piv.CardAuthentication: piv.P384,
}

// large is a card with the long RSA keys.
var large = map[piv.Slot]piv.Algorithm{
	piv.Authentication: piv.RSA3072, piv.Signature: piv.RSA3072, piv.KeyManagement: piv.RSA3072, piv.CardAuthentication: piv.RSA2048,
}

func specimen(t testing.TB, keys map[piv.Slot]piv.Algorithm) *piv.Contents {
	t.Helper()
	c, err := piv.Specimen("SPECIMEN AMINA", keys)
	require.NoError(t, err)
	return c
}

// usual is the card that most tests share; nobody may change it.
var usual = sync.OnceValues(func() (*piv.Contents, error) { return piv.Specimen("SPECIMEN AMINA", nil) })

// terminal speaks to one card with PIV selected.
type terminal struct {
	t    testing.TB
	chip *simulator.Chip
	app  *piv.Applet
}

func insert(t testing.TB, contents *piv.Contents, options ...piv.Option) *terminal {
	t.Helper()
	if contents == nil {
		var err error
		contents, err = usual()
		require.NoError(t, err)
	}
	app := piv.New(contents, options...)
	x := &terminal{t, simulator.New(&persona.Card{BAC: true}, simulator.WithApplet(app)), app}
	x.steps([2]string{selectPIV, "*"})
	return x
}

func (x *terminal) send(command string) string {
	x.t.Helper()
	raw, err := hex.DecodeString(command)
	require.NoError(x.t, err, command)
	return hex.EncodeToString(x.chip.Transmit(raw))
}

// steps are commands and their answers; an answer of * is any with 9000.
func (x *terminal) steps(steps ...[2]string) {
	x.t.Helper()
	for i, step := range steps {
		got := x.send(step[0])
		if step[1] == "*" {
			require.Equal(x.t, "9000", got[len(got)-4:], "step %d: %s", i, step[0])
			continue
		}
		require.Equal(x.t, step[1], got, "step %d: %s", i, step[0])
	}
}

// whole sends a command of any length and collects the answer.
func (x *terminal) whole(header string, data []byte) (answer []byte, sw string) {
	x.t.Helper()
	for len(data) > 255 {
		require.Equal(x.t, "9000", x.send("10"+header+"ff"+hex.EncodeToString(data[:255])))
		data = data[255:]
	}
	field := ""
	if len(data) > 0 {
		field = fmt.Sprintf("%02x%x", len(data), data)
	}
	got := x.send("00" + header + field + "00")
	for {
		body, err := hex.DecodeString(got[:len(got)-4])
		require.NoError(x.t, err)
		answer, sw = append(answer, body...), got[len(got)-4:]
		if sw[:2] != "61" {
			return answer, sw
		}
		got = x.send("00c00000" + sw[2:])
	}
}

// object is a data object with a tag of one or two bytes.
func object(tag int, parts ...[]byte) []byte {
	var value []byte
	for _, part := range parts {
		value = append(value, part...)
	}
	head := []byte{byte(tag)}
	if tag > 0xFF {
		head = []byte{byte(tag >> 8), byte(tag)}
	}
	switch n := len(value); {
	case n < 0x80:
		head = append(head, byte(n))
	case n < 0x100:
		head = append(head, 0x81, byte(n))
	default:
		head = append(head, 0x82, byte(n>>8), byte(n))
	}
	return append(head, value...)
}

// value takes the content out of an object that must be the only one.
func value(t testing.TB, tag int, from []byte) []byte {
	t.Helper()
	for _, head := range []int{2, 3, 4, 5} {
		if len(from) >= head && string(object(tag, from[head:])) == string(from) {
			return from[head:]
		}
	}
	require.Failf(t, "not one object", "%X in %x", tag, from)
	return nil
}

// get reads a data object.
func (x *terminal) get(tag string) ([]byte, string) {
	name, err := hex.DecodeString(tag)
	require.NoError(x.t, err)
	return x.whole("cb3fff", object(0x5C, name))
}

func TestSelection(t *testing.T) {
	template := "611f" + "4f06000010000100" + "7907" + "4f05a000000308" + "500c" + hex.EncodeToString([]byte("SPECIMEN PIV"))
	for _, c := range []struct{ name, command, answer string }{
		{"registered identifier", "00a4040005a00000030800", template + "9000"},
		{"without version", "00a4040009a0000003080000100000", template + "9000"},
		{"whole name", "00a404000ba000000308000010000100" + "00", template + "9000"},
		{"without Le", "00a4040005a000000308", template + "9000"},
		{"no answer wanted", "00a4040c05a000000308", "9000"},
		{"length first", "00a4040005a00000030808", template[:16] + "6119"},
		{"another version", "00a404000ba00000030800001000020000", "6a82"},
		{"a longer name", "00a404000ca00000030800001000010000" + "00", "6a82"},
		{"too short", "00a4040004a000000300", "6a82"},
		{"next occurrence", "00a4040205a00000030800", "6a86"},
		{"an application that is not there", "00a4040009a00000000101000000" + "00", "6a82"},
		{"by file identifier", "00a40000020001", "6a86"},
	} {
		t.Run(c.name, func(t *testing.T) { assert.Equal(t, c.answer, insert(t, nil).send(c.command)) })
	}
}

// A selection that fails, or that selects PIV again, changes nothing; another
// application ends the session (SP 800-73-5 part 2 §3.1.1).
func TestSelectionAndSecurityStatus(t *testing.T) {
	for name, c := range map[string]struct{ command, answer, needed string }{
		"PIV again":                {selectPIV, "*", "9000"},
		"one that is not there":    {"00a4040006a00000000101", "6a82", "9000"},
		"the travel document":      {selectOther, "9000", "63c3"},
		"the master file":          {"00a4000c023f00", "9000", "63c3"},
		"an unknown instruction":   {"00fd000000", "6d00", "9000"},
		"a command without access": {"0047009a05ac03800111", "6982", "9000"},
	} {
		t.Run(name, func(t *testing.T) {
			x := insert(t, nil)
			x.steps([2]string{verifyPIN, "9000"}, [2]string{c.command, c.answer}, [2]string{selectPIV, "*"}, [2]string{"00200080", c.needed})
		})
	}
	x := insert(t, nil)
	x.steps([2]string{verifyPIN, "9000"})
	x.chip.Reset()
	x.steps([2]string{"00200080", "6d00"}, [2]string{selectPIV, "*"}, [2]string{"00200080", "63c3"})
}

// rsaParts is a private key as it is imported.
func rsaParts(key crypto.Signer) []byte {
	k := key.(*rsa.PrivateKey)
	size := k.Size() / 2
	out := []byte{}
	for i, part := range []*big.Int{k.Primes[0], k.Primes[1], k.Precomputed.Dp, k.Precomputed.Dq, k.Precomputed.Qinv} {
		out = append(out, object(i+1, part.FillBytes(make([]byte, size)))...)
	}
	return out
}
