package simulator

import "cnie/cardreader"

// slotState is a reader as a watcher saw it. Serial numbers tell a card that
// stayed from one that left and came back between two looks.
type slotState struct {
	name           string
	plugged, visit int
	atr            cardreader.ATR
}

// snapshot returns the state and the channel that closes when it is outdated.
func (s *System) snapshot() ([]slotState, <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	states := make([]slotState, 0, len(s.slots))
	for _, at := range s.slots {
		state := slotState{name: at.name, plugged: at.plugged, visit: at.visit}
		if at.chip != nil {
			state.atr = at.chip.ATR()
		}
		states = append(states, state)
	}
	return states, s.changed
}

// difference lists what must have happened between two looks: departures first,
// a card before its reader; arrivals after, a reader before its card.
func difference(before, now []slotState) []cardreader.Event {
	var events []cardreader.Event
	for _, old := range before {
		then := stateOf(now, old.name)
		if old.visit != 0 && old.visit != then.visit {
			events = append(events, cardreader.Event{Kind: cardreader.CardRemoved, Reader: old.name})
		}
		if old.plugged != then.plugged {
			events = append(events, cardreader.Event{Kind: cardreader.ReaderRemoved, Reader: old.name})
		}
	}
	for _, state := range now {
		old := stateOf(before, state.name)
		if old.plugged != state.plugged {
			events = append(events, cardreader.Event{Kind: cardreader.ReaderAdded, Reader: state.name})
		}
		if state.visit != 0 && old.visit != state.visit {
			events = append(events, cardreader.Event{Kind: cardreader.CardInserted, Reader: state.name, ATR: state.atr})
		}
	}
	return events
}

func stateOf(states []slotState, name string) slotState {
	for _, state := range states {
		if state.name == name {
			return state
		}
	}
	return slotState{}
}
