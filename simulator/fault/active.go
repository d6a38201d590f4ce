package fault

import (
	"fmt"

	"cnie/lds"
	"cnie/simulator"
	"cnie/simulator/persona"
)

const insInternal = 0x88 // INTERNAL AUTHENTICATE

// active changes how the chip proves itself by a signature (ICAO 9303-11 §6.1):
// it has lost its key, has one of its own, or says again what the original said
// once.
func active(w *work, s settings) error {
	key := w.card.ActiveKey
	if key == nil {
		return fmt.Errorf("%s has no key for Active Authentication", w.persona.Name)
	}
	switch s["key"] {
	case "none":
		w.card.ActiveKey = nil
	case "other":
		w.card.ActiveKey = key.Other()
	case "other-announced":
		w.card.ActiveKey = key.Other()
		public, err := w.card.ActiveKey.SubjectPublicKeyInfo()
		w.card.Files[lds.DG15] = lds.EncodeDG15(public)
		return err
	case "replayed":
		signature, err := eavesdropped(*w.card)
		w.card.ActiveKey = nil
		w.card.Quirks = append(w.card.Quirks, persona.Quirk{INS: insInternal, SW: 0x9000, Data: signature})
		return err
	default:
		return fmt.Errorf("no such key: %q", s["key"])
	}
	return nil
}

// eavesdropped is what the original signs when somebody asks it beforehand. It
// is asked in the clear: a card that nothing protects is open to everybody.
func eavesdropped(card persona.Card) ([]byte, error) {
	card.PACE, card.BAC, card.Quirks = nil, false, nil
	original := simulator.New(&card)
	selected := append([]byte{0, insSelect, 4, 0x0C, byte(len(lds.AID))}, lds.AID...)
	original.Transmit(selected)
	answer := original.Transmit([]byte{0, insInternal, 0, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8, 0})
	if n := len(answer) - 2; n > 0 && answer[n] == 0x90 {
		return answer[:n], nil
	}
	return nil, fmt.Errorf("%s does not sign what it is asked to", card.Name)
}
