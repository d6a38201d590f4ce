package emrtd

import (
	"bytes"
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/apdu"
	"cnie/apdu/tlv"
	"cnie/cardreader/emrtd/access"
	"cnie/internal/vectors"
	"cnie/lds"
	"cnie/simulator/persona"
)

// fileCard is a card with one file, without any protection. It answers at most
// chunk bytes at a time.
type fileCard struct {
	content  []byte
	chunk    int
	endSW    apdu.Status // with the last bytes of the file; 0: 9000
	exact    bool        // 6Cxx when too much is asked for
	commands []apdu.Command
}

func (c *fileCard) Transmit(_ context.Context, cmd apdu.Command) (apdu.Response, error) {
	c.commands = append(c.commands, cmd)
	offset, odd := int(cmd.P1)<<8|int(cmd.P2), cmd.INS == apdu.INSReadBinaryOdd
	switch {
	case odd:
		object, err := tlv.One(cmd.Data, 0x54)
		if err != nil || offset != 0 {
			return apdu.Response{SW: apdu.StatusWrongData}, nil
		}
		offset = int(object.Value[0])<<8 | int(object.Value[1])
	case cmd.P1&0x80 != 0:
		offset = int(cmd.P2)
	}
	if offset >= len(c.content) && offset > 0 {
		return apdu.Response{SW: apdu.StatusOffsetOutside}, nil
	}
	ne := cmd.Ne
	if odd { // room for the header of DO'53'
		ne -= len(tlv.AppendHeader(nil, 0x53, ne-3))
	}
	left := len(c.content) - offset
	if c.exact && ne > left && left < 256 {
		return apdu.Response{SW: 0x6C00 | apdu.Status(left)}, nil
	}
	n := min(ne, left, c.chunk)
	r := apdu.Response{Data: c.content[offset : offset+n], SW: apdu.StatusOK}
	if n == left && n < ne && c.endSW != 0 {
		r.SW = c.endSW
	}
	if odd {
		r.Data = tlv.Encode(0x53, r.Data)
	}
	return r, nil
}

func file(n int) []byte {
	value := make([]byte, n)
	for i := range value {
		value[i] = byte(i>>8) ^ byte(i)
	}
	return tlv.Encode(0x75, value)
}

func TestReadFile(t *testing.T) {
	const block = 223
	for name, c := range map[string]struct {
		card     *fileCard
		want     []byte
		commands int // 0: not counted
	}{
		"shorter than a block":    {&fileCard{content: file(93), chunk: 256}, file(93), 1},
		"end of file announced":   {&fileCard{content: file(93), chunk: 256, endSW: 0x6282}, file(93), 1},
		"length named by 6Cxx":    {&fileCard{content: file(93), chunk: 256, exact: true}, file(93), 2},
		"exactly a block":         {&fileCard{content: file(block - 3), chunk: 256}, file(block - 3), 1},
		"one byte more":           {&fileCard{content: file(block - 2), chunk: 256}, file(block - 2), 2},
		"a portrait":              {&fileCard{content: file(15356), chunk: 256}, file(15356), 69},
		"short answers":           {&fileCard{content: file(500), chunk: 7}, file(500), 72},
		"beyond 32 KB":            {&fileCard{content: file(40000), chunk: 256}, file(40000), 0},
		"as long as can be":       {&fileCard{content: file(MaxFile - 4), chunk: 256}, file(MaxFile - 4), 0},
		"bytes behind the object": {&fileCard{content: append(file(20), 0, 0, 0), chunk: 256}, file(20), 1},
		"more behind it":          {&fileCard{content: append(file(300), make([]byte, 300)...), chunk: 256}, file(300), 2},
		"cut short":               {&fileCard{content: file(1000)[:500], chunk: 256}, file(1000)[:500], 4},
		"cut short, announced":    {&fileCard{content: file(1000)[:500], chunk: 256, endSW: 0x6282}, file(1000)[:500], 4},
		"longer than can be":      {&fileCard{content: file(MaxFile), chunk: 256}, file(MaxFile)[:block], 1},
		"length of 4 GB":          {&fileCard{content: []byte{0x75, 0x84, 0xFF, 0xFF, 0xFF, 0xFF}, chunk: 256}, []byte{0x75, 0x84, 0xFF, 0xFF, 0xFF, 0xFF}, 1},
		"indefinite length":       {&fileCard{content: []byte{0x75, 0x80, 0, 0}, chunk: 256}, []byte{0x75, 0x80, 0, 0}, 1},
		"one byte":                {&fileCard{content: []byte{0x75}, chunk: 256}, []byte{0x75}, 2},
		"empty":                   {&fileCard{content: []byte{}, chunk: 256}, []byte{}, 1},
		"a byte at a time":        {&fileCard{content: file(500), chunk: 1}, file(500), 504},
	} {
		t.Run(name, func(t *testing.T) {
			var last Progress
			got, err := new(habits).readFile(context.Background(), source{c.card, block, block}, lds.DG2, func(read, total int) {
				assert.LessOrEqual(t, read, total)
				last = Progress{BytesRead: read, BytesTotal: total}
			})
			require.NoError(t, err)
			assert.True(t, bytes.Equal(c.want, got), "%d bytes, want %d", len(got), len(c.want))
			assert.Equal(t, byte(0x82), c.card.commands[0].P1)
			if c.commands > 0 {
				assert.Len(t, c.card.commands, c.commands)
			}
			if last.BytesTotal > 0 {
				assert.Equal(t, len(got), last.BytesRead)
			}
			for _, command := range c.card.commands {
				assert.LessOrEqual(t, command.Ne, block)
			}
		})
	}
}

