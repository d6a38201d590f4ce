package recording

import (
	"bytes"
	"sync"

	"cnie/apdu/trace"
)

// Virtual is a recorded card without a reader of its own, for a virtual one (it
// has the methods of vpcd.Card). The program in front of it is not the recorded
// one, so it answers in any order; what it was never sent it answers with 6F00.
type Virtual struct {
	atr  []byte
	tell func(error)

	mu     sync.Mutex
	script *script
}

// NewVirtual makes the card of a full trace. Commands that were not recorded are
// told to tell.
func NewVirtual(t *trace.Trace, tell func(error)) (*Virtual, error) {
	s, err := newScript(t, true)
	if err != nil {
		return nil, err
	}
	return &Virtual{atr: t.Header.ATR, tell: tell, script: s}, nil
}

// ATR is the recorded answer to reset.
func (v *Virtual) ATR() []byte { return bytes.Clone(v.atr) }

// Power starts anew.
func (v *Virtual) Power(bool) { v.Reset() }

// Reset starts anew.
func (v *Virtual) Reset() {
	v.mu.Lock()
	defer v.mu.Unlock()
	_, _ = v.script.event(trace.Reset) // in any order, that cannot fail
}

// Transmit answers a command.
func (v *Virtual) Transmit(command []byte) []byte {
	v.mu.Lock()
	defer v.mu.Unlock()
	noDiagnosis := []byte{0x6F, 0x00} // ISO 7816-4 §5.6, table 6
	if len(command) < 4 {
		return noDiagnosis
	}
	e, err := v.script.answer(command)
	if err != nil {
		v.tell(err)
		return noDiagnosis
	}
	return bytes.Clone(e.Receive)
}
