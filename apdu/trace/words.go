package trace

import (
	"fmt"

	"cnie/apdu"
)

// instructions are the commands by the names that their standards give them:
// ISO 7816-4 §11, and SP 800-73 for those of PIV.
var instructions = map[byte]string{
	0x20: "VERIFY", 0x21: "VERIFY", 0x24: "CHANGE REFERENCE DATA", 0x2C: "RESET RETRY COUNTER",
	0x22: "MSE", 0x2A: "PERFORM SECURITY OPERATION", 0x47: "GENERATE ASYMMETRIC KEY PAIR",
	0x82: "EXTERNAL AUTHENTICATE", 0x84: "GET CHALLENGE", 0x86: "GENERAL AUTHENTICATE",
	0x87: "GENERAL AUTHENTICATE", 0x88: "INTERNAL AUTHENTICATE", 0xA4: "SELECT", 0xB0: "READ BINARY",
	0xB1: "READ BINARY", 0xC0: "GET RESPONSE", 0xCA: "GET DATA", 0xCB: "GET DATA", 0xD6: "UPDATE BINARY",
	0xDB: "PUT DATA", 0xB2: "READ RECORD", 0x44: "ACTIVATE FILE", 0x04: "DEACTIVATE FILE",
}

// InstructionName is the name of a command, or its number when it has none here.
func InstructionName(ins byte) string {
	if name, known := instructions[ins]; known {
		return name
	}
	return fmt.Sprintf("instruction %02X", ins)
}

// meanings are the status words in words, ISO 7816-4 §5.6.
var meanings = map[apdu.Status]string{
	0x9000: "done", 0x6200: "warning", 0x6282: "end of file reached", 0x6283: "the file is deactivated",
	0x6300: "wrong secret", 0x6400: "execution error", 0x6581: "memory failure", 0x6700: "wrong length",
	0x6881: "no logical channels", 0x6882: "no secure messaging", 0x6883: "the last command of the chain was expected",
	0x6884: "no command chaining", 0x6981: "wrong kind of file", 0x6982: "security status not satisfied",
	0x6983: "the secret is blocked", 0x6984: "reference data not usable", 0x6985: "conditions of use not satisfied",
	0x6986: "command not allowed", 0x6987: "secure messaging objects missing", 0x6988: "secure messaging objects incorrect",
	0x6A80: "wrong data", 0x6A81: "function not supported", 0x6A82: "not found", 0x6A83: "record not found",
	0x6A84: "no room left", 0x6A86: "wrong parameters", 0x6A87: "length and parameters contradict", 0x6A88: "referenced data not found",
	0x6B00: "offset outside the file", 0x6D00: "instruction not supported", 0x6E00: "class not supported", 0x6F00: "no diagnosis",
}

// Meaning is a status word in words, empty when the standard has none.
func Meaning(sw apdu.Status) string {
	if words, known := meanings[sw]; known {
		return words
	}
	switch {
	case sw.SW1() == 0x61:
		return "more is waiting"
	case sw.SW1() == 0x6C:
		return fmt.Sprintf("ask for %d bytes", (int(sw.SW2())+255)%256+1) // 00 says 256
	case sw&0xFFF0 == 0x63C0:
		return fmt.Sprintf("wrong secret, %d tries left", sw&0x0F)
	case sw.SW1() == 0x62, sw.SW1() == 0x63:
		return "warning"
	case sw.SW1() >= 0x64 && sw.SW1() <= 0x6F:
		return "error"
	}
	return ""
}

// failureWords say what came in the place of an answer.
var failureWords = map[Failure]string{
	Removed: "the card was removed", OtherReset: "another program reset the card", Unplugged: "the reader was unplugged",
	NoService: "the smart-card service went away", GivenUp: "the terminal waited no longer", Failed: "the reader failed",
}
