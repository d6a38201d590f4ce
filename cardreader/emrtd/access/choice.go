package access

import (
	"cmp"
	"fmt"

	"cnie/internal/kdf"
	"cnie/lds"
)

// choice is one offered variant of PACE that this terminal can run.
type choice struct {
	info      lds.PACEInfo
	mapping   lds.Mapping
	cipher    kdf.Cipher
	group     group
	ambiguous bool // the card has several groups: the one that is meant must be named
}

// paceVersion is the only version of the protocol that Doc 9303-11 §9.2.1 knows.
const paceVersion = 2

// cipherStrengths are the bits of security of a cipher, NIST SP 800-57-1 table 2.
var cipherStrengths = map[kdf.Cipher]int{kdf.TDES: 112, kdf.AES128: 128, kdf.AES192: 192, kdf.AES256: 256}

// preferences say which of two offers is the stronger, the first that tells them
// apart deciding: the weaker of cipher and group; that the chip proves itself in
// passing (Appendix J); the cipher; the group; and that more chips know generic
// than integrated mapping. Among equals the card's own order stands; otherwise
// it means nothing.
var preferences = []func(choice) int{
	func(c choice) int { return min(cipherStrengths[c.cipher], c.group.strength()) },
	func(c choice) int { return rank(c.mapping == lds.CAM) },
	func(c choice) int { return cipherStrengths[c.cipher] },
	func(c choice) int { return c.group.strength() },
	func(c choice) int { return c.group.size() },
	func(c choice) int { return rank(c.mapping != lds.IM) },
}

func rank(is bool) int {
	if is {
		return 1
	}
	return 0
}

// choose picks the strongest offer.
func choose(offered lds.SecurityInfos) (choice, error) {
	var best choice
	for _, info := range offered.PACE {
		if c, ok := supported(info, offered); ok && (best.group == nil || c.stronger(best)) {
			best = c
		}
	}
	if best.group == nil {
		return choice{}, fmt.Errorf("PACE: %w", ErrUnsupported)
	}
	best.ambiguous = sets(offered) > 1
	return best, nil
}

// sets counts the domain parameters that the card has for PACE, §4.4.4.1.
func sets(offered lds.SecurityInfos) int {
	ids := map[int]bool{}
	for _, info := range offered.PACE {
		ids[info.ParameterID] = true
	}
	for _, explicit := range offered.PACEParameters {
		ids[explicit.ParameterID] = true
	}
	return len(ids)
}

func supported(info lds.PACEInfo, offered lds.SecurityInfos) (choice, bool) {
	protocol, known := info.Protocol()
	if !known || info.Version != paceVersion {
		return choice{}, false
	}
	g, known := parameters(info, offered)
	if !known || !fits(protocol, g) {
		return choice{}, false
	}
	return choice{info: info, mapping: protocol.Mapping, cipher: protocol.Cipher, group: g}, true
}

// fits reports whether the protocol runs in the group at all. Integrated mapping
// cannot use P-224 (§9.5.1, footnote).
func fits(protocol lds.PACEProtocol, g group) bool {
	_, elliptic := g.(curve)
	return elliptic == (protocol.Agreement == lds.ECDH) && (protocol.Mapping != lds.IM || g.embeds())
}

func (c choice) stronger(than choice) bool {
	for _, of := range preferences {
		if order := cmp.Compare(of(c), of(than)); order != 0 {
			return order > 0
		}
	}
	return false
}
