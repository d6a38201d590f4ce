package emrtd_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/apdu"
	"cnie/cardreader"
	"cnie/cardreader/emrtd"
	"cnie/cardreader/emrtd/access"
	"cnie/internal/ec"
	"cnie/internal/vectors"
	"cnie/lds"
	"cnie/pki"
	"cnie/simulator"
	"cnie/simulator/persona"
)

var asked = []lds.File{lds.DG1, lds.DG2, lds.DG11}

// link is the wire to a chip in this process. It can be cut at a command, and
// it can change what comes back.
type link struct {
	chip     *simulator.Chip
	commands int
	cutAt    int // the card is pulled at this command; -1: never
	pulled   atomic.Bool
	change   func(command int, sent, answer []byte) []byte
	seen     [][]byte // headers
}

func (l *link) TransmitRaw(ctx context.Context, command []byte) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	l.seen = append(l.seen, bytes.Clone(command[:4]))
	if l.commands == l.cutAt || l.pulled.Load() {
		return nil, cardreader.ErrCardRemoved
	}
	answer := l.chip.Transmit(command)
	if l.change != nil {
		answer = l.change(l.commands, command, answer)
	}
	l.commands++
	return answer, nil
}

func (l *link) reset(context.Context) error {
	l.chip.Reset()
	return nil
}

func load(t testing.TB, name string) *persona.Card {
	t.Helper()
	p, err := persona.Load(name)
	require.NoError(t, err)
	card, err := p.Card()
	require.NoError(t, err)
	return card
}

func insert(card *persona.Card) *link {
	chip := simulator.New(card)
	chip.Power(true)
	return &link{chip: chip, cutAt: -1}
}

func can(t testing.TB, number string) access.Password {
	p, err := access.CAN(number)
	require.NoError(t, err)
	return p
}

func mrz(t testing.TB, key lds.MRZKey) access.Password {
	p, err := access.MRZ(key)
	require.NoError(t, err)
	return p
}

func read(l *link, o emrtd.Options) (*pki.Evidence, error) {
	return emrtd.Read(context.Background(), apdu.NewChannel(l), o)
}

// readAsAnnounced uses the extended form of commands where the card announces it.
func readAsAnnounced(l *link, o emrtd.Options) (*pki.Evidence, error) {
	o.ATR = l.chip.ATR()
	var options []apdu.Option
	if o.ATR.ExtendedLength() {
		options = append(options, apdu.WithExtendedLength())
	}
	return emrtd.Read(context.Background(), apdu.NewChannel(l, options...), o)
}

func assertFiles(t *testing.T, card *persona.Card, e *pki.Evidence, files ...lds.File) {
	t.Helper()
	for _, f := range files {
		assert.True(t, bytes.Equal(card.Files[f], e.Files[f]), "%v: %d bytes, card has %d", f, len(e.Files[f]), len(card.Files[f]))
	}
}

// Every persona is read whole, by the CAN and by the MRZ.
func TestReadPersonas(t *testing.T) {
	for _, name := range persona.Names() {
		t.Run(name, func(t *testing.T) {
			card := load(t, name)
			passwords := []access.Password{mrz(t, card.MRZ)}
			if len(card.PACE) > 0 && card.CAN != "" {
				passwords = append(passwords, can(t, card.CAN))
			}
			for _, password := range passwords {
				l := insert(card)
				e, err := readAsAnnounced(l, emrtd.Options{Password: password, Files: asked, AllowBAC: true, Reset: l.reset})
				require.NoError(t, err)
				assert.Empty(t, e.Broken)
				assert.Equal(t, password.Kind(), e.Access.Password)
				for _, f := range e.Asked {
					if _, there := card.Files[f]; there {
						assertFiles(t, card, e, f)
					}
				}
				assert.Equal(t, len(card.PACE) > 0, e.Access.Protocol == pki.PACE)
				switch {
				case e.Access.Mapping == "CAM":
					require.NotNil(t, e.Mapping)
					assert.Equal(t, pki.ChipPerformed, e.Mapping.Outcome)
				case len(card.ChipKeys) > 0 && len(card.Files[lds.DG14]) > 0:
					require.NotNil(t, e.Chip)
					assert.Equal(t, pki.ChipPerformed, e.Chip.Outcome)
				}
			}
		})
	}
}

