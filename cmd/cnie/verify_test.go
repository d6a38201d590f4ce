package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/internal/vectors"
	"cnie/lds"
	"cnie/pki"
	"cnie/pki/specimen"
	"cnie/simulator"
	"cnie/simulator/persona"
)

// anchors writes the specimen country's certificate and revocation list.
func anchors(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, specimen.Default().WriteTrust(dir, time.Now()))
	return dir
}

// citizen gives a card of its own to each test, which may spoil it.
func citizen(t testing.TB) *persona.Card {
	t.Helper()
	p, err := persona.Load(persona.Names()[0])
	require.NoError(t, err)
	card, err := p.Card()
	require.NoError(t, err)
	return card
}

// outcome is what one command line came to.
type outcome struct {
	code           int
	stdout, stderr string
}

// cnie runs a command line against chips in this process.
func cnie(t testing.TB, system *simulator.System, args ...string) outcome {
	t.Helper()
	var stdout, stderr bytes.Buffer
	p := &program{system: system, stdin: &bytes.Buffer{}, stdout: &stdout, stderr: &stderr}
	code := p.run(t.Context(), args)
	return outcome{code, stdout.String(), stderr.String()}
}

// verify runs `cnie verify --json` on one chip and parses what it prints.
func verify(t testing.TB, chip *simulator.Chip, args ...string) (outcome, answer) {
	t.Helper()
	o := cnie(t, simulator.NewSystem("Simulated", chip), append([]string{"verify", "--json"}, args...)...)
	var a answer
	if o.stdout != "" {
		require.NoError(t, json.Unmarshal([]byte(o.stdout), &a))
	}
	return o, a
}

// failed lists the ids of the checks that failed.
func failed(a answer) (ids []string) {
	for _, check := range a.Checks {
		if check.Outcome == pki.Failed {
			ids = append(ids, string(check.ID))
		}
	}
	return ids
}

func TestCitizenIsAcceptedAndMarked(t *testing.T) {
	card := citizen(t)
	page := filepath.Join(t.TempDir(), "report.html")
	o, a := verify(t, simulator.New(card), "--can", card.CAN, "--trust", anchors(t), "--report", page)
	require.Equal(t, exitOK, o.code, "%s%s", o.stdout, o.stderr)
	assert.Equal(t, pki.Accepted, a.Verdict)
	assert.True(t, a.Specimen)
	require.NotNil(t, a.Holder)
	assert.Equal(t, pki.MarkSpecimen, a.Holder.Watermark)
	assert.Equal(t, "SPECIMEN", a.Holder.Surname)
	assert.Equal(t, "ZZ000001", a.Holder.CIN)
	assert.NotEmpty(t, a.Holder.NationalSurname)
	assert.Equal(t, pki.PACE, a.Access.Protocol)
	content, err := os.ReadFile(page)
	require.NoError(t, err)
	for _, part := range []string{`<header class="accepted">`, "SPECIMEN", "data:image/jpeg;base64,", "integrity.dg2", `dir="rtl"`} {
		assert.True(t, bytes.Contains(content, []byte(part)), "the report has no %s", part)
	}
}

func TestCitizenWithoutAnchors(t *testing.T) {
	card := citizen(t)
	o, a := verify(t, simulator.New(card), "--can", card.CAN)
	assert.Equal(t, exitInconclusive, o.code)
	assert.Equal(t, pki.Inconclusive, a.Verdict)
	assert.Empty(t, failed(a))
	assert.Nil(t, a.Holder)
	assert.NotContains(t, o.stdout, "SIMULATEUR")

	o, a = verify(t, simulator.New(card), "--can", card.CAN, "--allow-unverified-issuer")
	assert.Equal(t, exitInconclusive, o.code, "showing fields does not make the verdict better")
	require.NotNil(t, a.Holder)
	assert.Equal(t, pki.MarkUnverifiedIssuer, a.Holder.Watermark)
}

func TestOpenByMRZ(t *testing.T) {
	card, trust := citizen(t), anchors(t)
	for _, args := range [][]string{
		{"--mrz", strings.Join(card.MRZLines, "\n")},
		{"--mrz", strings.Join(card.MRZLines, "")},
		{"--doc", card.MRZ.DocumentNumber, "--birth", card.MRZ.BirthDate, "--expiry", card.MRZ.ExpiryDate},
	} {
		o, a := verify(t, simulator.New(card), append(args, "--trust", trust)...)
		assert.Equal(t, exitOK, o.code, o.stderr)
		assert.Equal(t, "MRZ", a.Access.Password)
	}
}

