package simulator

// WithGuesses has the chip begin after so many wrong guesses of CAN or MRZ in a
// row, as one does that was used before.
func WithGuesses(n int) Option { return func(c *Chip) { c.document.wrong = max(n, 0) } }

// Guesses counts the wrong guesses in a row until now.
func (c *Chip) Guesses() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.document.wrong
}

// Spent is how many tries of PIN and PUK are gone: all of a card's, and it is
// blocked.
type Spent struct {
	PIN int `json:"pin"`
	PUK int `json:"puk"`
}

// WithSpent has the chip begin with fewer tries than its persona says.
func WithSpent(s Spent) Option {
	return func(c *Chip) {
		c.document.pin.left = max(c.document.pin.most-max(s.PIN, 0), 0)
		c.document.puk.left = max(c.document.puk.most-max(s.PUK, 0), 0)
	}
}

// Spent counts the tries that are gone until now.
func (c *Chip) Spent() Spent {
	c.mu.Lock()
	defer c.mu.Unlock()
	d := c.document
	return Spent{PIN: d.pin.most - d.pin.left, PUK: d.puk.most - d.puk.left}
}
