package trace

import (
	"fmt"

	"cnie/apdu"
)

// Names are the names of what commands point at, which this package does not
// know. Each gives an empty string for what it does not know either.
type Names struct {
	Application func(aid []byte) string
	File        func(fid uint16) string
	// Short names a file by its short identifier, in an application or in the
	// master file.
	Short func(application bool, sfi byte) string
}

// Step is a part of a session that belongs together: opening the chip by PACE,
// reading one file.
type Step struct {
	Name  string `json:"step"`
	Lines []Line `json:"lines"`
	// At and Took are microseconds; Took is what the card used, without the
	// terminal's own time between the commands.
	At       int64 `json:"at"`
	Took     int64 `json:"took"`
	Commands int   `json:"commands"`
	Sent     int   `json:"bytes_sent"`
	Received int   `json:"bytes_received"`
}

// Line is one command, several alike in a row, or an event.
type Line struct {
	Number   int         `json:"number,omitempty"` // of the first command, from 1; 0: an event
	Count    int         `json:"count,omitempty"`  // of commands
	What     string      `json:"what"`
	Secured  bool        `json:"secured,omitempty"` // by secure messaging
	At       int64       `json:"at"`
	Took     int64       `json:"took"`
	Sent     int         `json:"bytes_sent,omitempty"`
	Received int         `json:"bytes_received,omitempty"`
	Status   apdu.Status `json:"-"`
	SW       string      `json:"sw,omitempty"`
	Meaning  string      `json:"meaning,omitempty"`
	Failed   bool        `json:"failed,omitempty"` // there was no answer
}

// Decode tells what happened, as far as a trace lets one see it: what secure
// messaging covers stays covered, and of a redacted trace only headers speak.
func (t *Trace) Decode(names Names) []Step {
	d := decoder{names: names}
	for _, e := range t.Entries {
		switch {
		case e.Event != "":
			d.event(e)
		case e.IsExchange():
			d.number++
			d.exchange(e)
		}
	}
	return d.steps
}

// decoder follows a session.
type decoder struct {
	names       Names
	steps       []Step
	number      int
	application bool   // one is selected
	file        string // the current one
	protocol    string // that GENERAL AUTHENTICATE belongs to
	round       int    // of GENERAL AUTHENTICATE
	proof       bool   // the next protected command proves the chip's new keys
}

func (d *decoder) event(e Entry) {
	what := map[Event]string{Connect: "connected to the card", Reset: "reset the card", Close: "closed the connection"}[e.Event]
	d.application, d.file, d.protocol, d.proof = false, "", "", false
	d.add(what, Line{What: what, At: e.At, Took: e.Took, Failed: e.Failure != "", Meaning: failureWords[e.Failure]})
}

func (d *decoder) exchange(e Entry) {
	o := e.Outline()
	line := Line{
		Number: d.number, Count: 1, Secured: e.secured(), At: e.At, Took: e.Took,
		Sent: o.Sent, Received: o.Received, Status: e.Status(), Failed: e.Failure != "", Meaning: failureWords[e.Failure],
	}
	if !line.Failed {
		line.SW, line.Meaning = line.Status.String(), Meaning(line.Status)
	}
	step, what := d.command(e, o)
	if e.Masked > 0 {
		what += ", its data not recorded"
	}
	line.What = what
	d.add(step, line)
}

// add appends a line to the step under way, or begins another one. Reading a
// file takes many commands alike; they become one line.
func (d *decoder) add(step string, line Line) {
	if n := len(d.steps); n == 0 || d.steps[n-1].Name != step || line.Number == 0 {
		d.steps = append(d.steps, Step{Name: step, At: line.At})
	}
	s := &d.steps[len(d.steps)-1]
	s.Took += line.Took
	s.Commands += line.Count
	s.Sent += line.Sent
	s.Received += line.Received
	if n := len(s.Lines); n > 0 && alike(s.Lines[n-1], line) {
		last := &s.Lines[n-1]
		last.Count++
		last.Took += line.Took
		last.Sent += line.Sent
		last.Received += line.Received
		return
	}
	s.Lines = append(s.Lines, line)
}

func alike(a, b Line) bool {
	return b.Number > 0 && a.What == b.What && a.Secured == b.Secured && a.SW == b.SW && a.Failed == b.Failed
}

// command names the step that a command belongs to, and the command itself.
func (d *decoder) command(e, o Entry) (step, what string) {
	ins, p1, p2 := o.Header[1], o.Header[2], o.Header[3]
	name := InstructionName(ins)
	switch ins {
	case apdu.INSSelect:
		return d.selection(e, p1)
	case apdu.INSReadBinary, apdu.INSReadBinaryOdd:
		return d.reading(e, p1, p2)
	case apdu.INSManageSecurityEnvironment:
		return d.environment(p1, p2)
	case apdu.INSGeneralAuthenticate:
		return d.authenticate()
	case apdu.INSGetChallenge:
		d.protocol = "Basic Access Control"
		return d.protocol, name + ", the chip's nonce"
	case apdu.INSMutualAuthenticate:
		return "Basic Access Control", name + ", both prove the key"
	case apdu.INSInternalAuthenticate:
		return "Active Authentication", name + ", the chip signs"
	case 0x20, 0x24, 0x2C:
		return "PIN", name
	case 0x87:
		return "PIV", fmt.Sprintf("%s, key %02X", name, p2)
	case 0xCA, 0xCB, 0xDB, 0x47:
		return "PIV", name
	case apdu.INSGetResponse:
		if n := len(d.steps); n > 0 {
			return d.steps[n-1].Name, name
		}
	}
	return "other commands", name
}