// Each way to spoil a card is refused for the right reason and shows nothing of
// the holder.
func TestTamperedCards(t *testing.T) {
	flip := func(f lds.File, at func([]byte) int) func(*persona.Card) {
		return func(c *persona.Card) { c.Files[f][at(c.Files[f])] ^= 1 }
	}
	last := func(b []byte) int { return len(b) - 1 }
	middle := func(b []byte) int { return len(b) / 2 }
	dsc := func(part string) func([]byte) int {
		return func(b []byte) int { return strings.Index(string(b), part) + 4 }
	}
	cases := []struct {
		name  string
		spoil func(*persona.Card)
		want  []string
	}{
		{"DG1", flip(lds.DG1, last), []string{"integrity.dg1"}},
		{"DG2, the photo", flip(lds.DG2, middle), []string{"integrity.dg2"}},
		{"DG11", flip(lds.DG11, middle), []string{"integrity.dg11"}},
		{"DG14", flip(lds.DG14, last), []string{"integrity.dg14"}},
		{"SOD, signature", flip(lds.SOD, last), []string{"integrity.signature"}},
		{"SOD, list of hashes", flip(lds.SOD, func(b []byte) int { return hashIn(t, b) }), []string{"integrity.dg1", "integrity.signature"}},
		{"DSC, its name", flip(lds.SOD, dsc("SPECIMEN - NOT")), []string{"integrity.signature"}},
		{"SOD, outermost tag", flip(lds.SOD, func([]byte) int { return 0 }), []string{"integrity.sod"}},
		{"DG14 hidden", func(c *persona.Card) { delete(c.Files, lds.DG14) }, []string{"integrity.presence"}},
		{"DG2 hidden", func(c *persona.Card) { delete(c.Files, lds.DG2) }, []string{"integrity.presence"}},
		{"SOD hidden", func(c *persona.Card) { delete(c.Files, lds.SOD) }, []string{"integrity.sod"}},
		{"copy without the key", func(c *persona.Card) { c.ChipKeys = nil }, []string{"chip.authentication"}},
		{"copy with another key", func(c *persona.Card) {
			c.ChipKeys[0].Private = specimen.Scalar(c.ChipKeys[0].Curve, "another key")
		}, []string{"chip.authentication"}},
		{"SOD of another citizen", func(c *persona.Card) { c.Files[lds.SOD] = someoneElse(t).Files[lds.SOD] }, []string{"integrity.dg1", "integrity.dg2", "integrity.dg11", "integrity.dg14"}},
		{"CardAccess offers a weaker way", weakenCardAccess, []string{"access.downgrade"}},
	}
	trust := anchors(t)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			card := citizen(t)
			c.spoil(card)
			o, a := verify(t, simulator.New(card), "--can", card.CAN, "--trust", trust)
			assert.Equal(t, exitRefused, o.code, o.stderr)
			assert.Equal(t, pki.Refused, a.Verdict)
			for _, id := range c.want {
				assert.Contains(t, failed(a), id)
			}
			assert.Nil(t, a.Holder)
			assert.NotContains(t, o.stdout, "SIMULATEUR")
		})
	}
}

// hashIn finds the first hash in the list that EF.SOD signs.
func hashIn(t *testing.T, sod []byte) int {
	digest := sha256.Sum256(citizen(t).Files[lds.DG1])
	i := bytes.Index(sod, digest[:])
	require.Positive(t, i)
	return i
}

func someoneElse(t *testing.T) *persona.Card {
	p, err := persona.Load(persona.Names()[1])
	require.NoError(t, err)
	card, err := p.Card()
	require.NoError(t, err)
	return card
}

// weakenCardAccess replaces what the chip offers, and speaks, by 3DES.
func weakenCardAccess(c *persona.Card) {
	c.PACE[0].OID[len(c.PACE[0].OID)-1] = 1
	set, err := lds.SecurityInfos{PACE: c.PACE}.Encode()
	if err != nil {
		panic(err)
	}
	c.Files[lds.CardAccess] = set
}

