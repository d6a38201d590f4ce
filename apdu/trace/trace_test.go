package trace_test

import (
	"bytes"
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/apdu"
	"cnie/apdu/trace"
)

func unhex(t testing.TB, s string) []byte {
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	require.NoError(t, err)
	return b
}

var began = time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)

// session is a trace that has one of everything.
func session(t testing.TB) *trace.Trace {
	exchange := func(at int64, command, answer string) trace.Entry {
		e := trace.Exchange(unhex(t, command), unhex(t, answer), "")
		e.At, e.Took = at, 40
		return e
	}
	lost := trace.Exchange(unhex(t, "0CB0820000"), nil, trace.Removed)
	lost.At = 900
	return &trace.Trace{
		Header: trace.Header{
			Version: trace.Version, Content: trace.Full, Program: "cnie test", At: began, Reader: "Virtual PCD 00 00",
			ATR: trace.Hex{0x3B, 0x80, 0x80, 0x01, 0x01}, Specimen: true, Session: trace.Session{Files: []string{"dg1"}, Password: "CAN"},
		},
		Entries: []trace.Entry{
			{At: 0, Took: 12, Event: trace.Connect},
			exchange(100, "00B09C00DF", "3114 9000"),
			exchange(200, "0022C1A40F 800A04007F00070202040202830102", "9000"),
			{At: 250, Random: trace.Hex{1, 2, 3, 4}},
			exchange(300, "1086000002 7C0000", "7C02 9000"),
			exchange(400, "00A4040C07 A0000002471001", "9000"),
			exchange(500, "00200080 08 313233343536FFFF", "63C2"),
			{At: 600, Event: trace.Reset},
			lost,
			{At: 1000, Event: trace.Close},
		},
	}
}

func encode(t testing.TB, tr *trace.Trace) []byte {
	var b bytes.Buffer
	require.NoError(t, tr.Encode(&b))
	return b.Bytes()
}

func TestRoundTrip(t *testing.T) {
	for _, want := range []*trace.Trace{session(t), session(t).Redact()} {
		file := encode(t, want)
		got, err := trace.Parse(bytes.NewReader(file))
		require.NoError(t, err)
		assert.Equal(t, file, encode(t, got))
		assert.Equal(t, want.Header, got.Header)
		assert.Len(t, got.Entries, len(want.Entries))
	}
}

// What is in the data fields is not in a redacted trace, and what a PIN is typed
// for is in no trace.
func TestNothingOfSecrets(t *testing.T) {
	full, redacted := string(encode(t, session(t))), string(encode(t, session(t).Redact()))
	assert.NotContains(t, full, "313233343536", "the PIN")
	for _, content := range []string{"800A04", "A0000002471001", "01020304", "3114", "7C02"} {
		assert.Contains(t, full, content)
		assert.NotContains(t, redacted, content)
	}
	assert.Contains(t, redacted, `"header":"0022C1A4","nc":15,"sent":20,"received":2,"sw":"9000"`)
}

func TestMask(t *testing.T) {
	cases := map[string]struct {
		command, send string
		masked        int
	}{
		"VERIFY":                     {"0020008008 313233343536FFFF", "0020008008", 8},
		"VERIFY, how many tries":     {"00200080", "00200080", 0},
		"VERIFY under SM":            {"0C2000801D 8711 01AABB 8E08", "0C2000801D", 7},
		"VERIFY, chained":            {"1020008002 3132", "1020008002", 2},
		"VERIFY, extended":           {"00200080 000008 313233343536FFFF", "00200080000008", 8},
		"CHANGE REFERENCE DATA":      {"0024008004 31323334", "0024008004", 4},
		"RESET RETRY COUNTER":        {"002C008004 31323334", "002C008004", 4},
		"import of a private key":    {"00FE079A03 060102", "00FE079A03", 3},
		"SELECT":                     {"00A4040C02 A000", "00A4040C02A000", 0},
		"VERIFY cut behind its Lc":   {"0020008000", "0020008000", 0},
		"VERIFY cut in extended Lc":  {"002000800000", "002000800000", 0},
		"GENERAL AUTHENTICATE, PACE": {"1086000002 7C0000", "10860000027C0000", 0},
	}
	for name, c := range cases {
		send, masked := trace.Mask(unhex(t, c.command))
		assert.Equal(t, c.send, send.String(), name)
		assert.Equal(t, c.masked, masked, name)
	}
}

