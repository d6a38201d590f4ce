package access

import (
	"fmt"

	"cnie/internal/ec"
	"cnie/internal/kdf"
	"cnie/lds"
)

// choice is one offered variant of PACE that this terminal can run.
type choice struct {
	info      lds.PACEInfo
	cipher    kdf.Cipher
	curve     *ec.Curve
	ambiguous bool // the card offers several: the parameters must be named
}

// paceVersion is the only version of the protocol that Doc 9303-11 §9.2.3 knows.
const paceVersion = 2

// choose picks the strongest offer: the longest key, then the largest curve;
// among equals the card's own order stands.
func choose(offered lds.SecurityInfos) (choice, error) {
	var best choice
	for _, info := range offered.PACE {
		c, ok := supported(info)
		if ok && (best.curve == nil || c.stronger(best)) {
			best = c
		}
	}
	if best.curve == nil {
		return choice{}, fmt.Errorf("PACE: %w", ErrUnsupported)
	}
	best.ambiguous = len(offered.PACE)+len(offered.PACEParameters) > 1
	return best, nil
}

func supported(info lds.PACEInfo) (choice, bool) {
	protocol, known := info.Protocol()
	if !known || info.Version != paceVersion || protocol.Mapping != lds.GM || protocol.Agreement != lds.ECDH {
		return choice{}, false
	}
	curve, known := ec.ByParameterID(info.ParameterID)
	return choice{info: info, cipher: protocol.Cipher, curve: curve}, known
}

func (c choice) stronger(than choice) bool {
	if c.cipher != than.cipher {
		return c.cipher > than.cipher
	}
	return c.curve.FieldBytes() > than.curve.FieldBytes()
}