// A response whose checksum is wrong, at any point of the reading, is a finding:
// the card is refused, or its chip is, and nothing of the holder is shown.
func TestForgedChecksum(t *testing.T) {
	card, trust := citizen(t), anchors(t)
	total := countAPDUs(t, card)
	for index := range total {
		n := 0
		wire := func(next func([]byte) []byte) func([]byte) []byte {
			return func(command []byte) []byte {
				answer := next(command)
				if n++; n == index+1 && command[0]&0x0C == 0x0C && len(answer) > 10 {
					answer[len(answer)-3] ^= 1 // the last byte of DO'8E'
				}
				return answer
			}
		}
		o, a := verify(t, simulator.New(card, simulator.WithWire(wire)), "--can", card.CAN, "--trust", trust)
		if o.code == exitOK {
			assert.Less(t, index, 12, "an answer that was not protected")
			continue
		}
		require.Equal(t, exitRefused, o.code, "APDU %d: %s", index, o.stderr)
		assert.Subset(t, []string{"access.channel", "chip.authentication"}, failed(a), "APDU %d", index)
		assert.Nil(t, a.Holder)
	}
}

func countAPDUs(t *testing.T, card *persona.Card) int {
	n := 0
	wire := func(next func([]byte) []byte) func([]byte) []byte {
		return func(command []byte) []byte { n++; return next(command) }
	}
	o, _ := verify(t, simulator.New(card, simulator.WithWire(wire)), "--can", card.CAN, "--trust", anchors(t))
	require.Equal(t, exitOK, o.code, o.stderr)
	return n
}

// A card pulled at any moment ends in one sentence, without output and files.
func TestCardPulledAtEveryAPDU(t *testing.T) {
	card, trust := citizen(t), anchors(t)
	total := countAPDUs(t, card)
	require.Greater(t, total, 30)
	for index := range total {
		page := filepath.Join(t.TempDir(), "report.html")
		var system *simulator.System
		n := 0
		wire := func(next func([]byte) []byte) func([]byte) []byte {
			return func(command []byte) []byte {
				if n++; n == index+1 {
					require.NoError(t, system.Remove(onlyReader(t, system)))
				}
				return next(command)
			}
		}
		system = simulator.NewSystem("Simulated", simulator.New(card, simulator.WithWire(wire)))
		o := cnie(t, system, "verify", "--json", "--can", card.CAN, "--trust", trust, "--report", page)
		require.Equal(t, exitTryAgain, o.code, "APDU %d: %s", index, o.stderr)
		assert.Equal(t, "cnie: the card was removed; lay it back on the reader and start again\n", o.stderr)
		assert.Empty(t, o.stdout)
		assert.NoFileExists(t, page)
	}
}

func onlyReader(t *testing.T, s *simulator.System) string {
	readers, err := s.Readers(t.Context())
	require.NoError(t, err)
	require.Len(t, readers, 1)
	return readers[0].Name
}

func TestReaderGone(t *testing.T) {
	card := citizen(t)
	var system *simulator.System
	n := 0
	wire := func(next func([]byte) []byte) func([]byte) []byte {
		return func(command []byte) []byte {
			if n++; n == 20 {
				require.NoError(t, system.Unplug(onlyReader(t, system)))
			}
			return next(command)
		}
	}
	system = simulator.NewSystem("Simulated", simulator.New(card, simulator.WithWire(wire)))
	o := cnie(t, system, "verify", "--can", card.CAN)
	assert.Equal(t, exitUnavailable, o.code)
	assert.Equal(t, "cnie: the card reader was unplugged; plug it in and start again\n", o.stderr)
	assert.Empty(t, o.stdout)
}

// The public BSI specimen of 2008: SHA-1, an explicit Brainpool curve, BAC only,
// and a dump has no private key, so that it is what a copied chip looks like.
func TestBSISpecimen(t *testing.T) {
	dump, err := persona.FromDir(vectors.Shared(t, "bsi2008"))
	require.NoError(t, err)
	key := []string{"--doc", "C11T002JM", "--birth", "960812", "--expiry", "131031"}
	then := append(key, "--allow-bac", "--at", "2008-06-01T00:00:00Z")

	o, a := verify(t, simulator.New(dump), then...)
	require.Equal(t, exitRefused, o.code, o.stderr)
	assert.Equal(t, []string{"chip.authentication"}, failed(a))
	outcomes := map[pki.CheckID]pki.Outcome{}
	for _, c := range a.Checks {
		outcomes[c.ID] = c.Outcome
	}
	for id, want := range map[pki.CheckID]pki.Outcome{
		"access.protocol": pki.Warned, "integrity.dg1": pki.Passed, "integrity.dg2": pki.Passed, "integrity.dg14": pki.Passed,
		"integrity.signature": pki.Passed, "integrity.algorithm": pki.Warned, "issuer.path": pki.NotChecked, "issuer.profile": pki.Warned,
	} {
		assert.Equal(t, want, outcomes[id], id)
	}
	assert.Nil(t, a.Holder)

	o, a = verify(t, simulator.New(dump), append(key, "--allow-bac")...)
	assert.Equal(t, exitRefused, o.code)
	assert.Contains(t, failed(a), "validity.document")

	o, a = verify(t, simulator.New(dump), key...)
	assert.Equal(t, exitRefused, o.code)
	assert.Equal(t, []string{"access.protocol"}, failed(a))
	assert.LessOrEqual(t, len(a.Checks), 34)
	assert.NotContains(t, fmt.Sprint(a.Checks), "is what EF.SOD lists", "nothing is read")
	assert.Less(t, a.IO.Received, 10, "status words and no more")

	o, _ = verify(t, simulator.New(dump), "--can", "123456", "--allow-bac")
	assert.Equal(t, exitUsage, o.code)
	assert.Contains(t, o.stderr, "a CAN does not open it")
}

