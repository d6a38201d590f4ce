package recording

import (
	"errors"
	"fmt"

	"cnie/apdu/trace"
)

// ErrNoContent says that a trace has nothing that could be played.
var ErrNoContent = errors.New("the trace is redacted: there is nothing in it to play")

// DeviationError says that a program did not do what was recorded.
type DeviationError struct {
	Step   int    // the number of the command, from 1, as `cnie trace show` counts
	Name   string // of the command that was recorded there; empty: the recording is over
	Reason string
}

// Error names the step.
func (e *DeviationError) Error() string {
	if e.Name == "" {
		return fmt.Sprintf("step %d: %s", e.Step, e.Reason)
	}
	return fmt.Sprintf("step %d (%s): %s", e.Step, e.Name, e.Reason)
}

// script is a recording and how far it has been played.
type script struct {
	entries  []trace.Entry // without random numbers
	numbers  []int         // of each entry, or of the command that follows it
	next     int
	anyOrder bool
	broken   error // the first deviation; nothing is played after it
}

func newScript(t *trace.Trace, anyOrder bool) (*script, error) {
	if t.Header.Content != trace.Full {
		return nil, ErrNoContent
	}
	s := &script{anyOrder: anyOrder}
	number := 1
	for _, e := range t.Entries {
		if len(e.Random) > 0 {
			continue
		}
		s.entries, s.numbers = append(s.entries, e), append(s.numbers, number)
		if e.IsExchange() {
			number++
		}
	}
	s.numbers = append(s.numbers, number)
	return s, nil
}

// answer plays the next exchange, if it is the one for this command, which has a
// header.
func (s *script) answer(command []byte) (trace.Entry, error) {
	if s.broken != nil {
		return trace.Entry{}, s.broken
	}
	if s.anyOrder {
		return s.find(command)
	}
	if s.next < len(s.entries) && s.entries[s.next].Matches(command) {
		s.next++
		return s.entries[s.next-1], nil
	}
	return trace.Entry{}, s.deviate(fmt.Sprintf("the program sent another command (%s) than was recorded", trace.InstructionName(command[1])))
}

// find looks for the command from where the script is, and then from its start:
// the card is asked by a program of which nothing was recorded.
func (s *script) find(command []byte) (trace.Entry, error) {
	for i := range s.entries {
		at := (s.next + i) % len(s.entries)
		if e := s.entries[at]; e.IsExchange() && e.Failure == "" && e.Matches(command) {
			s.next = at + 1
			return e, nil
		}
	}
	return trace.Entry{}, fmt.Errorf("%s is a command that the recorded card was not sent", trace.InstructionName(command[1]))
}

// event plays what was done with the connection.
func (s *script) event(kind trace.Event) (trace.Entry, error) {
	switch {
	case s.broken != nil:
		return trace.Entry{}, s.broken
	case s.anyOrder:
		s.next = 0 // the card starts anew, as it did at the start
		return trace.Entry{}, nil
	case s.next < len(s.entries) && s.entries[s.next].Event == kind:
		s.next++
		return s.entries[s.next-1], nil
	}
	return trace.Entry{}, s.deviate(map[trace.Event]string{
		trace.Connect: "the program connects to the card", trace.Reset: "the program resets the card",
	}[kind] + ", which was not recorded")
}

// close plays the end of a connection. A program may close whenever it likes.
func (s *script) close() {
	if s.broken == nil && !s.anyOrder && s.next < len(s.entries) && s.entries[s.next].Event == trace.Close {
		s.next++
	}
}

func (s *script) deviate(reason string) error {
	d := &DeviationError{Step: s.numbers[s.next], Reason: reason}
	if s.next == len(s.entries) {
		d.Reason = "the recording ends before it"
	} else if e := s.entries[s.next]; e.IsExchange() {
		d.Name = trace.InstructionName(e.Outline().Header[1])
	}
	s.broken = d
	return d
}

// done reports whether every exchange was played.
func (s *script) done() bool {
	for _, e := range s.entries[s.next:] {
		if e.IsExchange() {
			return false
		}
	}
	return true
}
