package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"sync"

	"cnie/lds"
	"cnie/simulator/persona"
	"cnie/simulator/piv"
)

// What comes before everything, for whoever reads text.
const (
	banner     = "SPECIMEN: this card does not exist and proves nothing about anybody."
	dumpBanner = "COPY: this card is played from files and proves nothing about whomever they name."
)

// speaker prints what happens, as lines of text or of JSON.
type speaker struct {
	mu   sync.Mutex
	out  io.Writer
	json bool
}

func newSpeaker(out io.Writer, asJSON bool) *speaker { return &speaker{out: out, json: asJSON} }

// banner says how much a card is worth; in JSON each card says it of itself.
func (s *speaker) banner(dump bool) {
	switch {
	case s.json:
	case dump:
		fmt.Fprintln(s.out, dumpBanner)
	default:
		fmt.Fprintln(s.out, banner)
	}
}

// card tells what the card is and what opens it. These are the secrets of a
// person who does not exist; of dumped files, only what their DG1 says.
func (s *speaker) card(at *seat, f *figure, several bool) {
	card, access, can := f.card, accessOf(f.card), ""
	if len(card.PACE) > 0 {
		can = card.CAN
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.json {
		event := map[string]any{
			"event": "card", "slot": at.number, "specimen": !card.Dump, "persona": card.Name, "can": can, "access": access,
			"mrz": card.MRZLines, "document_number": card.MRZ.DocumentNumber,
			"birth": card.MRZ.BirthDate, "expiry": card.MRZ.ExpiryDate, "faults": f.wires.list(),
		}
		for name, value := range passwords(f) {
			event[name] = value
		}
		s.print(event)
		return
	}
	if several {
		fmt.Fprintf(s.out, "Slot %d: %s\n", at.number, at.at)
	}
	fmt.Fprintf(s.out, "Card: %s (%s)\n", card.Name, strings.Join(access, ", "))
	if faults := f.wires.list(); len(faults) > 0 {
		fmt.Fprintf(s.out, "Faults: %s\n", strings.Join(faults, ", "))
	}
	if can != "" {
		fmt.Fprintf(s.out, "CAN: %s\n", can)
	}
	s.passwords(f)
	for _, line := range card.MRZLines {
		fmt.Fprintf(s.out, "MRZ: %s\n", line)
	}
	if card.MRZ != (lds.MRZKey{}) {
		fmt.Fprintf(s.out, "MRZ key: --doc %s --birth %s --expiry %s\n", card.MRZ.DocumentNumber, card.MRZ.BirthDate, card.MRZ.ExpiryDate)
	}
}

// passwords tells what opens the signature application now, which is not what it
// began with when the card was used before.
func (s *speaker) passwords(f *figure) {
	if f.piv == nil {
		return
	}
	contents := f.piv.Contents()
	for _, p := range []struct {
		name string
		of   piv.Password
	}{{"PIN", contents.PIN}, {"PUK", contents.PUK}} {
		fmt.Fprintf(s.out, "%s: %s%s\n", p.name, p.of.Value, left(p.of))
	}
}

// left says how often a password may still be wrong, when that is not as often as
// ever.
func left(p piv.Password) string {
	switch p.Left {
	case p.Tries:
		return ""
	case 0:
		return " (blocked)"
	case 1:
		return " (1 try left)"
	}
	return fmt.Sprintf(" (%d tries left)", p.Left)
}

func passwords(f *figure) map[string]any {
	if f.piv == nil {
		return nil
	}
	c := f.piv.Contents()
	return map[string]any{"pin": string(c.PIN.Value), "pin_left": c.PIN.Left, "puk": string(c.PUK.Value), "puk_left": c.PUK.Left}
}

// ready tells that the reader has seen the card, or that it listens.
func (s *speaker) ready(at *seat, way string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.json {
		s.print(map[string]any{"event": "ready", "slot": at.number, way: at.at, "atr": fmt.Sprintf("%X", at.last().ATR())})
		return
	}
	where := "is in the virtual reader"
	if way == "listen" {
		where = "answers"
	}
	fmt.Fprintf(s.out, "Ready: the card %s at %s; press Ctrl-C to take it out.\n", where, at.at)
}

func (s *speaker) print(v any) {
	line := json.NewEncoder(s.out)
	line.SetEscapeHTML(false) // an MRZ is full of '<'
	_ = line.Encode(v)
}

// accessOf names the ways in, as EF.CardAccess does.
func accessOf(card *persona.Card) []string {
	var ways []string
	for _, info := range card.PACE {
		if p, known := info.Protocol(); known {
			ways = append(ways, p.String())
		}
	}
	if card.BAC {
		ways = append(ways, "BAC")
	}
	if len(ways) == 0 {
		ways = append(ways, "no access control")
	}
	return ways
}