// Every standardised curve with every cipher, for PACE and Chip Authentication
// each; beside it the card offers something weaker, listed first.
func TestEveryVariant(t *testing.T) {
	p, err := persona.Load("specimen")
	require.NoError(t, err)
	weaker := persona.Protocol{Curve: "P-192", Cipher: "3DES"}
	for id := 8; id <= 18; id++ {
		curve, known := ec.ByParameterID(id)
		require.True(t, known, id)
		for i, c := range []string{"AES-128", "AES-192", "AES-256", "3DES"} {
			variant := *p
			this := persona.Protocol{Curve: curve.Name(), Cipher: c}
			variant.Chip.PACE = []persona.Protocol{this}
			if c != "3DES" {
				variant.Chip.PACE = []persona.Protocol{weaker, {Mapping: "IM", Curve: "P-192", Cipher: "3DES"}, this}
			}
			key := 5 + i
			this.ID, this.Explicit = &key, i%2 == 0
			other := 300
			variant.Chip.Authentication = []persona.Protocol{{Curve: "P-256", Cipher: "3DES", ID: &other}, this}
			card, err := variant.Card()
			require.NoError(t, err)
			e, err := read(insert(card), emrtd.Options{Password: can(t, card.CAN), Files: []lds.File{lds.DG1}})
			require.NoError(t, err, "%v %s", curve, c)
			require.Empty(t, e.Broken)
			assertFiles(t, card, e, lds.DG1)
			assert.Equal(t, curve.Name(), e.Access.Parameters)
			assert.Equal(t, c, e.Access.Cipher)
			require.NotNil(t, e.Chip)
			assert.Equal(t, pki.ChipPerformed, e.Chip.Outcome, "%v %s", curve, c)
			if c != "3DES" {
				assert.Equal(t, &key, e.Chip.KeyID)
			}
		}
	}
}

func TestEvidenceOfTheSpecimen(t *testing.T) {
	card := load(t, "specimen")
	var steps []emrtd.Progress
	e, err := read(insert(card), emrtd.Options{
		Password: can(t, card.CAN), Files: asked, Progress: func(p emrtd.Progress) { steps = append(steps, p) },
	})
	require.NoError(t, err)
	assertFiles(t, card, e, lds.CardAccess, lds.SOD, lds.DG1, lds.DG2, lds.DG11, lds.DG14)
	assert.Equal(t, pki.Access{Protocol: "PACE", Password: "CAN", Mapping: "GM", Parameters: "P-256", Cipher: "AES-128", OID: "0.4.0.127.0.7.2.2.4.2.2"}, e.Access)
	assert.Equal(t, []lds.File{lds.SOD, lds.DG14, lds.DG1, lds.DG2, lds.DG11}, e.Asked[:5])
	assert.False(t, e.ReadAt.IsZero())
	assert.Empty(t, e.Denied)
	assert.NotContains(t, e.Files, lds.COM)
	last := steps[len(steps)-1]
	assert.Equal(t, emrtd.StepFile, last.Step)
	assert.Equal(t, len(card.Files[last.File]), last.BytesRead)
	assert.Equal(t, last.BytesTotal, last.BytesRead)
}

// SOD, DG1, DG2 of 15 KB, DG11 and DG14 in short APDUs, after access control.
func TestAPDUBudget(t *testing.T) {
	card := load(t, "specimen")
	l := insert(card)
	_, err := read(l, emrtd.Options{Password: can(t, card.CAN), Files: asked})
	require.NoError(t, err)
	bytes := 0
	for _, f := range []lds.File{lds.SOD, lds.DG1, lds.DG2, lds.DG11, lds.DG14} {
		bytes += len(card.Files[f])
	}
	const before = 1 + 5 // EF.CardAccess, PACE
	t.Logf("%d bytes in %d APDUs after access", bytes, l.commands-before)
	assert.LessOrEqual(t, l.commands-before, 84)
}

var paceRuns = flag.Int("pace-runs", 500, "PACE runs in a row")

