package trace_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/apdu/trace"
)

var names = trace.Names{
	Application: func(aid []byte) string { return map[bool]string{true: "the travel document"}[len(aid) == 7] },
	File:        func(fid uint16) string { return map[uint16]string{0x0101: "EF.DG1"}[fid] },
	Short: func(application bool, sfi byte) string {
		return map[bool]map[byte]string{false: {0x1C: "EF.CardAccess"}, true: {0x02: "EF.DG2", 0x0E: "EF.DG14"}}[application][sfi]
	},
}

// told is what Decode says of commands, one a line.
func told(t *testing.T, tr *trace.Trace) (lines []string) {
	for _, step := range tr.Decode(names) {
		for _, l := range step.Lines {
			lines = append(lines, fmt.Sprintf("%s: %s", step.Name, l.What))
		}
	}
	return lines
}

func TestDecode(t *testing.T) {
	tr := &trace.Trace{Header: trace.Header{Version: 1, Content: trace.Full, At: began}}
	for _, command := range []string{
		"00B09C00DF", "00B0000010", "0022C1A402 8000", "1086000002 7C0000", "1086000002 7C0000", "1086000002 7C0000", "0086000002 7C0000",
		"00A4040C07 A0000002471001", "0CB08E0000", "0CB0000A00", "0CB0001000", "0C2241A400", "0C86000000", "0CB08E0000", "0CB0820000",
		"0CB1000000", "0C88000000", "00C0000000", "0084000008", "0082000002 0102", "00A4020C02 0101", "00A4020C02 0999", "00B0000000",
		"0087119A02 7C00", "00CB3FFF03 5C017E", "0020008001 31", "00A4000002 3F00", "00B0820000", "0099000000",
	} {
		tr.Entries = append(tr.Entries, trace.Exchange(unhex(t, command), []byte{0x90, 0}, ""))
	}
	assert.Equal(t, []string{
		"read EF.CardAccess: READ BINARY",
		"PACE: MSE:SET AT, which PACE and which password",
		"PACE: GENERAL AUTHENTICATE 1, encrypted nonce", "PACE: GENERAL AUTHENTICATE 2, mapping",
		"PACE: GENERAL AUTHENTICATE 3, key agreement", "PACE: GENERAL AUTHENTICATE 4, authentication tokens",
		"select the application: SELECT the travel document",
		"read EF.DG14: READ BINARY",
		"Chip Authentication: MSE:SET AT, which key", "Chip Authentication: GENERAL AUTHENTICATE, the terminal's key",
		"Chip Authentication: READ BINARY, the proof of the new keys",
		"read EF.DG2: READ BINARY",
		"Active Authentication: INTERNAL AUTHENTICATE, the chip signs", "Active Authentication: GET RESPONSE",
		"Basic Access Control: GET CHALLENGE, the chip's nonce", "Basic Access Control: EXTERNAL AUTHENTICATE, both prove the key",
		"select a file: SELECT EF.DG1", "select a file: SELECT 0999", "read the current file: READ BINARY",
		"PIV: GENERAL AUTHENTICATE, key 9A", "PIV: GET DATA", "PIN: VERIFY, its data not recorded",
		"select a file: SELECT the master file", "read the file with short identifier 02: READ BINARY", "other commands: instruction 99",
	}, told(t, tr))
}

// A redacted trace tells the same steps, without the names in data fields.
func TestDecodeRedacted(t *testing.T) {
	steps := func(tr *trace.Trace) (all []string) {
		for _, s := range tr.Decode(names) {
			all = append(all, s.Name)
		}
		return all
	}
	assert.Equal(t, steps(session(t)), steps(session(t).Redact()))
	assert.Contains(t, told(t, session(t).Redact()), "select the application: SELECT an application")
}

func TestDecodeAddsUp(t *testing.T) {
	read := func(at int64, n int) trace.Entry {
		e := trace.Exchange(unhex(t, fmt.Sprintf("00B0%04X10", n)), make([]byte, 18), "")
		e.Receive[16] = 0x90
		e.At, e.Took = at, 30
		return e
	}
	first := trace.Exchange(unhex(t, "00B09C0010"), append(make([]byte, 16), 0x90, 0), "")
	end := trace.Exchange(unhex(t, "00B0003010"), []byte{1, 0x62, 0x82}, "")
	end.At = 90
	tr := &trace.Trace{Entries: []trace.Entry{first, read(10, 16), read(50, 32), end, trace.Exchange(unhex(t, "00B0003110"), nil, trace.Removed)}}
	steps := tr.Decode(names)
	require.Len(t, steps, 1)
	s := steps[0]
	assert.Equal(t, 5, s.Commands)
	assert.Equal(t, int64(60), s.Took)
	assert.Equal(t, 57, s.Received)
	require.Len(t, s.Lines, 3)
	assert.Equal(t, 3, s.Lines[0].Count)
	assert.Equal(t, 1, s.Lines[0].Number)
	assert.Equal(t, "end of file reached", s.Lines[1].Meaning)
	assert.Equal(t, 4, s.Lines[1].Number)
	assert.True(t, s.Lines[2].Failed)
	assert.Equal(t, "the card was removed", s.Lines[2].Meaning)
}
