package fault

import (
	"fmt"
	"slices"

	"cnie/internal/kdf"
	"cnie/lds"
	"cnie/pki/specimen"
	"cnie/simulator/persona"
)

// loseKey leaves all that can be copied of a chip: everything but its keys.
func loseKey(w *work, _ settings) error {
	w.card.ChipKeys = nil
	return nil
}

// ownKey gives the copy keys of its own.
func ownKey(w *work, _ settings) error {
	for i := range w.card.ChipKeys {
		key := &w.card.ChipKeys[i]
		if key.Group != nil {
			key.Private = specimen.Exponent(key.Group, "a copy's key")
			continue
		}
		key.Private = specimen.Scalar(key.Curve, "a copy's key")
	}
	return nil
}

// otherCAN has the chip open to another number than the one that is printed.
func otherCAN(w *work, s settings) error {
	w.card.CAN = s["to"]
	return nil
}

func otherATR(w *work, s settings) error {
	w.card.ATR = bytesOf(s["hex"])
	return nil
}

// offer changes what the chip speaks and what EF.CardAccess says alike: a
// weaker cipher, or no PACE; and whether it speaks Basic Access Control.
func offer(w *work, s settings) error {
	w.card.BAC = w.card.BAC || s["bac"] != ""
	if s["protocol"] == "none" {
		w.card.PACE = nil
		delete(w.card.Files, lds.CardAccess)
		return nil
	}
	oid, ok := lds.PACEProtocol{Mapping: lds.GM, Agreement: lds.ECDH, Cipher: kdf.TDES}.OID()
	if !ok || len(w.card.PACE) == 0 {
		return fmt.Errorf("%s offers no PACE that could be weaker", w.persona.Name)
	}
	w.card.PACE = slices.Clone(w.card.PACE)
	for i := range w.card.PACE {
		w.card.PACE[i].OID = oid
	}
	return w.cardAccess(w.card.PACE)
}

// announce changes what EF.CardAccess says; the chip speaks what it spoke.
func announce(w *work, s settings) error {
	if len(w.card.PACE) == 0 {
		return fmt.Errorf("%s offers no PACE", w.persona.Name)
	}
	other := w.card.PACE[0]
	other.OID = append(slices.Clone(other.OID[:len(other.OID)-2]), 5, 4) // a mapping that was never assigned, ICAO 9303-11 §9.2.3
	switch s["pace"] {
	case "more":
		return w.cardAccess(append(slices.Clone(w.card.PACE), other))
	case "less":
		return w.cardAccess(w.card.PACE[:len(w.card.PACE)-1])
	case "other":
		return w.cardAccess([]lds.PACEInfo{other})
	}
	return fmt.Errorf("no announcement is called %q", s["pace"])
}

func (w *work) cardAccess(offered []lds.PACEInfo) error {
	content, err := lds.SecurityInfos{PACE: offered}.Encode()
	w.card.Files[lds.CardAccess] = content
	return err
}

// quirkKeys are the settings of a quirk, as persona.Habit has them.
var quirkKeys = []string{"ins", "short-id", "silent", "no-le", "max-le", "plain", "above", "file", "got", "sw", "keep", "most"}

// quirk gives the chip a habit. Parse has checked what is the fault's argument, and
// tests the rest.
func quirk(w *work, s settings) error {
	habit := persona.Habit{
		INS: s["ins"], ShortID: s["short-id"] != "", Silent: s["silent"] != "", NoLe: s["no-le"] != "", MaxLe: s["max-le"] != "",
		Plain: s["plain"] != "", Above: s.number("above"), File: s["file"], Got: s["got"],
		SW: s["sw"], Keep: s["keep"] != "", Most: s.number("most"),
	}
	w.card.Quirks = append(w.card.Quirks, habit.Quirk())
	return nil
}