func TestMatches(t *testing.T) {
	pin := trace.Exchange(unhex(t, "0020008004 31323334"), []byte{0x90, 0}, "")
	assert.True(t, pin.Matches(unhex(t, "0020008004 39393939")), "a masked PIN is as good as another")
	assert.False(t, pin.Matches(unhex(t, "0020008006 393939393939")))
	assert.False(t, pin.Matches(unhex(t, "0020008104 31323334")))
	read := trace.Exchange(unhex(t, "00B0820000"), []byte{0x90, 0}, "")
	assert.True(t, read.Matches(unhex(t, "00B0820000")))
	assert.False(t, read.Matches(unhex(t, "00B0820001")))
}

func TestParseRefuses(t *testing.T) {
	good := string(encode(t, session(t)))
	poor := string(encode(t, session(t).Redact()))
	first := strings.Index(good, "\n") + 1
	long := trace.Header{Version: 1, Content: trace.Full, At: began, Reader: strings.Repeat("x", 201)}
	cases := map[string]string{
		"nothing":                  "",
		"no trace":                 "{}\n",
		"cut":                      good[:len(good)-1],
		"another version":          strings.Replace(good, `"trace":1`, `"trace":2`, 1),
		"unknown member":           strings.Replace(good, `"trace":1`, `"trace":1,"x":1`, 1),
		"white space":              strings.Replace(good, `"trace":1`, `"trace": 1`, 1),
		"lower-case digits":        strings.Replace(good, "A0000002471001", "a0000002471001", 1),
		"half a byte":              strings.Replace(good, "A0000002471001", "A000000247100", 1),
		"a member twice":           strings.Replace(good, `{"at":0`, `{"at":0,"at":0`, 1),
		"members in other order":   strings.Replace(good, `"took":12,"event":"connect"`, `"event":"connect","took":12`, 1),
		"an empty line":            good[:first] + "\n" + good[first:],
		"back in time":             strings.Replace(good, `"at":400`, `"at":1`, 1),
		"before it began":          strings.Replace(good, `{"at":0`, `{"at":-1`, 1),
		"unknown event":            strings.Replace(good, `"connect"`, `"connected"`, 1),
		"unknown failure":          strings.Replace(good, `"removed"`, `"gone"`, 1),
		"failure with an answer":   strings.Replace(good, `"receive":"63C2"`, `"receive":"63C2","failure":"removed"`, 1),
		"answer of one byte":       strings.Replace(good, `"receive":"63C2"`, `"receive":"63"`, 1),
		"no answer":                strings.Replace(good, `,"receive":"63C2"`, ``, 1),
		"a PIN in clear":           strings.Replace(good, `"send":"0020008008","masked":8`, `"send":"0020008008313233343536FFFF"`, 1),
		"masked without reason":    strings.Replace(good, `"send":"00B09C00DF"`, `"send":"00B09C00DF","masked":3`, 1),
		"masked twice":             strings.Replace(good, `"send":"0020008008","masked":8`, `"send":"002000800831","masked":7`, 1),
		"content in a redacted":    strings.Replace(good, `"content":"full"`, `"content":"redacted"`, 1),
		"outlines in a full":       strings.Replace(poor, `"content":"redacted"`, `"content":"full"`, 1),
		"header of three bytes":    strings.Replace(poor, `"header":"0022C1A4"`, `"header":"0022C1"`, 1),
		"length below zero":        strings.Replace(poor, `"nc":15`, `"nc":-1`, 1),
		"an event and a command":   strings.Replace(good, `"event":"connect"`, `"event":"connect","send":"00B09C00DF"`, 1),
		"an event and a length":    strings.Replace(poor, `"event":"connect"`, `"event":"connect","nc":1`, 1),
		"a command and a length":   strings.Replace(good, `"send":"00B09C00DF"`, `"send":"00B09C00DF","nc":1`, 1),
		"an answer out of nothing": strings.Replace(poor, `"received":2,"sw":"9000"`, `"received":2`, 1),
		"failure not in the list":  strings.Replace(poor, `"failure":"removed"`, `"failure":"tired"`, 1),
		"challenge in a redacted":  strings.Replace(poor, `"specimen":true`, `"specimen":true,"session":{"challenge":"01"}`, 1),
		"unequal, and not remade":  strings.Replace(good, `"specimen":true`, `"specimen":true,"unequal":["x"]`, 1),
		"answer to reset too long": strings.Replace(good, `"specimen":true`, `"atr":"`+strings.Repeat("3B", 34)+`","specimen":true`, 1),
		"too many texts":           strings.Replace(good, `"specimen":true`, `"specimen":true,"session":{"files":[`+strings.Repeat(`"dg1",`, 40)+`"dg1"]}`, 1),
		"not UTC":                  strings.Replace(good, "08:00:00Z", "08:00:00+01:00", 1),
		"remade, and no specimen":  strings.Replace(good, `"specimen":true`, `"remade":true`, 1),
		"a text too long":          `{"trace":1,"content":"full","program":"","at":"2026-11-22T08:00:00Z","reader":"` + long.Reader + "\"}\n",
	}
	for name, file := range cases {
		require.NotEqual(t, good, file, name)
		_, err := trace.Parse(strings.NewReader(file))
		assert.ErrorIs(t, err, trace.ErrMalformed, name)
		assert.NotContains(t, err.Error(), "A000000", "no content in errors")
	}
	_, err := trace.Parse(strings.NewReader(good[:first] + strings.Repeat(`{"at":0,"event":"reset"}`+"\n", trace.MaxEntries+1)))
	assert.ErrorIs(t, err, trace.ErrTooLong)
	_, err = trace.Parse(strings.NewReader(strings.Repeat(" ", trace.MaxSize+1)))
	assert.ErrorIs(t, err, trace.ErrTooLong)
}

