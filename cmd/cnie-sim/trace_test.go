package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"filippo.io/age"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/apdu"
	"cnie/apdu/trace"
	"cnie/cardreader/emrtd"
	"cnie/cardreader/emrtd/access"
	"cnie/cardreader/recording"
	"cnie/internal/shell"
	"cnie/internal/traces"
	"cnie/lds"
	"cnie/pki"
	"cnie/simulator"
	"cnie/simulator/persona"
)

// recorded writes the recording of a shipped persona as `cnie trace record` does.
func recorded(t *testing.T, name string, change func(*trace.Trace), recipients ...age.Recipient) (file string, card *persona.Card) {
	t.Helper()
	p, err := persona.Load(name)
	require.NoError(t, err)
	card, err = p.Card()
	require.NoError(t, err)
	recorder := recording.Record(simulator.NewSystem("Somewhere", simulator.New(card)), rand.Reader, "cnie test")
	connection, err := recorder.System().Connect(t.Context(), "Somewhere 00")
	require.NoError(t, err)
	password, err := access.CAN(card.CAN)
	if len(card.PACE) == 0 {
		password, err = access.MRZ(card.MRZ)
	}
	require.NoError(t, err)
	channel := apdu.NewChannel(connection)
	channel.UseExtendedLength(connection.ATR().ExtendedLength())
	_, err = emrtd.Read(t.Context(), channel, emrtd.Options{
		ATR: connection.ATR(), Password: password, Files: []lds.File{lds.DG1, lds.DG2, lds.DG11}, AllowBAC: true, Rand: recorder.Rand(), Reset: connection.Reset,
	})
	require.NoError(t, err)
	require.NoError(t, connection.Close())
	whole, err := recorder.Trace()
	require.NoError(t, err)
	whole.Header.Specimen = len(recipients) == 0
	whole.Header.Session = trace.Session{Files: []string{"dg1", "dg2", "dg11"}, AllowBAC: true, Password: password.Kind()}
	if change != nil {
		change(whole)
	}
	var content bytes.Buffer
	require.NoError(t, traces.Write(&content, whole, recipients...))
	file = filepath.Join(t.TempDir(), "card.trace")
	require.NoError(t, os.WriteFile(file, content.Bytes(), 0o600))
	return file, card
}

func command(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, err bytes.Buffer
	code = run(t.Context(), args, &out, &err)
	return code, out.String(), err.String()
}

func TestTraceReplay(t *testing.T) {
	file, card := recorded(t, "specimen", nil)
	code, out, errs := command(t, "trace", "replay", "--can", card.CAN, file)
	require.Zero(t, code, errs)
	assert.True(t, strings.HasPrefix(out, "REPLAY of a recording of "), out)
	assert.Contains(t, out, "REFUSED")
	assert.Contains(t, out, "a recording was played to the reader; no card was there")
	for _, private := range []string{"SIMULATEUR", card.MRZ.DocumentNumber, card.CAN} {
		assert.NotContains(t, out, private)
	}

	code, out, errs = command(t, "trace", "replay", "--json", file)
	require.Zero(t, code, errs)
	var told played
	require.NoError(t, json.Unmarshal([]byte(out), &told))
	assert.True(t, told.Replayed)
	assert.Equal(t, pki.Refused, told.Verdict)
	for _, c := range told.Checks {
		assert.Equal(t, c.ID == pki.CheckAccessReplay, c.Outcome == pki.Failed, "%s: %s", c.ID, c.Reason)
	}
	assert.Positive(t, told.Commands)
}

func TestTraceReplayOfBAC(t *testing.T) {
	file, card := recorded(t, "bac-only", nil)
	key := []string{"--doc", card.MRZ.DocumentNumber, "--birth", card.MRZ.BirthDate, "--expiry", card.MRZ.ExpiryDate}
	code, out, errs := command(t, append([]string{"trace", "replay", file}, key...)...)
	require.Zero(t, code, errs)
	assert.Contains(t, out, "REFUSED")
}

func TestTraceReplayOfAFailure(t *testing.T) {
	file, _ := recorded(t, "specimen", func(whole *trace.Trace) {
		for i, e := range whole.Entries[:30] {
			if i == 29 {
				require.True(t, e.IsExchange())
				whole.Entries[i] = trace.Entry{At: e.At, Send: e.Send, Failure: trace.Removed}
			}
		}
		whole.Entries = whole.Entries[:30]
	})
	code, out, errs := command(t, "trace", "replay", file)
	require.Zero(t, code, errs)
	assert.Contains(t, out, "The session ended as it did then: ")
	assert.Contains(t, out, "the card was removed.")

	made := filepath.Join(t.TempDir(), "made.trace")
	code, out, errs = command(t, "trace", "redact", file, "-o", made)
	require.Zero(t, code, errs)
	assert.Contains(t, out, "with the commands, lengths, status words and times of the original.\n")
	code, out, errs = command(t, "trace", "replay", made)
	require.Zero(t, code, errs)
	assert.Contains(t, out, "the card was removed.")
}

