package trace

import (
	"fmt"

	"cnie/apdu"
)

// selection follows SELECT. Under secure messaging, and in a redacted trace, the
// name in its data cannot be seen.
func (d *decoder) selection(e Entry, p1 byte) (step, what string) {
	data := plain(e)
	d.file, d.protocol = "", ""
	if p1 == 0x04 { // by name, ISO 7816-4 §11.2.2 table 62
		d.application = e.Failure == "" && e.Status().OK() || d.application
		return "select the application", "SELECT" + naming(named(d.names.Application, data), data, " an application")
	}
	if len(data) != 2 {
		d.application = d.application && p1 != 0
		return "select a file", "SELECT a file"
	}
	fid := uint16(data[0])<<8 | uint16(data[1])
	if fid == 0x3F00 {
		d.application = false
		return "select a file", "SELECT the master file"
	}
	d.file = named(d.names.File, fid)
	return "select a file", "SELECT" + naming(d.file, data, "")
}

func named[T any](name func(T) string, of T) string {
	if name == nil {
		return ""
	}
	return name(of)
}

func naming(name string, data []byte, otherwise string) string {
	switch {
	case name != "":
		return " " + name
	case len(data) > 0 && len(data) <= 16:
		return " " + Hex(data).String()
	}
	return otherwise
}

// plain is the data field where it can be seen.
func plain(e Entry) []byte {
	c, err := apdu.ParseCommand(e.Send)
	if err != nil || e.secured() || e.Masked > 0 {
		return nil
	}
	return c.Data
}

// reading follows READ BINARY, whose header says which file: by its short
// identifier at first, then whatever is the current one. ISO 7816-4 §11.3.1.
func (d *decoder) reading(e Entry, p1, p2 byte) (step, what string) {
	if d.proof && e.secured() {
		d.proof = false
		return "Chip Authentication", "READ BINARY, the proof of the new keys"
	}
	switch sfi := p1 & 0x1F; {
	case e.instruction() == apdu.INSReadBinary && p1&0x80 != 0:
		d.file = fmt.Sprintf("the file with short identifier %02X", sfi)
		if d.names.Short != nil {
			if name := d.names.Short(d.application, sfi); name != "" {
				d.file = name
			}
		}
	case d.file == "":
		d.file = "the current file"
	}
	return "read " + d.file, "READ BINARY"
}

// environment follows MSE, which says what GENERAL AUTHENTICATE will be for:
// ICAO 9303-11 §4.4.4.1 (PACE), §6.2.4 (Chip Authentication).
func (d *decoder) environment(p1, p2 byte) (step, what string) {
	d.round = 0
	switch {
	case p1 == 0xC1 && p2 == 0xA4:
		d.protocol, what = "PACE", "MSE:SET AT, which PACE and which password"
	case p1 == 0x41 && p2 == 0xA4:
		d.protocol, what = "Chip Authentication", "MSE:SET AT, which key"
	case p1 == 0x41 && p2 == 0xA6:
		d.protocol, what, d.proof = "Chip Authentication", "MSE:SET KAT, the terminal's key", true
	case p1 == 0x81:
		d.protocol, what = "Terminal Authentication", "MSE:SET"
	default:
		d.protocol, what = "other commands", fmt.Sprintf("MSE %02X%02X", p1, p2)
	}
	return d.protocol, what
}

// paceRounds are the four exchanges of PACE, ICAO 9303-11 §4.4.4.2.
var paceRounds = []string{"encrypted nonce", "mapping", "key agreement", "authentication tokens"}

func (d *decoder) authenticate() (step, what string) {
	const name = "GENERAL AUTHENTICATE"
	d.round++
	switch {
	case d.protocol == "PACE" && d.round <= len(paceRounds):
		return d.protocol, fmt.Sprintf("%s %d, %s", name, d.round, paceRounds[d.round-1])
	case d.protocol == "Chip Authentication":
		d.proof = true
		return d.protocol, name + ", the terminal's key"
	case d.protocol != "":
		return d.protocol, name
	}
	return "other commands", name
}
