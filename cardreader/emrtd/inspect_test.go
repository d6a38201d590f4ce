package emrtd_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/apdu"
	"cnie/cardreader"
	"cnie/cardreader/emrtd"
	"cnie/cardreader/emrtd/access"
	"cnie/lds"
	"cnie/pki"
	"cnie/simulator"
	"cnie/simulator/persona"
	"cnie/simulator/piv"
)

func inspect(t testing.TB, l *link, o emrtd.Options) *emrtd.Offer {
	t.Helper()
	o.Reset = l.reset
	offer, err := emrtd.Inspect(t.Context(), apdu.NewChannel(l), o)
	require.NoError(t, err)
	return offer
}

// Without a password nothing is read but what lies open, and nothing is tried
// that would open more.
func TestInspectWithoutPassword(t *testing.T) {
	card := load(t, "small-buffer")
	dir, err := lds.EncodeDIR([]lds.Application{{AID: lds.AID, Label: "eMRTD"}})
	require.NoError(t, err)
	card.Files[lds.DIR] = dir
	l := insert(card)
	offer := inspect(t, l, emrtd.Options{ATR: card.ATR})
	assert.Equal(t, map[lds.File]int{
		lds.CardAccess: len(card.Files[lds.CardAccess]), lds.ATRInfo: len(card.Files[lds.ATRInfo]), lds.DIR: len(dir),
	}, offer.Files)
	assert.Len(t, offer.Security.PACE, 1)
	assert.Equal(t, 160, offer.Capabilities.Answer)
	assert.Equal(t, []lds.Application{{AID: lds.AID, Label: "eMRTD"}}, offer.Applications)
	assert.True(t, offer.Travel)
	assert.False(t, offer.PIV || offer.Basic)
	assert.Nil(t, offer.Access)
	assert.Nil(t, offer.Groups)
	for _, header := range l.seen {
		assert.Contains(t, []byte{apdu.INSSelect, apdu.INSReadBinary, apdu.INSGetChallenge}, header[1])
	}
}

// With one, EF.SOD is the only file that is read behind it.
func TestInspectWithPassword(t *testing.T) {
	card := load(t, "every-group")
	l := insert(card)
	offer := inspect(t, l, emrtd.Options{Password: can(t, card.CAN)})
	require.NotNil(t, offer.Access)
	assert.Equal(t, pki.PACE, offer.Access.Protocol)
	require.NotNil(t, offer.Groups)
	assert.Equal(t, []lds.File{lds.DG1, lds.DG2, lds.DG3, lds.DG11, lds.DG12, lds.DG13, lds.DG14}, offer.Groups.Files())
	short := map[byte]bool{}
	for _, header := range l.seen {
		if header[0] == 0x0C && header[1] == apdu.INSReadBinary && header[2]&0x80 != 0 {
			short[header[2]&0x1F] = true
		}
	}
	assert.Equal(t, map[byte]bool{lds.SOD.SFI(): true}, short)

	_, err := emrtd.Inspect(t.Context(), apdu.NewChannel(insert(card)), emrtd.Options{Password: can(t, "999999")})
	assert.ErrorIs(t, err, access.ErrWrongPassword)
}

func TestInspectBasicAccessControl(t *testing.T) {
	card := load(t, "bac-only")
	offer := inspect(t, insert(card), emrtd.Options{})
	assert.True(t, offer.Travel && offer.Basic)
	assert.Empty(t, offer.Files)
	offer = inspect(t, insert(card), emrtd.Options{Password: mrz(t, card.MRZ), AllowBAC: true})
	assert.Equal(t, pki.BAC, offer.Access.Protocol)
	assert.Contains(t, offer.Groups.Files(), lds.DG1)
}

func TestInspectPIV(t *testing.T) {
	card := load(t, "specimen")
	applet, err := piv.ForCard(card)
	require.NoError(t, err)
	chip := simulator.New(card, simulator.WithApplet(applet))
	offer := inspect(t, &link{chip: chip, cutAt: -1}, emrtd.Options{})
	assert.True(t, offer.PIV && offer.Travel)
}

// Files that are not what they should be are told of, and nothing else suffers.
func TestInspectMalformedFiles(t *testing.T) {
	card := load(t, "specimen")
	card.Files[lds.DIR] = []byte{0x62, 0x01, 0x00}
	card.Files[lds.ATRInfo] = []byte{0x47, 0x09}
	card.Files[lds.SOD] = []byte{0x77, 0x02, 0x30, 0x00}
	offer := inspect(t, insert(card), emrtd.Options{Password: can(t, card.CAN)})
	assert.Equal(t, []lds.File{lds.ATRInfo, lds.DIR, lds.SOD}, offer.Malformed)
	assert.Nil(t, offer.Capabilities)
	assert.Nil(t, offer.Groups)
	assert.Len(t, offer.Security.PACE, 1)
}

// A long EF.DIR is read to its end; one that is a list of records record by record.
func TestInspectDirectory(t *testing.T) {
	var list []lds.Application
	for i := range 16 {
		list = append(list, lds.Application{AID: append([]byte{0xF0, byte(i)}, make([]byte, 14)...), Label: "application of nobody in particular"})
	}
	dir, err := lds.EncodeDIR(list)
	require.NoError(t, err)
	require.Greater(t, len(dir), 512)
	card := load(t, "specimen")
	card.Files[lds.DIR] = dir
	assert.Equal(t, list, inspect(t, insert(card), emrtd.Options{}).Applications)
	card.Quirks = []persona.Quirk{{Got: 0x6B00, SW: 0x6986}}
	assert.Equal(t, list, inspect(t, insert(card), emrtd.Options{}).Applications)

	card = load(t, "specimen")
	l := insert(card)
	l.change = func(_ int, sent, answer []byte) []byte {
		switch {
		case sent[1] == apdu.INSReadBinary && sent[2] == 0x80|lds.DIR.SFI():
			return []byte{0x69, 0x81}
		case sent[1] == 0xB2 && sent[3] == lds.DIR.SFI()<<3|4 && sent[2] <= 2:
			one, _ := lds.EncodeDIR(list[sent[2]-1 : sent[2]])
			return append(one, 0x90, 0x00)
		case sent[1] == 0xB2:
			return []byte{0x6A, 0x83}
		}
		return answer
	}
	assert.Equal(t, list[:2], inspect(t, l, emrtd.Options{}).Applications)
}

// A card that was pulled out is an error at every command.
func TestInspectRemoval(t *testing.T) {
	card := load(t, "specimen")
	whole := insert(card)
	inspect(t, whole, emrtd.Options{Password: can(t, card.CAN)})
	for i := range whole.commands {
		l := insert(card)
		l.cutAt = i
		_, err := emrtd.Inspect(context.Background(), apdu.NewChannel(l), emrtd.Options{Password: can(t, card.CAN)})
		require.ErrorIs(t, err, cardreader.ErrCardRemoved, i)
	}
}
