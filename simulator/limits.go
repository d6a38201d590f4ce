package simulator

import (
	"time"

	"cnie/simulator/persona"
)

// fits tells whether a command finds room in the chip's buffer.
func (c *Chip) fits(raw []byte) bool {
	return c.limits.Command == 0 || len(raw) <= c.limits.Command
}

// narrow leaves no more room for an answer than the chip's buffer has.
func (c *Chip) narrow(cmd *Command) {
	if c.limits.Answer == 0 {
		return
	}
	cmd.most = c.limits.Answer - 2
	cmd.Room = min(cmd.Room, cmd.most)
}

// inTime answers as slowly as the card is. It sleeps when the chip is free
// again, so that a card can be pulled out meanwhile.
func (c *Chip) inTime(raw []byte) []byte {
	answer := c.process(raw)
	c.mu.Lock()
	pause := c.document.pause
	c.document.pause = 0
	c.mu.Unlock()
	time.Sleep(pause + duration(c.delay, len(raw)+len(answer)))
	return answer
}

func duration(d persona.Delay, n int) time.Duration {
	return time.Duration(d.Command)*time.Millisecond + time.Duration(d.Kilobyte*n)*time.Microsecond
}

// longestWait bounds what a guess costs.
const longestWait = 10 * time.Second

// guessed counts a proof of the password. A wrong one is forgotten by a right
// one only, not by powering off.
func (d *document) guessed(right bool) {
	if d.wrong++; right {
		d.wrong = 0
	}
}

// hesitate makes an attempt wait that comes after too many wrong ones.
func (d *document) hesitate() {
	if beyond := d.wrong - d.card.Retries.Free; beyond > 0 {
		d.pause = min(longestWait, time.Duration(beyond*d.card.Retries.Wait)*time.Millisecond)
	}
}
