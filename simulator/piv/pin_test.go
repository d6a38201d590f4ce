package piv_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"cnie/simulator/piv"
)

const (
	pin, pin2  = "313233343536ffff", "36353433323121ff"
	digits     = "3837363534333231"
	puk, wrong = "3132333435363738", "3939393939393939"
)

func TestPasswords(t *testing.T) {
	for _, c := range []struct {
		name  string
		steps [][2]string
	}{
		{"three tries", [][2]string{{"00200080", "63c3"}, {wrongPIN, "63c2"}, {wrongPIN, "63c1"}, {wrongPIN, "63c0"}, {wrongPIN, "6983"}, {verifyPIN, "6983"}, {"00200080", "6983"}}},
		{"the right one gives them back", [][2]string{{wrongPIN, "63c2"}, {verifyPIN, "9000"}, {"00200080", "9000"}, {"002000ff80"[:8], "6a88"}, {"0020ff80", "9000"}, {"00200080", "63c3"}}},
		{"asking costs nothing", [][2]string{{wrongPIN, "63c2"}, {"00200080", "63c2"}, {"0020008000", "63c2"}, {"00200080", "63c2"}}},
		{"a wrong one ends the status", [][2]string{{verifyPIN, "9000"}, {wrongPIN, "63c2"}, {"00200080", "63c2"}}},
		{"other references", [][2]string{{"0020000008" + pin, "6a88"}, {"0020008108" + puk, "6a88"}, {"00200096020300", "6a88"}}},
		{"other parameters", [][2]string{{"0020018008" + pin, "6a86"}, {"0020ff8008" + pin, "6a86"}}},
		{"no PIN field", [][2]string{{"0020008006313233343536", "6a80"}, {"0020008009" + pin + "ff", "6a80"}, {"00200080", "63c3"}}},
		{"a prefix", [][2]string{{"00200080083132333435ffffff", "63c2"}, {"0020008008ffffffffffffffff", "63c1"}}},

		{"change", [][2]string{{"0024008010" + pin + digits, "9000"}, {"00200080", "9000"}, {verifyPIN, "63c2"}, {"0020008008" + digits, "9000"}}},
		{"change, old one wrong", [][2]string{{verifyPIN, "9000"}, {"0024008010" + wrong + digits, "63c2"}, {"00200080", "63c2"}, {verifyPIN, "9000"}}},
		{"change, new one no digits", [][2]string{{"0024008010" + pin + pin2, "6a80"}, {"00200080", "63c3"}}},
		{"change, new one too short", [][2]string{{"0024008010" + pin + "3132333435ffffff", "6a80"}, {"0024008010" + pin + "313233ff343536ff", "6a80"}}},
		{"change, lengths", [][2]string{{"0024008008" + pin, "6a80"}, {"00240080", "6a80"}, {"0024008011" + pin + digits + "00", "6a80"}}},
		{"change, references", [][2]string{{"0024000010" + pin + digits, "6a88"}, {"0024018010" + pin + digits, "6a86"}}},
		{"change, blocked", [][2]string{{wrongPIN, "63c2"}, {"0024008010" + wrong + digits, "63c1"}, {wrongPIN, "63c0"}, {"0024008010" + pin + digits, "6983"}}},
		{"change the PUK", [][2]string{{"0024008110" + puk + wrong, "9000"}, {"002c008010" + puk + pin, "63c2"}, {"002c008010" + wrong + digits, "9000"}, {"00200080", "63c3"}}},
		{"change the PUK to anything", [][2]string{{"0024008110" + puk + "0001ff0203ffffff", "9000"}, {"002c008010" + "0001ff0203ffffff" + digits, "9000"}}},

		{"unblock", [][2]string{{wrongPIN, "63c2"}, {wrongPIN, "63c1"}, {wrongPIN, "63c0"}, {"002c008010" + puk + digits, "9000"}, {"00200080", "63c3"}, {"0020008008" + digits, "9000"}}},
		{"unblock does not open", [][2]string{{"002c008010" + puk + digits, "9000"}, {"00200080", "63c3"}}},
		{"unblock keeps the status", [][2]string{{verifyPIN, "9000"}, {"002c008010" + puk + digits, "9000"}, {"00200080", "9000"}}},
		{"unblock, PUK wrong", [][2]string{{verifyPIN, "9000"}, {"002c008010" + wrong + digits, "63c2"}, {"00200080", "63c3"}, {"002c008010" + puk + digits, "9000"}}},
		{"unblock, PUK blocked", [][2]string{{"002c008010" + wrong + pin, "63c2"}, {"002c008010" + wrong + pin, "63c1"}, {"0024008110" + wrong + puk, "63c0"}, {"002c008010" + puk + pin, "6983"}, {"0024008110" + puk + puk, "6983"}}},
		{"unblock, new PIN will not do", [][2]string{{"002c008010" + puk + pin2, "6a80"}, {"002c008008" + puk, "6a80"}, {"002c008010" + wrong + digits, "63c2"}}},
		{"unblock, references", [][2]string{{"002c008110" + puk + pin, "6a88"}, {"002c018010" + puk + pin, "6a86"}}},
	} {
		t.Run(c.name, func(t *testing.T) { insert(t, nil).steps(c.steps...) })
	}
}

