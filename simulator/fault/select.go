package fault

import "cnie/apdu/tlv"

// Bytes of commands, ISO 7816-4 §5.4 and §11.
const (
	insSecurity     = 0x22 // MANAGE SECURITY ENVIRONMENT
	insExternal     = 0x82 // EXTERNAL AUTHENTICATE
	insChallenge    = 0x84 // GET CHALLENGE
	insAuthenticate = 0x86 // GENERAL AUTHENTICATE
	insSelect       = 0xA4
	insRead         = 0xB0 // READ BINARY
	insReadOdd      = 0xB1

	securedClass = 0x0C // bits of the class byte, ISO 7816-4 §5.4.1
)

// selectors say by a command's header, which no secure messaging hides, and in
// the clear by its content, whether a fault concerns it.
var selectors = map[string]func(command []byte) bool{
	"":            func([]byte) bool { return true },
	"secured":     func(c []byte) bool { return secured(c) || c[1] == insGetResponse }, // which fetches in the clear
	"read":        func(c []byte) bool { return secured(c) && (c[1] == insRead || c[1] == insReadOdd) },
	"card-access": func(c []byte) bool { return !secured(c) && c[1] == insRead },
	"mse":         func(c []byte) bool { return !secured(c) && c[1] == insSecurity && c[2] == 0xC1 },
	"nonce":       step(0),
	"map":         step(0x81),
	"agree":       step(0x83),
	"keys":        func(c []byte) bool { return step(0x81)(c) || step(0x83)(c) },
	"token":       step(0x85),
	"challenge":   func(c []byte) bool { return !secured(c) && c[1] == insChallenge },
	"external":    func(c []byte) bool { return !secured(c) && c[1] == insExternal },
}

func secured(c []byte) bool { return len(c) >= 4 && c[0]&securedClass == securedClass }

// step recognises a step of PACE by the object inside the dynamic
// authentication data; the first step, tag 0, has none. ICAO 9303-11 §4.4.4.2.
func step(tag byte) func([]byte) bool {
	return func(c []byte) bool {
		if secured(c) || len(c) < 7 || c[1] != insAuthenticate || len(c) < 5+int(c[4]) {
			return false
		}
		outer, err := tlv.One(c[5:5+int(c[4])], 0x7C)
		if err != nil {
			return false
		}
		if len(outer.Value) == 0 {
			return tag == 0
		}
		return outer.Value[0] == tag
	}
}
