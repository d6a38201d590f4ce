package simulator

// WithGuesses has the chip begin after so many wrong guesses of CAN or MRZ in a
// row, as one does that was used before.
func WithGuesses(n int) Option { return func(c *Chip) { c.document.wrong = max(n, 0) } }

// Guesses counts the wrong guesses in a row until now. It is all that the travel
// document remembers without power.
func (c *Chip) Guesses() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.document.wrong
}
