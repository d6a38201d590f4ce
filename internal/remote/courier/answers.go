package courier

import "cnie/internal/remote/order"

// Answered tells every replica that a request has its answer.
func (c *Courier) Answered(id order.ID) error { return c.conn.Publish(answers+string(id), nil) }

// Await gives a channel on which word of an answer arrives. Look into the database
// after calling it: the answer may have come before. Call done in the end.
func (c *Courier) Await(id order.ID) (word <-chan struct{}, done func()) {
	wait := make(chan struct{}, 1)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.waits[id] == nil {
		c.waits[id] = map[chan struct{}]bool{}
	}
	c.waits[id][wait] = true
	return wait, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.waits[id], wait)
		if len(c.waits[id]) == 0 {
			delete(c.waits, id)
		}
	}
}

func (c *Courier) wake(id order.ID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for wait := range c.waits[id] {
		select {
		case wait <- struct{}{}:
		default: // it has word already
		}
	}
}