// Nothing that a debug run prints may help to open the card or name its holder.
func TestDebugLogKeepsSecrets(t *testing.T) {
	card := citizen(t)
	var heard [][]byte
	wire := func(next func([]byte) []byte) func([]byte) []byte {
		return func(command []byte) []byte {
			answer := next(command)
			heard = append(heard, bytes.Clone(command), bytes.Clone(answer))
			return answer
		}
	}
	o := cnie(t, simulator.NewSystem("Simulated", simulator.New(card, simulator.WithWire(wire))), "verify", "--debug", "--can", card.CAN)
	require.Equal(t, exitInconclusive, o.code)
	log := strings.ToUpper(o.stdout + o.stderr)
	require.Contains(t, log, "HEADER=", "the log says something at all")
	secrets := append([]string{card.CAN, "SIMULATEUR", card.MRZ.DocumentNumber}, card.MRZLines...)
	for _, file := range card.Files {
		for at := 0; at+8 <= len(file); at += 8 {
			secrets = append(secrets, strings.ToUpper(hex.EncodeToString(file[at:at+8])))
		}
	}
	for _, b := range heard {
		if len(b) > 12 {
			secrets = append(secrets, strings.ToUpper(hex.EncodeToString(b[5:13])))
		}
	}
	for _, key := range card.ChipKeys {
		secrets = append(secrets, strings.ToUpper(hex.EncodeToString(key.Private)))
	}
	for _, secret := range secrets {
		assert.NotContains(t, log, secret)
	}
}

func TestWrongPassword(t *testing.T) {
	card := citizen(t)
	page := filepath.Join(t.TempDir(), "report.html")
	wrong := "654321"
	require.NotEqual(t, wrong, card.CAN)
	o, _ := verify(t, simulator.New(card), "--can", wrong, "--report", page)
	assert.Equal(t, exitWrongPassword, o.code)
	assert.Equal(t, "cnie: the card does not open with this CAN or MRZ; compare it with the card and try again\n", o.stderr)
	assert.Empty(t, o.stdout)
	assert.NoFileExists(t, page)
}

