package trace

import (
	"errors"
	"slices"

	"cnie/apdu"
)

var (
	events   = []Event{Connect, Reset, Close}
	failures = []Failure{"", Removed, OtherReset, Unplugged, NoService, GivenUp, Failed}
)

func (e Entry) checkEvent() error {
	rest := e
	rest.At, rest.Took, rest.Event, rest.Failure = 0, 0, "", ""
	switch {
	case !slices.Contains(events, e.Event) || !slices.Contains(failures, e.Failure):
		return errors.New("unknown event")
	case !rest.empty():
		return errors.New("an event with something else")
	}
	return nil
}

// checkContent is for what only full traces have: exchanges with their bytes,
// random numbers.
func (e Entry) checkContent(content Content) error {
	answered := e.Failure == ""
	rest := e
	rest.At, rest.Took, rest.Random, rest.Send, rest.Masked, rest.Receive, rest.Failure = 0, 0, nil, nil, 0, nil, ""
	switch {
	case content != Full:
		return errors.New("content in a trace that has none")
	case !rest.empty() || !slices.Contains(failures, e.Failure):
		return errors.New("an exchange with something else")
	case len(e.Random) > 0:
		if len(e.Random) > maxRandom || e.Masked != 0 || len(e.Receive) > 0 || !answered {
			return errors.New("impossible random numbers")
		}
	case len(e.Send) < apdu.MinCommand || e.Masked < 0 || len(e.Send)+e.Masked > apdu.MaxCommand:
		return errors.New("impossible command")
	case answered && len(e.Receive) < 2 || len(e.Receive) > maxAnswer || !answered && len(e.Receive) > 0:
		return errors.New("impossible answer")
	case e.masksLess():
		return errors.New("a secret that was not masked")
	case e.Masked > 0 && !e.masksRight():
		return errors.New("masked where there is no secret")
	}
	return nil
}

// masksLess finds a command that should have been masked and was not.
func (e Entry) masksLess() bool {
	_, masked := Mask(e.Send)
	return e.Masked == 0 && masked > 0
}

// masksRight puts zeros where something was left out and masks again.
func (e Entry) masksRight() bool {
	send, masked := Mask(append(slices.Clone(e.Send), make([]byte, e.Masked)...))
	return masked == e.Masked && slices.Equal(send, e.Send)
}

func (e Entry) checkOutline(content Content) error {
	answered := e.Failure == ""
	lengths := []int{e.Nc, e.Ne, e.Sent, e.Received}
	switch {
	case content != Redacted:
		return errors.New("an exchange without content in a full trace")
	case len(e.Header) != 4 || len(e.Random)+len(e.Send)+len(e.Receive)+e.Masked > 0 || e.Event != "":
		return errors.New("an outline with something else")
	case slices.Min(lengths) < 0 || slices.Max(lengths) > apdu.MaxCommand || e.Sent < apdu.MinCommand:
		return errors.New("impossible length")
	case !slices.Contains(failures, e.Failure):
		return errors.New("unknown failure")
	case answered && (e.Received < 2 || len(e.SW) != 2), !answered && (e.Received > 0 || len(e.SW) > 0):
		return errors.New("impossible answer")
	}
	return nil
}

// empty reports whether nothing is left of an entry.
func (e Entry) empty() bool {
	lists := len(e.Random) + len(e.Send) + len(e.Receive) + len(e.Header) + len(e.SW)
	return lists == 0 && e.Masked == 0 && e.Nc == 0 && e.Ne == 0 && e.Sent == 0 && e.Received == 0 && e.Event == "" && e.Failure == ""
}
