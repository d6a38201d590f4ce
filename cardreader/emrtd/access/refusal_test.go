package access

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/apdu"
	"cnie/lds"
)

// counting is a card that says how its password stands and refuses at the token.
type counting struct {
	mse, token apdu.Status
	sent       []byte // instructions
	references []byte
}

func (c *counting) Transmit(_ context.Context, cmd apdu.Command) (apdu.Response, error) {
	c.sent = append(c.sent, cmd.INS)
	if cmd.INS == apdu.INSManageSecurityEnvironment {
		i := bytes.Index(cmd.Data, []byte{0x83, 1})
		c.references = append(c.references, cmd.Data[i+2])
		return apdu.Response{SW: c.mse}, nil
	}
	return apdu.Response{SW: c.token}, nil
}

func password(t testing.TB, make func(string) (Password, error), number string) Password {
	p, err := make(number)
	require.NoError(t, err)
	return p
}

// BSI TR-03110-3 §B.11.1: what a card says of a password before it is tried, and
// what the terminal makes of it. The last try is never spent unasked.
func TestPasswordsInTrouble(t *testing.T) {
	pin, puk, can := password(t, PIN, "123456"), password(t, PUK, "1234567890"), password(t, CAN, "123456")
	_, offered, _ := paceExample(t, "g1")
	for name, c := range map[string]struct {
		password   Password
		mse, token apdu.Status
		state      PasswordState
		tries      int
		tried      bool // GENERAL AUTHENTICATE was sent
	}{
		"wrong PIN, two left":          {pin, 0x9000, 0x63C2, PasswordWrong, 2, true},
		"wrong PIN, one left":          {pin, 0x63C2, 0x63C1, PasswordWrong, 1, true},
		"wrong PIN, not said":          {pin, 0x9000, 0x6300, PasswordWrong, -1, true},
		"wrong PIN, none left":         {pin, 0x9000, 0x63C0, PasswordBlocked, 0, true},
		"wrong PIN, locked":            {pin, 0x9000, 0x6983, PasswordBlocked, 0, true},
		"suspended PIN":                {pin, 0x63C1, 0x9000, PasswordSuspended, 1, false},
		"blocked PIN":                  {pin, 0x63C0, 0x9000, PasswordBlocked, 0, false},
		"blocked PIN, other words":     {pin, 0x6983, 0x9000, PasswordBlocked, 0, false},
		"switched off":                 {pin, 0x6283, 0x9000, PasswordDeactivated, -1, false},
		"PUK with one try left":        {puk, 0x63C1, 0x9000, PasswordLastTry, 1, false},
		"PUK used up":                  {puk, 0x63C0, 0x9000, PasswordBlocked, 0, false},
		"wrong PUK":                    {puk, 0x63C9, 0x63C8, PasswordWrong, 8, true},
		"wrong CAN, which has no last": {can, 0x9000, 0x63C1, PasswordWrong, 1, true},
		"wrong CAN":                    {can, 0x9000, 0x6300, PasswordWrong, -1, true},
	} {
		t.Run(name, func(t *testing.T) {
			card := &counting{mse: c.mse, token: c.token}
			o, err := PACE(context.Background(), card, c.password, offered, bytes.NewReader(nil))
			require.Error(t, err)
			assert.Nil(t, o)
			var refusal *PasswordError
			require.ErrorAs(t, err, &refusal)
			assert.Equal(t, c.state, refusal.State)
			assert.Equal(t, c.tries, refusal.Tries)
			assert.Equal(t, c.password.Kind(), refusal.Kind)
			assert.Equal(t, c.tried, bytes.Contains(card.sent, []byte{apdu.INSGeneralAuthenticate}))
			assert.Equal(t, c.state == PasswordWrong || c.state == PasswordBlocked, errors.Is(err, ErrWrongPassword))
			assert.Equal(t, c.state == PasswordBlocked, errors.Is(err, apdu.ErrAuthBlocked))
			assert.NotContains(t, err.Error(), "123456")
		})
	}
}

// Only a person spends the last try, and the CAN comes before a suspended PIN.
func TestResume(t *testing.T) {
	pin, puk, can := password(t, PIN, "123456"), password(t, PUK, "1234567890"), password(t, CAN, "123456")
	_, offered, _ := paceExample(t, "g1")
	var refusal *PasswordError

	card := &counting{mse: 0x63C1, token: 0x6300}
	_, err := Resume(context.Background(), card, Password{}, puk, offered, bytes.NewReader(nil))
	require.ErrorAs(t, err, &refusal)
	assert.Equal(t, PasswordWrong, refusal.State, "the last try of the PUK was spent")
	assert.Equal(t, []byte{4}, card.references)

	card = &counting{mse: 0x63C1, token: 0x6300}
	_, err = Resume(context.Background(), card, Password{}, pin, offered, bytes.NewReader(nil))
	require.ErrorAs(t, err, &refusal)
	assert.Equal(t, PasswordSuspended, refusal.State, "no CAN, no try")
	assert.NotContains(t, card.sent, byte(apdu.INSGeneralAuthenticate))

	card = &counting{mse: 0x9000, token: 0x6300}
	_, err = Resume(context.Background(), card, can, pin, offered, bytes.NewReader(nil))
	require.ErrorAs(t, err, &refusal)
	assert.Equal(t, KindCAN, refusal.Kind, "the CAN was wrong")
	assert.Equal(t, []byte{2}, card.references, "and the PIN was not tried")
}

// What an MRZ or a CAN meets on MSE is no count of tries.
func TestUncountedPasswords(t *testing.T) {
	v, offered, random := paceExample(t, "g1")
	v["mse_response"] = []byte{0x63, 0xC1}
	_, err := PACE(context.Background(), apdu.NewChannel(play(t, v, "mse")), mrzPassword(t, v), offered, random)
	var refusal *apdu.StatusError
	require.ErrorAs(t, err, &refusal)
	var counted *PasswordError
	assert.False(t, errors.As(err, &counted))
	assert.NotErrorIs(t, err, ErrWrongPassword)
}

func TestKindsOfPassword(t *testing.T) {
	for _, c := range []struct {
		make    func(string) (Password, error)
		good    []string
		bad     []string
		kind    string
		counted bool
	}{
		{CAN, []string{"000000"}, []string{"", "12345", "1234567", "12345a"}, KindCAN, false},
		{PIN, []string{"1234", "12345", "123456789012"}, []string{"", "123", "1234567890123", "12 34"}, KindPIN, true},
		{PUK, []string{"123456", "1234567890123456"}, []string{"", "12345", "12345678901234567"}, KindPUK, true},
	} {
		for _, number := range c.good {
			p := password(t, c.make, number)
			assert.Equal(t, c.kind, p.Kind())
			assert.Equal(t, c.counted, p.counted())
			assert.Equal(t, number, string(p.key.Reveal()))
		}
		for _, number := range c.bad {
			_, err := c.make(number)
			assert.ErrorIs(t, err, ErrPassword, "%s %q", c.kind, number)
		}
	}
	p, err := MRZ(lds.MRZKey{DocumentNumber: "ZZZ0SIM01", BirthDate: "900101", ExpiryDate: "350101"})
	require.NoError(t, err)
	assert.Equal(t, "ZZZ0SIM01", string(p.number.Reveal()[:9]))
	assert.Len(t, p.number.Reveal(), 10)
}