func TestEncodeRefusesWhatParseWould(t *testing.T) {
	tr := session(t)
	tr.Entries[1].At = 5000
	var b bytes.Buffer
	assert.ErrorIs(t, tr.Encode(&b), trace.ErrMalformed)
	assert.Empty(t, b.Bytes())
}

func FuzzParse(f *testing.F) {
	f.Add(encode(f, session(f)))
	f.Add(encode(f, session(f).Redact()))
	f.Add([]byte(`{"trace":1,"content":"full","program":"","at":"2026-11-22T08:00:00Z"}` + "\n" + `{"at":0,"send":"00200080","receive":"9000"}` + "\n"))
	f.Fuzz(func(t *testing.T, file []byte) {
		tr, err := trace.Parse(bytes.NewReader(file))
		if err != nil {
			return
		}
		var again bytes.Buffer
		require.NoError(t, tr.Encode(&again))
		require.Equal(t, file, again.Bytes(), "one spelling")
		var redacted bytes.Buffer
		if tr.Header.Content == trace.Full {
			require.NoError(t, tr.Redact().Encode(&redacted))
		}
		commands := 0
		for _, step := range tr.Decode(trace.Names{}) {
			commands += step.Commands
		}
		exchanges := 0
		for _, e := range tr.Entries {
			if e.IsExchange() {
				exchanges++
			}
		}
		require.Equal(t, exchanges, commands, "every command is told of once")
	})
}

func TestMeaning(t *testing.T) {
	for sw, want := range map[apdu.Status]string{
		0x6C00: "ask for 256 bytes",
		0x9000: "done", 0x63C2: "wrong secret, 2 tries left", 0x6C20: "ask for 32 bytes", 0x6110: "more is waiting",
		0x6A82: "not found", 0x6F12: "error", 0x1234: "",
	} {
		assert.Equal(t, want, trace.Meaning(sw))
	}
	assert.Equal(t, "instruction 99", trace.InstructionName(0x99))
}