// canned answers with a list, then with the last of it.
type canned struct{ answers []apdu.Response }

func (c *canned) Transmit(context.Context, apdu.Command) (apdu.Response, error) {
	r := c.answers[0]
	if len(c.answers) > 1 {
		c.answers = c.answers[1:]
	}
	return apdu.Response{Data: bytes.Clone(r.Data), SW: r.SW}, nil
}

func TestReadFileRefusals(t *testing.T) {
	ok := func(b []byte) apdu.Response { return apdu.Response{Data: b, SW: apdu.StatusOK} }
	for name, c := range map[string]struct {
		answers []apdu.Response
		want    error
	}{
		"not there":           {[]apdu.Response{{SW: apdu.StatusFileNotFound}}, apdu.ErrNotFound},
		"not allowed":         {[]apdu.Response{{SW: apdu.StatusSecurityNotSatisfied}}, apdu.ErrSecurityStatus},
		"in the middle":       {[]apdu.Response{ok(file(500)[:223]), {SW: apdu.StatusSecurityNotSatisfied}}, apdu.ErrSecurityStatus},
		"6C for ever":         {[]apdu.Response{{SW: 0x6C10}}, apdu.ErrWrongLength},
		"odd without 53":      {[]apdu.Response{ok(file(50000)[:0x8000]), ok([]byte{1, 2, 3})}, access.ErrProtocol},
		"odd with two 53":     {[]apdu.Response{ok(file(50000)[:0x8000]), ok([]byte{0x53, 1, 1, 0x53, 1, 1})}, access.ErrProtocol},
		"odd instruction: no": {[]apdu.Response{ok(file(50000)[:0x8000]), {SW: apdu.StatusINSNotSupported}}, apdu.ErrNotSupported},
	} {
		t.Run(name, func(t *testing.T) {
			content, err := new(habits).readFile(context.Background(), source{&canned{c.answers}, 223, 223}, lds.DG2, nil)
			assert.ErrorIs(t, err, c.want)
			assert.Nil(t, content)
		})
	}
}

