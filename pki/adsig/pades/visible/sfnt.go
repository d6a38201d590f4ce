package visible

import (
	"encoding/binary"
	"fmt"
	"maps"
	"slices"

	"github.com/go-text/typesetting/font"
)

// kept are the tables that drawing glyphs by number takes (ISO 32000-2 §9.9.1).
var kept = []string{"cvt ", "fpgm", "glyf", "head", "hhea", "hmtx", "loca", "maxp", "prep"}

// tables takes a TrueType font apart.
func tables(ttf []byte) (map[string][]byte, error) {
	all := map[string][]byte{}
	if len(ttf) < 12 {
		return nil, fmt.Errorf("%w: not a TrueType font", ErrLook)
	}
	for i := range int(binary.BigEndian.Uint16(ttf[4:])) {
		record := 12 + 16*i
		if record+16 > len(ttf) {
			return nil, fmt.Errorf("%w: not a TrueType font", ErrLook)
		}
		at, length := int(binary.BigEndian.Uint32(ttf[record+8:])), int(binary.BigEndian.Uint32(ttf[record+12:]))
		if at+length > len(ttf) {
			return nil, fmt.Errorf("%w: not a TrueType font", ErrLook)
		}
		all[string(ttf[record:record+4])] = ttf[at : at+length]
	}
	for _, tag := range []string{"glyf", "head", "loca", "maxp"} {
		if all[tag] == nil {
			return nil, fmt.Errorf("%w: a font without %s", ErrLook, tag)
		}
	}
	return all, nil
}

// subset leaves the outlines of the glyphs in use, under the numbers that they
// have, and of those that they are made of.
func subset(ttf []byte, used map[font.GID]bool) ([]byte, error) {
	all, err := tables(ttf)
	if err != nil {
		return nil, err
	}
	long := binary.BigEndian.Uint16(all["head"][50:]) != 0
	count := int(binary.BigEndian.Uint16(all["maxp"][4:]))
	outline := func(g int) []byte {
		if g < 0 || g >= count {
			return nil
		}
		if long {
			return all["glyf"][binary.BigEndian.Uint32(all["loca"][4*g:]):binary.BigEndian.Uint32(all["loca"][4*g+4:])]
		}
		return all["glyf"][2*int(binary.BigEndian.Uint16(all["loca"][2*g:])) : 2*int(binary.BigEndian.Uint16(all["loca"][2*g+2:]))]
	}
	wanted := map[int]bool{0: true}
	for g := range used {
		want(wanted, outline, int(g))
	}
	var glyf, loca []byte
	for g := range count {
		loca = binary.BigEndian.AppendUint32(loca, uint32(len(glyf)))
		if wanted[g] {
			glyf = append(glyf, outline(g)...)
			glyf = append(glyf, make([]byte, -len(glyf)&3)...)
		}
	}
	loca = binary.BigEndian.AppendUint32(loca, uint32(len(glyf)))
	head := slices.Clone(all["head"])
	binary.BigEndian.PutUint16(head[50:], 1) // offsets of four bytes
	all["glyf"], all["loca"], all["head"] = glyf, loca, head
	return assemble(all), nil
}

// want adds a glyph and its components (OpenType, glyf table, composite glyphs).
func want(wanted map[int]bool, outline func(int) []byte, g int) {
	if wanted[g] && g != 0 {
		return
	}
	wanted[g] = true
	o := outline(g)
	if len(o) < 10 || int16(binary.BigEndian.Uint16(o)) >= 0 {
		return
	}
	const words, scale, more, scales, matrix = 0x0001, 0x0008, 0x0020, 0x0040, 0x0080
	for at := 10; at+4 <= len(o); {
		flags := binary.BigEndian.Uint16(o[at:])
		want(wanted, outline, int(binary.BigEndian.Uint16(o[at+2:])))
		at += 6
		if flags&words != 0 {
			at += 2
		}
		switch {
		case flags&scale != 0:
			at += 2
		case flags&scales != 0:
			at += 4
		case flags&matrix != 0:
			at += 8
		}
		if flags&more == 0 {
			return
		}
	}
}

// assemble puts tables together as a font.
func assemble(all map[string][]byte) []byte {
	maps.DeleteFunc(all, func(tag string, _ []byte) bool { return !slices.Contains(kept, tag) })
	tags := slices.Sorted(maps.Keys(all))
	power := 1
	for power*2 <= len(tags) {
		power *= 2
	}
	shift := 0
	for 1<<shift < power {
		shift++
	}
	out := []byte{0, 1, 0, 0}
	for _, v := range []int{len(tags), 16 * power, shift, 16 * (len(tags) - power)} {
		out = binary.BigEndian.AppendUint16(out, uint16(v))
	}
	var body []byte
	headAt := 0
	binary.BigEndian.PutUint32(all["head"][8:], 0) // sums are made with the whole font's at zero
	for _, tag := range tags {
		at := 12 + 16*len(tags) + len(body)
		if tag == "head" {
			headAt = at
		}
		out = append(out, tag...)
		for _, v := range []uint32{sum(all[tag]), uint32(at), uint32(len(all[tag]))} {
			out = binary.BigEndian.AppendUint32(out, v)
		}
		body = append(body, all[tag]...)
		body = append(body, make([]byte, -len(body)&3)...)
	}
	out = append(out, body...)
	binary.BigEndian.PutUint32(out[headAt+8:], 0xb1b0afba-sum(out))
	return out
}

func sum(b []byte) (total uint32) {
	for i := 0; i < len(b); i += 4 {
		var word [4]byte
		copy(word[:], b[i:])
		total += binary.BigEndian.Uint32(word[:])
	}
	return total
}
