package simulator_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/internal/ec"
	"cnie/internal/kdf"
	"cnie/simulator"
	"cnie/simulator/persona"
)

const (
	pin     = "567890"
	puk     = "1234567890"
	wrong   = "000000"
	byCAN   = 2
	byPIN   = 3
	byPUK   = 4
	success = "9000"
)

func pinCard(tries, spent, pukTries int) *persona.Card {
	card := plainCard(false, pace(ec.P256(), kdf.AES128))
	card.PIN, card.PUK = pin, puk
	card.Retries = persona.Retries{PIN: tries, Spent: spent, PUK: pukTries}
	return card
}

// prover tries passwords, in the clear or under the session before.
type prover struct {
	t        *testing.T
	chip     *simulator.Chip
	terminal *terminal
}

func (p *prover) through(plain []byte) []byte {
	if p.terminal == nil {
		return p.chip.Transmit(plain)
	}
	return p.terminal.open(p.t, p.chip.Transmit(p.terminal.protect(plain)), false)
}

// prove gives the answer to the last command, and goes on in the new session.
func (p *prover) prove(reference byte, password string) string {
	p.t.Helper()
	o := openWith(p.t, p.through, pace(ec.P256(), kdf.AES128), 12, reference, []byte(password))
	if o.sw[0] == 0x90 {
		p.terminal = newTerminal(p.t, p.chip.Transmit, o.session)
	}
	return hexOf(o.sw)
}

// standing is what MSE:Set AT says of a password.
func (p *prover) standing(reference byte) string {
	mse := append(object(0x80, []byte{4, 0, 0x7F, 0, 7, 2, 2, 4, 2, 2}), 0x83, 1, reference)
	return hexOf(p.through(apdu("0022c1a4", mse)))
}

func (p *prover) reset() {
	p.chip.Power(false)
	p.chip.Power(true)
	p.terminal = nil
}

// TestPIN follows the PIN's states of TR-03110-2 §3.3.1: its tries, suspended at
// the last, resumed by the CAN, blocked.
func TestPIN(t *testing.T) {
	p := &prover{t: t, chip: simulator.New(pinCard(3, 0, 0))}
	assert.Equal(t, success, p.standing(byPIN))
	assert.Equal(t, "63c2", p.prove(byPIN, wrong))
	assert.Equal(t, "63c2", p.standing(byPIN))
	assert.Equal(t, success, p.prove(byPIN, pin), "the right one")
	p.reset()
	assert.Equal(t, success, p.standing(byPIN), "gives all tries back")

	assert.Equal(t, "63c2", p.prove(byPIN, wrong))
	p.reset()
	assert.Equal(t, "63c1", p.prove(byPIN, wrong), "power does not help")
	assert.Equal(t, "63c1", p.standing(byPIN), "suspended")
	assert.Equal(t, "6985", p.prove(byPIN, pin), "even for the right one")
	assert.Equal(t, success, p.prove(byCAN, can))
	p.reset()
	assert.Equal(t, "6985", p.prove(byPIN, pin), "the CAN of another session does not count")
	assert.Equal(t, success, p.prove(byCAN, can))
	assert.Equal(t, success, p.prove(byPIN, pin), "resumed")
	p.reset()
	assert.Equal(t, success, p.standing(byPIN))
}

func TestPINBlocked(t *testing.T) {
	p := &prover{t: t, chip: simulator.New(pinCard(3, 2, 0))}
	require.Equal(t, success, p.prove(byCAN, can))
	assert.Equal(t, "63c0", p.prove(byPIN, wrong), "the last try")
	p.reset()
	assert.Equal(t, "63c0", p.standing(byPIN))
	assert.Equal(t, "6983", p.prove(byPIN, pin))
	require.Equal(t, success, p.prove(byCAN, can), "the CAN works on")
	assert.Equal(t, "6983", p.prove(byPIN, pin))
	assert.Equal(t, "6982", p.terminal.exchange("002c0303"), "without the PUK")

	p.reset()
	assert.Equal(t, "6300", p.prove(byPUK, wrong), "no tries are counted")
	require.Equal(t, success, p.prove(byPUK, puk))
	assert.Equal(t, "9000", p.terminal.exchange(selectTravel))
	assert.Equal(t, "6982", p.terminal.exchange("00b0810000"), "the PUK opens no file")
	assert.Equal(t, "6a86", p.terminal.exchange("002c0203"))
	assert.Equal(t, "6700", p.terminal.exchange("002c0303"+"01"+"31"))
	assert.Equal(t, "9000", p.terminal.exchange("002c0303"))
	p.reset()
	require.Equal(t, success, p.prove(byPIN, pin))
	require.Equal(t, "9000", p.terminal.exchange(selectTravel))
	assert.Contains(t, p.terminal.exchange("00b0810004"), "00010203", "the PIN opens files")
}

func TestPUKOfFewTries(t *testing.T) {
	p := &prover{t: t, chip: simulator.New(pinCard(3, 3, 2))}
	assert.Equal(t, "63c1", p.prove(byPUK, wrong))
	assert.Equal(t, "63c0", p.prove(byPUK, wrong))
	assert.Equal(t, "6983", p.prove(byPUK, puk))
	assert.Equal(t, success, p.prove(byCAN, can))
}

// A card without a PIN knows neither the password nor the command.
func TestNoPIN(t *testing.T) {
	p := &prover{t: t, chip: simulator.New(plainCard(false, pace(ec.P256(), kdf.AES128)))}
	assert.Equal(t, "6a88", p.standing(byPIN))
	assert.Equal(t, "6a88", p.standing(byPUK))
	require.Equal(t, success, p.prove(byCAN, can))
	assert.Equal(t, "6d00", p.terminal.exchange("002c0303"))
}