// A leading zero that gets lost somewhere shows once in 256 runs. Each run has a
// Chip Authentication too.
func TestPACERuns(t *testing.T) {
	runs := *paceRuns
	personas := []string{"specimen", "brainpool", "tdes", "p384"}
	for i, name := range personas {
		card := load(t, name)
		l := insert(card)
		password := can(t, card.CAN)
		for run := i; run < runs; run += len(personas) {
			require.NoError(t, l.reset(context.Background()))
			e, err := read(l, emrtd.Options{Password: password})
			require.NoError(t, err, "run %d", run)
			require.Empty(t, e.Broken, "run %d", run)
			require.Equal(t, pki.ChipPerformed, e.Chip.Outcome, "run %d", run)
		}
	}
	t.Logf("%d PACE runs with Chip Authentication over %v, no failure", runs, personas)
}

// The card is pulled at every single command: no evidence, the right error.
func TestRemovalAtEveryCommand(t *testing.T) {
	for _, name := range []string{"specimen", "bac-only"} {
		card := load(t, name)
		whole := insert(card)
		o := emrtd.Options{Password: mrz(t, card.MRZ), Files: []lds.File{lds.DG1, lds.DG11}, AllowBAC: true}
		_, err := read(whole, o)
		require.NoError(t, err)
		for i := range whole.commands {
			l := insert(card)
			l.cutAt = i
			e, err := read(l, o)
			require.ErrorIs(t, err, cardreader.ErrCardRemoved, "%s, command %d", name, i)
			require.Nil(t, e)
		}
	}
}

func TestCancelled(t *testing.T) {
	card := load(t, "specimen")
	ctx, cancel := context.WithCancel(context.Background())
	o := emrtd.Options{Password: can(t, card.CAN), Files: asked, Progress: func(p emrtd.Progress) {
		if p.File == lds.DG2 {
			cancel()
		}
	}}
	e, err := emrtd.Read(ctx, apdu.NewChannel(insert(card)), o)
	assert.ErrorIs(t, err, context.Canceled)
	assert.Nil(t, e)
}

func TestWrongPassword(t *testing.T) {
	for name, password := range map[string]access.Password{
		"specimen": can(t, "999999"), "pace-bac": mrz(t, lds.MRZKey{DocumentNumber: "ZZZ999999", BirthDate: "000101", ExpiryDate: "300101"}),
		"bac-only": mrz(t, lds.MRZKey{DocumentNumber: "ZZZ999999", BirthDate: "000101", ExpiryDate: "300101"}),
	} {
		card := load(t, name)
		l := insert(card)
		e, err := read(l, emrtd.Options{Password: password, AllowBAC: true})
		assert.ErrorIs(t, err, access.ErrWrongPassword, name)
		assert.ErrorIs(t, err, apdu.ErrWrongSecret, name)
		assert.Nil(t, e)
		if len(card.PACE) > 0 {
			assertNoBAC(t, l)
		}
	}
}

func assertNoBAC(t *testing.T, l *link) {
	t.Helper()
	for _, header := range l.seen {
		assert.NotEqual(t, byte(apdu.INSGetChallenge), header[1], "BAC was tried")
	}
}

// PACE that fails for whatever reason is never followed by BAC.
func TestNoDowngrade(t *testing.T) {
	card := load(t, "pace-bac")
	for at := 1; at <= 5; at++ {
		for _, sw := range [][]byte{{0x69, 0x82}, {0x6A, 0x80}, {0x6D, 0x00}, {0x63, 0x00}, {0x90, 0x00}} {
			l := insert(card)
			l.change = func(i int, _, answer []byte) []byte {
				if i == at {
					return sw
				}
				return answer
			}
			e, err := read(l, emrtd.Options{Password: mrz(t, card.MRZ), AllowBAC: true})
			if sw[0] == 0x90 && at > 1 {
				require.NoError(t, err)
				assert.Contains(t, e.Broken, "PACE")
				assert.Empty(t, e.Access.Protocol)
			} else if sw[0] != 0x90 {
				require.Error(t, err)
			}
			assertNoBAC(t, l)
		}
	}
}

func TestBACNeedsPermission(t *testing.T) {
	card := load(t, "bac-only")
	l := insert(card)
	e, err := read(l, emrtd.Options{Password: mrz(t, card.MRZ)})
	require.NoError(t, err)
	assert.Empty(t, e.Access)
	assert.Empty(t, e.Files)
	assertNoBAC(t, l)
	_, err = read(insert(card), emrtd.Options{Password: can(t, "123456"), AllowBAC: true})
	assert.ErrorIs(t, err, access.ErrPassword)
}

