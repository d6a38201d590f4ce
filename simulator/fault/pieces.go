package fault

import (
	"math/rand/v2"
	"strconv"

	"cnie/apdu/tlv"
)

const (
	insGetResponse = 0xC0
	maxNoise       = 65535
)

// lengthen adds bytes to the end of an answer's data.
func lengthen(x *exchange, s settings) []byte {
	data, sw := x.ask()
	return append(append(data, bytesOf(s["data"])...), sw...)
}

// shorten drops bytes from the end of an answer's data.
func shorten(x *exchange, s settings) []byte {
	data, sw := x.ask()
	return append(data[:max(0, len(data)-s.number("bytes"))], sw...)
}

// number reads a setting that is one.
func (s settings) number(key string) int {
	n, _ := strconv.Atoi(s[key]) // tests read the table, Parse the arguments
	return n
}

// noise answers bytes that mean nothing, the same in every run, and 9000.
func noise(x *exchange, s settings) []byte {
	source := rand.NewChaCha8([32]byte{byte(x.memory.count), byte(x.memory.count >> 8)})
	out := make([]byte, min(s.number("bytes"), maxNoise-2))
	_, _ = source.Read(out) // never fails
	return append(out, 0x90, 0x00)
}

// pieces gives answers in pieces, the rest of which the reader must fetch with
// GET RESPONSE (ISO 7816-4 §5.3.4).
func pieces(x *exchange, s settings) []byte {
	var rest []byte
	switch {
	case len(x.memory.kept) > 0 && x.command[1] == insGetResponse:
		rest = x.memory.kept[0]
	default:
		data, sw := x.ask()
		rest = append(data, sw...)
	}
	x.memory.kept = nil
	size := s.number("bytes")
	left := len(rest) - 2 - size
	if left <= 0 {
		return rest
	}
	x.memory.kept = [][]byte{rest[size:]}
	return append(append([]byte(nil), rest[:size]...), 0x61, byte(min(left, 256)))
}

// inside changes the object in an answer of PACE: ICAO 9303-11 §4.4.4.2, table 4.
func inside(x *exchange, s settings) []byte {
	data, sw := x.ask()
	outer, err := tlv.One(data, 0x7C)
	if err != nil {
		return append(data, sw...)
	}
	all, err := tlv.ReadAll(outer.Value, maxObjects)
	if err != nil || len(all) == 0 {
		return append(data, sw...)
	}
	inner := changed(x, all[0], s["to"])
	return append(tlv.Encode(0x7C, inner), sw...)
}

// changed is what becomes of the object: the name of a change, or hexadecimal
// digits for a new value.
func changed(x *exchange, o tlv.Element, to string) []byte {
	value := append([]byte(nil), o.Value...)
	if len(value) == 0 && (to == "flipped" || to == "compressed") {
		return o.Raw // integrated mapping answers with an empty object, and so may another fault
	}
	switch to {
	case "none":
		return nil
	case "twice":
		return append(append([]byte(nil), o.Raw...), o.Raw...)
	case "flipped":
		value[len(value)-1] ^= 1
	case "compressed":
		value = append([]byte{2 + value[len(value)-1]&1}, value[1:len(value)/2+1]...)
	case "echoed":
		value = sent(x.command)
	case "repeated": // the key of the step before
		if len(x.memory.kept) > 0 {
			value = x.memory.kept[0]
		}
		x.memory.kept = [][]byte{value}
	default:
		value = bytesOf(to)
	}
	return tlv.Encode(o.Tag, value)
}

// sent is the object that the reader sent in this step.
func sent(command []byte) []byte {
	outer, err := tlv.One(command[5:5+int(command[4])], 0x7C)
	if err != nil {
		return nil
	}
	inner, _, err := tlv.Read(outer.Value)
	if err != nil {
		return nil
	}
	return inner.Value
}