func TestArguments(t *testing.T) {
	card := citizen(t)
	broken := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(broken, "CSCA1.der"), []byte("not a certificate"), 0o600))
	cases := []struct {
		args     []string
		code     int
		sentence string
	}{
		{[]string{"verify"}, exitUsage, "--can NUMBER"},
		{[]string{"verify", "--can", "12345"}, exitUsage, "six digits"},
		{[]string{"verify", "--can", "12345a"}, exitUsage, "six digits"},
		{[]string{"verify", "--can", "123456", "--mrz", "x"}, exitUsage, "one of --can"},
		{[]string{"verify", "--doc", "ZZZ0SIM1"}, exitUsage, "MRZ key"},
		{[]string{"verify", "--doc", "ZZZ0SIM1", "--birth", "90", "--expiry", "350101"}, exitUsage, "MRZ key"},
		{[]string{"verify", "--mrz", "IDMAR"}, exitUsage, "machine-readable zone"},
		{[]string{"verify", "--can", "123456", "--at", "yesterday"}, exitUsage, "2026-01-31T12:00:00Z"},
		{[]string{"verify", "--can", "123456", "--at", ""}, exitUsage, "2026-01-31T12:00:00Z"},
		{[]string{"verify", "--can", "123456", "--wait", "-1s"}, exitUsage, "--wait"},
		{[]string{"verify", "--can", "123456", "--report", "same", "--save-evidence", "./same"}, exitUsage, "the same file"},
		{[]string{"verify", "--can", "123456", "--read", "dg1,dg17"}, exitUsage, "dg17"},
		{[]string{"verify", "--can", "123456", "--read", "dg3"}, exitUsage, "never read"},
		{[]string{"verify", "--can", "123456", "--trust", "/nowhere"}, exitMalformed, "CSCA*.der"},
		{[]string{"verify", "--can", "123456", "--trust", broken}, exitMalformed, "CSCA1.der"},
		{[]string{"verify", "--can", "123456", "--reader", "Omnikey"}, exitUnavailable, "cnie readers"},
		{[]string{"verify", "--can", card.CAN, "--report", "/nowhere/report.html"}, exitIO, "cannot write"},
		{[]string{"verify", "--can", card.CAN, "--paper", "a5"}, exitUsage, "58mm"},
		{[]string{"verify", "--can", card.CAN, "--paper", "58mm"}, exitUsage, "give both"},
		{[]string{"verify", "--can", card.CAN, "--policy", "/nowhere"}, exitIO, "cannot read"},
		{[]string{"verify", "card"}, exitUsage, "takes no argument"},
		{[]string{"verify", "--cam", "123456"}, exitUsage, "--help"},
		{[]string{"veryfy"}, exitUsage, "--help"},
		{[]string{"readers", "all"}, exitUsage, "takes no argument"},
	}
	for _, c := range cases {
		t.Run(strings.Join(c.args, " "), func(t *testing.T) {
			o := cnie(t, simulator.NewSystem("Simulated", simulator.New(card)), c.args...)
			assert.Equal(t, c.code, o.code, o.stderr)
			assert.Contains(t, o.stderr, c.sentence)
			assert.Equal(t, 1, strings.Count(o.stderr, "\n"), "one sentence: %s", o.stderr)
			assert.Empty(t, o.stdout)
		})
	}
}

func TestNoReaderNoCard(t *testing.T) {
	o := cnie(t, simulator.NewSystem("Simulated"), "verify", "--can", "123456")
	assert.Equal(t, exitUnavailable, o.code)
	assert.Contains(t, o.stderr, "no card reader was found")
	o = cnie(t, simulator.NewSystem("Simulated", nil), "verify", "--can", "123456")
	assert.Equal(t, exitUnavailable, o.code)
	assert.Contains(t, o.stderr, "there is no card in the reader")
	o = cnie(t, simulator.NewSystem("Simulated", nil), "verify", "--can", "123456", "--wait", "50ms")
	assert.Contains(t, o.stderr, "there is no card in the reader")
}

func TestWaitForCard(t *testing.T) {
	card := citizen(t)
	system := simulator.NewSystem("Simulated", nil)
	reader := onlyReader(t, system)
	time.AfterFunc(100*time.Millisecond, func() { _ = system.Insert(reader, simulator.New(card)) })
	o := cnie(t, system, "verify", "--can", card.CAN, "--wait", "10s", "--trust", anchors(t))
	assert.Equal(t, exitOK, o.code, o.stderr)
	assert.True(t, strings.HasPrefix(o.stdout, "ACCEPTED  SPECIMEN\n"), o.stdout)
}

// Every shipped persona is judged as its file says, at the time that it says and
// for the reason that it gives: exactly the checks that it names fail.
func TestEveryPersona(t *testing.T) {
	today := anchors(t)
	for _, name := range persona.Names() {
		t.Run(name, func(t *testing.T) {
			p, err := persona.Load(name)
			require.NoError(t, err)
			card, err := p.Card()
			require.NoError(t, err)
			args := []string{"--can", card.CAN, "--trust", today}
			if len(card.PACE) == 0 {
				args[0], args[1] = "--mrz", strings.Join(card.MRZLines, "")
			}
			if p.Expect.AllowBAC {
				args = append(args, "--allow-bac")
			}
			if p.Expect.At != "" {
				args[3] = anchorsAt(t, p.Expect.At)
				args = append(args, "--at", p.Expect.At)
			}
			o, a := verify(t, simulator.New(card), args...)
			assert.Empty(t, o.stderr)
			assert.Equal(t, p.Expect.Verdict, string(a.Verdict), "%v", failed(a))
			assert.ElementsMatch(t, p.Expect.Failed, failed(a))
		})
	}
}

// anchorsAt is anchors with the revocation list of another day.
func anchorsAt(t *testing.T, moment string) string {
	at, err := time.Parse(time.RFC3339, moment)
	require.NoError(t, err)
	dir := t.TempDir()
	require.NoError(t, specimen.Default().WriteTrust(dir, at))
	return dir
}