// The files of the BSI specimen of 2008 on a card without private keys.
func TestCopiedChip(t *testing.T) {
	card, err := persona.FromDir(vectors.Shared(t, "bsi2008"))
	require.NoError(t, err)
	key := lds.MRZKey{DocumentNumber: "C11T002JM", BirthDate: "960812", ExpiryDate: "131031"}
	e, err := read(insert(card), emrtd.Options{Password: mrz(t, key), Files: []lds.File{lds.DG1, lds.DG2}, AllowBAC: true})
	require.NoError(t, err)
	assertFiles(t, card, e, lds.SOD, lds.DG1, lds.DG2, lds.DG14)
	assert.Equal(t, pki.BAC, e.Access.Protocol)
	require.NotNil(t, e.Chip)
	assert.Equal(t, pki.ChipRefused, e.Chip.Outcome)
	assert.NotZero(t, e.Chip.Status)
	assert.Equal(t, "0.4.0.127.0.7.2.2.3.2.1", e.Chip.Protocol)
	assert.Empty(t, e.Broken)
}

// A copy with a key of its own agrees to everything and then has other keys.
func TestForgedChip(t *testing.T) {
	for _, name := range []string{"specimen", "tdes"} {
		card := load(t, name)
		require.NotEmpty(t, card.ChipKeys)
		forged := *card
		forged.ChipKeys = append([]persona.ChipKey{}, card.ChipKeys...)
		for i := range forged.ChipKeys {
			forged.ChipKeys[i].Private = bytes.Clone(forged.ChipKeys[i].Private)
			forged.ChipKeys[i].Private[5] ^= 1
		}
		for _, withReset := range []bool{true, false} {
			l := insert(&forged)
			resets := 0
			o := emrtd.Options{Password: mrz(t, card.MRZ), Files: asked, AllowBAC: true}
			if withReset {
				o.Reset = func(ctx context.Context) error { resets++; return l.reset(ctx) }
			}
			e, err := read(l, o)
			require.NoError(t, err, name)
			assert.Equal(t, pki.ChipBroken, e.Chip.Outcome)
			assert.NotEmpty(t, e.Chip.EphemeralPrivate, "what failed can be judged again")
			assert.NotEmpty(t, e.Chip.Command)
			assert.NotEmpty(t, e.Chip.Response)
			assert.Empty(t, e.Broken)
			assertFiles(t, card, e, lds.SOD, lds.DG1, lds.DG2, lds.DG11, lds.DG14)
			assert.Equal(t, withReset, resets == 1)
		}
	}
}

func TestResetFails(t *testing.T) {
	card := load(t, "specimen")
	forged := *card
	forged.ChipKeys = []persona.ChipKey{card.ChipKeys[0]}
	forged.ChipKeys[0].Private = append([]byte{0}, forged.ChipKeys[0].Private[1:]...)
	gone := errors.New("reader gone")
	e, err := read(insert(&forged), emrtd.Options{Password: can(t, card.CAN), Reset: func(context.Context) error { return gone }})
	assert.ErrorIs(t, err, gone)
	assert.Nil(t, e)
}

func TestHiddenFiles(t *testing.T) {
	card := load(t, "specimen")
	for _, hidden := range []lds.File{lds.DG14, lds.DG2, lds.SOD} {
		poor := *card
		poor.Files = map[lds.File][]byte{}
		for f, content := range card.Files {
			if f != hidden {
				poor.Files[f] = content
			}
		}
		e, err := read(insert(&poor), emrtd.Options{Password: can(t, card.CAN), Files: asked})
		require.NoError(t, err)
		assert.Equal(t, map[lds.File]uint16{hidden: 0x6A82}, e.Denied)
		assert.Contains(t, e.Asked, hidden)
		assert.NotContains(t, e.Files, hidden)
		assert.Equal(t, hidden == lds.DG14 || hidden == lds.SOD, e.Chip == nil)
	}
}

// A file that EF.SOD does not list is not read, even if it is there.
func TestUnlistedFilesAreNotRead(t *testing.T) {
	card := load(t, "specimen")
	e, err := read(insert(card), emrtd.Options{Password: can(t, card.CAN), Files: []lds.File{lds.DG16, lds.DG1}})
	require.NoError(t, err)
	assert.NotContains(t, e.Files, lds.DG16)
	assert.NotContains(t, e.Asked, lds.DG16)
	assert.Empty(t, e.Denied)
}
