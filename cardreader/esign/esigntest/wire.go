package esigntest

import "sync"

// Wire stands between a card and its reader and does what a test tells it to.
type Wire struct {
	mu     sync.Mutex
	change Change
}

// Change gets a command and the rest of the way, and gives the answer.
type Change func(command []byte, next func([]byte) []byte) []byte

// Wrap puts the wire before a card.
func (w *Wire) Wrap(next func([]byte) []byte) func([]byte) []byte {
	return func(command []byte) []byte {
		w.mu.Lock()
		change := w.change
		w.mu.Unlock()
		if change == nil {
			return next(command)
		}
		return change(command, next)
	}
}

// Change sets what the wire does; nil lets everything pass.
func (w *Wire) Change(change Change) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.change = change
}

const (
	insVerify       = 0x20
	insAuthenticate = 0x87
)

// signing tells whether a command makes the card sign: the last link of its chain.
func signing(command []byte) bool { return command[1] == insAuthenticate && command[0]&0x10 == 0 }

// verifying tells whether a command has a PIN.
func verifying(command []byte) bool { return command[1] == insVerify && len(command) > 5 }