// More tries than the status word has room for are told as 15.
func TestManyTries(t *testing.T) {
	contents := specimen(t, curves)
	contents.PIN = piv.Password{Value: []byte("12345678"), Tries: 20, Left: 20}
	x := insert(t, contents)
	x.steps([2]string{"00200080", "63cf"}, [2]string{wrongPIN, "63cf"}, [2]string{"0020008008" + puk, "9000"})
	assert.Equal(t, 20, x.app.Contents().PIN.Left)
}

// The try is gone before the answer is known, and stays gone on another day.
func TestBlockedStaysBlocked(t *testing.T) {
	x := insert(t, nil)
	x.steps([2]string{wrongPIN, "63c2"}, [2]string{wrongPIN, "63c1"}, [2]string{wrongPIN, "63c0"})
	x.chip.Power(false)
	later := insert(t, x.app.Contents())
	later.steps([2]string{verifyPIN, "6983"}, [2]string{"002c008010" + puk + pin, "9000"}, [2]string{verifyPIN, "9000"})
	assert.Zero(t, x.app.Contents().PIN.Left, "two cards do not share a counter")
}

// The signature key wants the PIN in the command before (SP 800-73-5 part 1 table 4b).
func TestPINForEachSignature(t *testing.T) {
	const sign = "0087119c" + "06" + "7c048200" + "8100"
	good := "0087119c267c2482008120" + "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff" + "00"
	for _, c := range []struct {
		name  string
		steps [][2]string
	}{
		{"no PIN", [][2]string{{good, "6982"}}},
		{"once", [][2]string{{verifyPIN, "9000"}, {good, "*"}, {good, "6982"}, {verifyPIN, "9000"}, {good, "*"}}},
		{"not at once", [][2]string{{verifyPIN, "9000"}, {"00200080", "9000"}, {good, "6982"}}},
		{"something else first", [][2]string{{verifyPIN, "9000"}, {"00cb3fff035c017e00", "*"}, {good, "6982"}}},
		{"selected again", [][2]string{{verifyPIN, "9000"}, {selectPIV, "*"}, {good, "6982"}}},
		{"another selected", [][2]string{{verifyPIN, "9000"}, {selectOther, "9000"}, {selectPIV, "*"}, {good, "6982"}}},
		{"a mistake uses it up", [][2]string{{verifyPIN, "9000"}, {sign + "00", "6a80"}, {good, "6982"}}},
		{"a wrong PIN", [][2]string{{verifyPIN, "9000"}, {wrongPIN, "63c2"}, {good, "6982"}}},
		{"a changed PIN is not enough", [][2]string{{"0024008010" + pin + pin, "9000"}, {good, "6982"}}},
	} {
		t.Run(c.name, func(t *testing.T) { insert(t, nil).steps(c.steps...) })
	}
}