// Every answer is a piece of the input: at most so many bytes come out of it,
// after at most so many commands.
func FuzzReadFile(f *testing.F) {
	f.Add(file(93), byte(10))
	f.Add(file(300), byte(223))
	f.Add([]byte{0x75, 0x84, 0xFF, 0xFF, 0xFF, 0xFF}, byte(1))
	f.Add([]byte{0x75, 0x82, 0xFF, 0xF0, 0x53, 0x02, 1, 2}, byte(4))
	f.Fuzz(func(t *testing.T, b []byte, piece byte) {
		card := &pieces{rest: b, size: int(piece)}
		content, err := new(habits).readFile(context.Background(), source{card, 223, 223}, lds.DG2, nil)
		if err != nil {
			require.Nil(t, content)
		}
		require.LessOrEqual(t, len(content), MaxFile)
		require.LessOrEqual(t, card.calls, 2*len(b)+4)
	})
}

// pieces hands out its bytes in order, whatever is asked, then empty answers.
type pieces struct {
	rest        []byte
	size, calls int
}

func (p *pieces) Transmit(context.Context, apdu.Command) (apdu.Response, error) {
	p.calls++
	n := min(p.size, len(p.rest))
	r := apdu.Response{Data: p.rest[:n:n], SW: apdu.StatusOK}
	p.rest = p.rest[n:]
	return r, nil
}

// FuzzReadPlan: from the bytes of EF.SOD to the list of files.
func FuzzReadPlan(f *testing.F) {
	f.Add([]byte{0x77, 0x02, 0x30, 0x00})
	f.Add([]byte{0x77, 0x80, 0x30, 0x80})
	specimen, err := persona.Load("specimen")
	require.NoError(f, err)
	card, err := specimen.Card()
	require.NoError(f, err)
	f.Add(card.Files[lds.SOD])
	f.Fuzz(func(t *testing.T, sod []byte) {
		r, err := newReading(nil, Options{Files: []lds.File{lds.DG1, lds.DG2, lds.DG2}})
		require.NoError(t, err)
		r.evidence.Files[lds.SOD] = sod
		require.LessOrEqual(t, len(r.plan()), 4)
	})
}

func TestPlanOfASpecimen(t *testing.T) {
	r, err := newReading(nil, Options{Files: []lds.File{lds.DG2, lds.DG1, lds.DG2, lds.DG14, lds.DG11, lds.COM, lds.SOD}})
	require.NoError(t, err)
	assert.Empty(t, r.plan(), "without EF.SOD nothing is read")
	r.evidence.Files[lds.SOD] = vectors.File(t, "bsi2008", "EF_SOD.bin")
	assert.Equal(t, []lds.File{lds.DG14, lds.DG2, lds.DG1, lds.COM}, r.plan())
}

// Some issuers write the message in EF.SOD with indefinite lengths, which BER
// allows and Doc 9303-10 §4.6.2.2 does not.
func TestPlanOfASODInBER(t *testing.T) {
	message, err := lds.ParseSOD(vectors.File(t, "bsi2008", "EF_SOD.bin"))
	require.NoError(t, err)
	outer, err := tlv.One(message, 0x30)
	require.NoError(t, err)
	all, err := tlv.ReadAll(outer.Value, 2) // the content type, and what is signed
	require.NoError(t, err)
	ber := append([]byte{0x30, 0x80}, all[0].Raw...)
	ber = append(append(append(ber, 0xA0, 0x80), all[1].Value...), 0, 0, 0, 0)
	r, err := newReading(nil, Options{Files: []lds.File{lds.DG1, lds.DG2}})
	require.NoError(t, err)
	r.evidence.Files[lds.SOD] = lds.EncodeSOD(ber)
	assert.Equal(t, []lds.File{lds.DG14, lds.DG1, lds.DG2}, r.plan())
}

func TestForbiddenFiles(t *testing.T) {
	for _, f := range []lds.File{lds.DG3, lds.DG4} {
		_, err := Read(context.Background(), nil, Options{Files: []lds.File{f}})
		assert.ErrorIs(t, err, ErrForbidden)
	}
	_, err := Read(context.Background(), nil, Options{Files: []lds.File{lds.CardSecurity}})
	assert.Error(t, err)
}
