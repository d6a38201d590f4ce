package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"cnie/lds"
	"cnie/simulator/persona"
)

const banner = "SPECIMEN: this card does not exist and proves nothing about anybody."

// speaker prints what happens, as lines of text or of JSON.
type speaker struct {
	out  io.Writer
	json bool
}

func newSpeaker(out io.Writer, asJSON bool) *speaker { return &speaker{out, asJSON} }

// card tells what the card is and what opens it. These are the secrets of a
// person who does not exist; of dumped files, only what their DG1 says.
func (s *speaker) card(card *persona.Card) {
	access := accessOf(card)
	can := ""
	if len(card.PACE) > 0 {
		can = card.CAN
	}
	if s.json {
		s.print(map[string]any{
			"event": "card", "specimen": true, "persona": card.Name, "can": can, "access": access,
			"mrz": card.MRZLines, "document_number": card.MRZ.DocumentNumber,
			"birth": card.MRZ.BirthDate, "expiry": card.MRZ.ExpiryDate,
		})
		return
	}
	fmt.Fprintln(s.out, banner)
	fmt.Fprintf(s.out, "Card: %s (%s)\n", card.Name, strings.Join(access, ", "))
	if can != "" {
		fmt.Fprintf(s.out, "CAN: %s\n", can)
	}
	for _, line := range card.MRZLines {
		fmt.Fprintf(s.out, "MRZ: %s\n", line)
	}
	if card.MRZ != (lds.MRZKey{}) {
		fmt.Fprintf(s.out, "MRZ key: --doc %s --birth %s --expiry %s\n", card.MRZ.DocumentNumber, card.MRZ.BirthDate, card.MRZ.ExpiryDate)
	}
}

// ready tells that the reader has seen the card.
func (s *speaker) ready(card *persona.Card, addr string) {
	if s.json {
		s.print(map[string]any{"event": "ready", "vpcd": addr, "atr": fmt.Sprintf("%X", card.ATR)})
		return
	}
	fmt.Fprintf(s.out, "Ready: the card is in the virtual reader at %s; press Ctrl-C to take it out.\n", addr)
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
