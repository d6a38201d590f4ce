package fault

import (
	"encoding/hex"
	"time"
)

// acts are the verbs of live faults.
var acts = map[string]act{
	"answer":  {[]string{"data", "sw"}, answer},
	"flip":    {[]string{"object"}, flip},
	"without": {[]string{"object"}, without},
	"reverse": {nil, reverse},
	"append":  {[]string{"data"}, lengthen},
	"cut":     {[]string{"bytes"}, shorten},
	"status":  {[]string{"sw"}, restate},
	"replay":  {nil, replay},
	"late":    {nil, late},
	"double":  {nil, double},
	"bend":    {nil, bend},
	"distort": {nil, distort},
	"noise":   {[]string{"bytes"}, noise},
	"delay":   {[]string{"time"}, delay},
	"pieces":  {[]string{"bytes"}, pieces},
	"inside":  {[]string{"to"}, inside},
	"lose":    {nil, lose},
	"become":  {[]string{"persona"}, become},
	"tear":    {[]string{"back", "persona"}, tear},
}

// answer is given in the chip's place, which never sees the command.
func answer(_ *exchange, s settings) []byte {
	return append(bytesOf(s["data"]), bytesOf(s["sw"])...)
}

// bytesOf reads hexadecimal digits of the table.
func bytesOf(digits string) []byte {
	b, err := hex.DecodeString(digits)
	if err != nil {
		return nil // no row has this: a test reads them all
	}
	return b
}

// restate replaces the status word outside of secure messaging.
func restate(x *exchange, s settings) []byte {
	data, _ := x.ask()
	return append(data, bytesOf(s["sw"])...)
}

// ask passes the command on and splits a copy of the answer.
func (x *exchange) ask() (data, sw []byte) {
	answer := append([]byte(nil), x.next(x.command)...)
	if len(answer) < 2 {
		return nil, answer
	}
	n := len(answer) - 2
	return answer[:n:n], answer[n:]
}

// replay gives the answer before this one again; the chip has moved on.
func replay(x *exchange, _ settings) []byte {
	data, sw := x.ask()
	if last := x.memory.last(); len(last) >= 2 {
		return last
	}
	return append(data, sw...)
}

// late gives each answer one command too late, the first of them twice.
func late(x *exchange, _ settings) []byte {
	data, sw := x.ask()
	queue := append(x.memory.kept, append(data, sw...))
	x.memory.kept = queue[len(queue)-1:]
	return append([]byte(nil), queue[0]...)
}

// double sends the command twice and gives the second answer.
func double(x *exchange, _ settings) []byte {
	x.next(x.command)
	data, sw := x.ask()
	return append(data, sw...)
}

// bend changes a bit of the command on its way to the chip: of the last byte
// before Le, which under secure messaging belongs to the checksum.
func bend(x *exchange, _ settings) []byte {
	command := append([]byte(nil), x.command...)
	if len(command) > 6 {
		command[len(command)-2] ^= 1
	}
	x.command = command
	data, sw := x.ask()
	return append(data, sw...)
}

// distort changes a bit of the answer: the first of its data.
func distort(x *exchange, _ settings) []byte {
	data, sw := x.ask()
	if len(data) > 0 {
		data[0] ^= 1
	}
	return append(data, sw...)
}

// delay lets the reader wait.
func delay(x *exchange, s settings) []byte {
	if d, err := time.ParseDuration(s["time"]); err == nil {
		time.Sleep(d)
	}
	data, sw := x.ask()
	return append(data, sw...)
}

// lose has the chip forget its session, as after a loss of power that nobody
// noticed: a command in the clear ends secure messaging (ICAO 9303-11 §9.8.3).
func lose(x *exchange, _ settings) []byte {
	x.next([]byte{0, insSelect, 0, 0x0C, 2, 0x3F, 0})
	data, sw := x.ask()
	return append(data, sw...)
}
