package fault

import (
	"slices"
	"sync"
	"time"

	"cnie/simulator"
	"cnie/simulator/persona"
)

// Hand holds the card: it pulls it out of the reader and puts one in. Remove
// returns when the reader has seen it, or will.
type Hand interface {
	Remove()
	Insert(card *persona.Card) // nil: the same card again
}

// Wires makes the wires of the faults that are live, the first nearest to the
// chip: by layer, so that what happens to raw bytes happens outside of secure
// messaging, then in their order. Their commands are counted from now on. A hand
// is needed by faults of the layer CardMotion only; without one they do nothing.
func Wires(hand Hand, faults ...Fault) []simulator.Wire {
	faults = slices.Clone(faults)
	slices.SortStableFunc(faults, func(a, b Fault) int {
		return slices.Index(outward, a.Kind.Layer) - slices.Index(outward, b.Kind.Layer)
	})
	var wires []simulator.Wire
	for _, f := range faults {
		for _, step := range f.Kind.does {
			for verb, s := range step {
				if act, is := acts[verb]; is {
					wires = append(wires, act.wire(hand, f, s.of(f)))
				}
			}
		}
	}
	return wires
}

// outward are the layers of live faults, from the chip to the reader.
var outward = []Layer{Access, Channel, Transport, CardMotion}

// act is a verb on the wire.
type act struct {
	keys []string
	do   func(x *exchange, s settings) []byte
}

// exchange is one command that a fault acts upon.
type exchange struct {
	hand    Hand
	command []byte
	next    func([]byte) []byte
	memory  *memory
}

// memory is what a wire keeps from one command to the next.
type memory struct {
	mu       sync.Mutex
	started  time.Time
	count    int    // commands seen
	fired    bool   // of a fault that acts once
	previous []byte // the last answer that was left alone
	kept     [][]byte
	other    func([]byte) []byte
}

// due counts a command and tells whether the fault acts on it.
func (m *memory) due(f Fault, concerned bool) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.count++
	if !concerned || m.fired || m.count < f.From || f.After > 0 && time.Since(m.started) < f.After {
		return false
	}
	m.fired = f.Kind.Once
	return true
}

// remember keeps a copy of an answer for a replay.
func (m *memory) remember(answer []byte) []byte {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.previous = slices.Clone(answer)
	return answer
}

// last is that answer, nil when there was none.
func (m *memory) last() []byte {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.previous)
}

func (a act) wire(hand Hand, f Fault, s settings) simulator.Wire {
	m := &memory{started: time.Now()}
	concerns := selectors[s["on"]]
	return func(next func([]byte) []byte) func([]byte) []byte {
		return func(command []byte) []byte {
			if len(command) < 4 || !m.due(f, concerns(command)) {
				return m.remember(next(command))
			}
			return a.do(&exchange{hand: hand, command: command, next: next, memory: m}, s)
		}
	}
}