func TestTraceRedact(t *testing.T) {
	mine, err := age.GenerateX25519Identity()
	require.NoError(t, err)
	identity := filepath.Join(t.TempDir(), "age.key")
	require.NoError(t, os.WriteFile(identity, []byte(mine.String()+"\n"), 0o600))
	file, card := recorded(t, "specimen", nil, mine.Recipient())
	out := filepath.Join(t.TempDir(), "made.trace")

	code, _, errs := command(t, "trace", "redact", file, "-o", out)
	assert.Equal(t, shell.ExitNotPermitted, code)
	assert.Contains(t, errs, "--identity FILE")
	assert.NoFileExists(t, out)

	code, told, errs := command(t, "trace", "redact", "--identity", identity, "--can", card.CAN, file, "-o", out)
	require.Zero(t, code, errs)
	assert.Equal(t, "Wrote "+out+": a SPECIMEN, with the commands, lengths, status words and times of the original.\n"+
		"Play it with `cnie-sim trace replay --can 123456 "+out+"`.\n", told)
	mode, err := os.Stat(out)
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o600), mode.Mode().Perm())
	content, err := os.ReadFile(out)
	require.NoError(t, err)
	for _, private := range append([]string{"SIMULATEUR", card.MRZ.DocumentNumber}, card.MRZLines...) {
		assert.NotContains(t, string(content), private)
		assert.NotContains(t, string(content), trace.Hex(private).String())
	}

	code, played, errs := command(t, "trace", "replay", out)
	require.Zero(t, code, errs)
	assert.Contains(t, played, "REFUSED")
}

func TestTraceErrors(t *testing.T) {
	file, _ := recorded(t, "specimen", nil)
	redacted, _ := recorded(t, "specimen", func(whole *trace.Trace) { *whole = *whole.Redact() })
	none := filepath.Join(t.TempDir(), "none")
	require.NoError(t, os.WriteFile(none, []byte("no trace\n"), 0o600))
	out := filepath.Join(t.TempDir(), "made.trace")
	cases := []struct {
		args     []string
		code     int
		sentence string
	}{
		{[]string{"replay"}, shell.ExitUsage, "accepts 1 arg"},
		{[]string{"replay", "/nowhere"}, shell.ExitFile, "cannot read /nowhere"},
		{[]string{"replay", none}, shell.ExitMalformed, "not a trace of this version"},
		{[]string{"replay", redacted}, shell.ExitMalformed, "there is nothing in it to play"},
		{[]string{"replay", "--can", "12345", file}, shell.ExitUsage, "six digits"},
		{[]string{"replay", "--can", "654321", file}, shell.ExitMalformed, "at step 6 (GENERAL AUTHENTICATE): the program sent another command"},
		{[]string{"replay", "--doc", "ZZZ0", file}, shell.ExitUsage, "birth"},
		{[]string{"replay", "--at", "today", file}, shell.ExitUsage, "--at wants a time"},
		{[]string{"replay", "--trust", "/nowhere", file}, shell.ExitMalformed, "trust anchors"},
		{[]string{"replay", "--identity", none, file}, shell.ExitMalformed, "no age private key"},
		{[]string{"replay", "--vpcd", "127.0.0.1:1", file}, shell.ExitUnavailable, "no virtual reader"},
		{[]string{"redact", file}, shell.ExitUsage, "--output FILE"},
		{[]string{"redact", redacted, "-o", out}, shell.ExitMalformed, "there is nothing in it to play"},
		{[]string{"redact", "--can", "654321", file, "-o", out}, shell.ExitMalformed, "at step 6"},
		{[]string{"redact", file, "-o", "/nowhere/made"}, shell.ExitFile, "cannot write /nowhere/made"},
	}
	for _, c := range cases {
		code, stdout, errs := command(t, append([]string{"trace"}, c.args...)...)
		assert.Equal(t, c.code, code, "%v: %s", c.args, errs)
		assert.Contains(t, errs, c.sentence, "%v", c.args)
		assert.Equal(t, 1, strings.Count(errs, "\n"), "one sentence: %s", errs)
		if c.args[0] != "replay" || c.code != shell.ExitUnavailable {
			assert.Empty(t, stdout, "%v", c.args)
		}
		assert.NoFileExists(t, out)
	}
}

// A recording lies in a virtual reader like a card; who asks something else is
// told that it has no answer.
func TestTraceOverAVirtualReader(t *testing.T) {
	file, card := recorded(t, "specimen", nil)
	reader := newReader(t)
	ctx, cancel := context.WithCancel(t.Context())
	var out, errs bytes.Buffer
	ended := make(chan int, 1)
	go func() {
		ended <- run(ctx, []string{"trace", "replay", "--vpcd", reader.Addr().String(), file}, &out, &errs)
	}()
	conn, err := reader.Accept()
	require.NoError(t, err)
	defer conn.Close()
	ask := func(frame ...byte) []byte {
		_, err := conn.Write(append([]byte{0, byte(len(frame))}, frame...))
		require.NoError(t, err)
		answer := make([]byte, 2)
		_, err = io.ReadFull(conn, answer)
		require.NoError(t, err)
		answer = make([]byte, int(answer[0])<<8|int(answer[1]))
		_, err = io.ReadFull(conn, answer)
		require.NoError(t, err)
		return answer
	}
	assert.Equal(t, card.ATR, ask(4))
	access := card.Files[lds.CardAccess]
	answer := ask(0x00, 0xB0, 0x9C, 0x00, 0x00)
	assert.Equal(t, append(append([]byte{}, access...), 0x90, 0x00), answer)
	assert.Equal(t, []byte{0x6F, 0x00}, ask(0x00, 0x84, 0x00, 0x00, 0x08))
	cancel()
	assert.Zero(t, <-ended)
	assert.Contains(t, out.String(), "REPLAY of a recording")
	assert.Equal(t, "cnie-sim: GET CHALLENGE is a command that the recorded card was not sent\n", errs.String())
}

// newReader listens as a virtual reader does.
func newReader(t *testing.T) net.Listener {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	return l
}
