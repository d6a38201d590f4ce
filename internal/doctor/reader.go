package doctor

import (
	"fmt"
	"slices"
	"strings"

	"cnie/cardreader"
)

// virtualNames are parts of the names of readers that programs play: vpcd of
// vsmartcard, Windows Hello and TPM cards, remote desktops' own.
var virtualNames = []string{"virtual", "vpcd", "vicc", "windows hello", "uicc", "softoken"}

func virtual(reader string) bool {
	return slices.ContainsFunc(virtualNames, func(part string) bool { return contains(reader, part) })
}

func contains(name, part string) bool {
	return strings.Contains(strings.ToLower(name), strings.ToLower(part))
}

// reader finds the one that a reading would use: the one with a card, else the
// first.
func (x *examination) reader(readers []cardreader.Reader) (cardreader.Reader, bool) {
	if len(readers) == 0 {
		x.block("reader", "No card reader is plugged in.", "Plug one in; if one is, try another socket, and install its driver (package libccid).")
		return cardreader.Reader{}, false
	}
	var matching, filled []cardreader.Reader
	for _, r := range readers {
		if contains(r.Name, x.Reader) {
			matching = append(matching, r)
			if r.HasCard {
				filled = append(filled, r)
			}
		}
	}
	switch {
	case len(matching) == 0:
		x.block("reader", fmt.Sprintf("No reader's name contains %q.", x.Reader), "Give --reader a part of one of these names: "+names(readers)+".")
		return cardreader.Reader{}, false
	case len(filled) > 1:
		x.block("reader", "More than one reader has a card: "+names(filled)+".", "Take the other cards off, or say with --reader which is meant.")
		return cardreader.Reader{}, false
	}
	chosen := append(filled, matching...)[0]
	x.ok("reader", "The reader is "+chosen.Name+".")
	x.notVirtual(chosen, readers)
	return chosen, true
}

// notVirtual tells when what would be read is no plastic.
func (x *examination) notVirtual(chosen cardreader.Reader, readers []cardreader.Reader) {
	if !virtual(chosen.Name) {
		return
	}
	fix := "Plug in a real reader; leave it as it is only to try simulated cards."
	for _, r := range readers {
		if !virtual(r.Name) {
			fix = fmt.Sprintf("Lay the card on %s, or give --reader %q.", r.Name, r.Name)
			break
		}
	}
	x.remark("virtual-reader", chosen.Name+" is no device but a program that plays one.", fix)
}

func names(readers []cardreader.Reader) string {
	var all []string
	for _, r := range readers {
		all = append(all, r.Name)
	}
	return strings.Join(all, ", ")
}
