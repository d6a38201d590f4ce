package piv

import "math/bits"

// agencyNumber is a FASC-N: agency, system, credential, series, issue, then person,
// category and identifier of the organisation, association. The nines say that the
// card is not of a federal agency, and that the GUID counts.
const agencyNumber = "B9999D9999D999999D0D1D0000000000300002F"

// fascn packs a number into five-bit characters, lowest bit first, each with odd
// parity; B begins, D separates, F ends it, and one more character sums up the
// columns (TIG SCEPACS §2.1).
func fascn(number string) []byte {
	out, at, sum := make([]byte, (len(number)*5+5)/8), 0, byte(0)
	add := func(value byte) {
		character := bits.Reverse8(value) >> 3 & 0x1E
		character |= byte(bits.OnesCount8(character)+1) & 1
		for bit := 4; bit >= 0; bit-- {
			out[at/8] |= character >> bit & 1 << (7 - at%8)
			at++
		}
		sum ^= value
	}
	for _, c := range []byte(number) {
		add(c&0x0F + c>>6*9) // a hexadecimal digit
	}
	add(sum)
	return out
}

// chuid is the card holder unique identifier, SP 800-73-5 part 1 table 9. Its
// signature is left empty: there is no federal issuer to make one.
func chuid(id [16]byte) []byte {
	c := put(nil, 0x30, fascn(agencyNumber)...)
	c = put(c, 0x34, id[:]...)
	c = put(c, 0x35, []byte("20491231")...)
	return put(put(c, 0x3E), 0xFE)
}

// ccc is the card capability container, SP 800-73-5 part 1 table 8. Everything but
// its identifier and versions is there for history's sake.
func ccc(id [16]byte) []byte {
	number := append([]byte{0xA0, 0x00, 0x00, 0x01, 0x16, 0xFF, 0x02}, id[:14]...)
	c := put(nil, 0xF0, number...)
	c = put(c, 0xF1, 0x21) // version of the container, 2.1
	c = put(c, 0xF2, 0x21) // of the grammar
	c = put(c, 0xF3)
	c = put(c, 0xF4, 0x00)
	c = put(c, 0xF5, 0x10) // data model
	for _, empty := range []Tag{0xF6, 0xF7, 0xFA, 0xFB, 0xFC, 0xFD, 0xFE} {
		c = put(c, empty)
	}
	return c
}

// discovery says that the application's own PIN is the only one, SP 800-73-5 part 1
// §3.3.2.
func discovery() []byte {
	return put(put(nil, 0x4F, aid...), 0x5F2F, 0x40, 0x00)
}
