package pcsc

import (
	"bytes"
	"encoding/hex"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/apdu"
	"cnie/cardreader"
)

// pivVerify is VERIFY of a PIV card: six to eight digits, filled with FF.
func pivVerify() cardreader.PINEntry {
	return cardreader.PINEntry{Command: append([]byte{0, 0x20, 0, 0x80, 8}, bytes.Repeat([]byte{0xFF}, 8)...), Min: 6, Max: 8, Wait: 30 * time.Second}
}

// Byte for byte, with the names of PC/SC part 10 §2.5.2.
func TestVerifyStructure(t *testing.T) {
	b, err := verifyStructure(pivVerify())
	require.NoError(t, err)
	assert.Equal(t, ""+
		"1e"+ // bTimerOut
		"1e"+ // bTimerOut2
		"82"+ // bmFormatString: bytes, position 0, left, ASCII
		"08"+ // bmPINBlockString: no length, a block of eight bytes
		"00"+ // bmPINLengthFormat
		"0806"+ // wPINMaxExtraDigit, little-endian: 6 at least, 8 at most
		"02"+ // bEntryValidationCondition: key pressed
		"ff"+ // bNumberMessage: the reader's own
		"0904"+ // wLangId, little-endian
		"00"+ // bMsgIndex
		"000000"+ // bTeoPrologue
		"0d000000"+ // ulDataLength, little-endian
		"0020008008"+"ffffffffffffffff", // abData
		hex.EncodeToString(b))
}

func TestVerifyStructureRefuses(t *testing.T) {
	for name, change := range map[string]func(*cardreader.PINEntry){
		"no command":     func(e *cardreader.PINEntry) { e.Command = nil },
		"no field":       func(e *cardreader.PINEntry) { e.Command = e.Command[:5] },
		"another length": func(e *cardreader.PINEntry) { e.Command[4] = 7 },
		"a long field": func(e *cardreader.PINEntry) {
			e.Command = append([]byte{0, 0x20, 0, 0x80, 16}, make([]byte, 16)...)
		},
		"no PIN at all":     func(e *cardreader.PINEntry) { e.Min = 0 },
		"upside down":       func(e *cardreader.PINEntry) { e.Min, e.Max = 8, 6 },
		"longer than field": func(e *cardreader.PINEntry) { e.Max = 9 },
	} {
		e := pivVerify()
		change(&e)
		_, err := verifyStructure(e)
		assert.Error(t, err, name)
	}
	for wait, want := range map[time.Duration]byte{-time.Second: 0, 0: 0, time.Second: 1, time.Hour: 255} {
		e := pivVerify()
		e.Wait = wait
		b, err := verifyStructure(e)
		require.NoError(t, err)
		assert.Equal(t, []byte{want, want}, b[:2], "%v", wait)
	}
}

const listCode = 0x42000D48 // SCARD_CTL_CODE(3400) of pcsc-lite

// keys is a reader with keys whose driver answers so.
func keys(asked *[][]byte, answer []byte, failure error) driver {
	return func(code uint32, in []byte) ([]byte, error) {
		switch code {
		case listCode:
			return []byte{0x07, 4, 0x42, 0x33, 0x00, 0x07, 0x06, 4, 0x42, 0x33, 0x00, 0x06}, nil
		case 0x42330006:
			*asked = append(*asked, in)
			return answer, failure
		}
		return nil, errors.New("a code that was never told")
	}
}

func TestVerify(t *testing.T) {
	for name, c := range map[string]struct {
		answer  []byte
		failure error
		status  apdu.Status
		want    error
	}{
		"right":                {answer: []byte{0x90, 0}, status: 0x9000},
		"wrong":                {answer: []byte{0x63, 0xC2}, status: 0x63C2},
		"blocked":              {answer: []byte{0x69, 0x83}, status: 0x6983},
		"not understood":       {answer: []byte{0x6B, 0x80}, status: 0x6B80},
		"too late":             {answer: []byte{0x64, 0}, status: 0x6400, want: cardreader.ErrPINTimeout},
		"cancelled":            {answer: []byte{0x64, 1}, status: 0x6401, want: cardreader.ErrPINCancelled},
		"two that differ":      {answer: []byte{0x64, 2}, status: 0x6402, want: cardreader.ErrPINMismatch},
		"too short":            {answer: []byte{0x64, 3}, status: 0x6403, want: cardreader.ErrPINLength},
		"nothing":              {want: apdu.ErrMalformed},
		"more than a status":   {answer: []byte{0x90, 0x90, 0}, want: apdu.ErrMalformed},
		"too late, as code":    {failure: &Error{Code: codeTimeout}, want: cardreader.ErrPINTimeout},
		"cancelled, as code":   {failure: &Error{Code: codeCancelledByUser}, want: cardreader.ErrPINCancelled},
		"pulled out meanwhile": {failure: &Error{Code: codeRemovedCard}, want: cardreader.ErrCardRemoved},
	} {
		var asked [][]byte
		status, err := keys(&asked, c.answer, c.failure).verify(listCode, pivVerify())
		assert.Equal(t, c.status, status, name)
		assert.ErrorIs(t, err, c.want, name)
		if assert.Len(t, asked, 1, "asked once: %s", name) {
			want, err := verifyStructure(pivVerify())
			require.NoError(t, err)
			assert.Equal(t, want, asked[0], name)
		}
	}
}

var errCommunication = &Error{Code: codeCommError}

// Readers without keys, in the words of several drivers.
func TestNoPINPad(t *testing.T) {
	for name, c := range map[string]struct {
		list []byte
		err  error
		want error
	}{
		"no features":       {nil, nil, cardreader.ErrNoPINPad},
		"other features":    {[]byte{0x12, 4, 0x42, 0x33, 0, 0x12}, nil, cardreader.ErrNoPINPad},
		"code of two bytes": {[]byte{0x06, 2, 0x42, 0x33}, nil, cardreader.ErrNoPINPad},
		"not supported":     {nil, &Error{Code: 0x8010001F}, cardreader.ErrNoPINPad},
		"not transacted":    {nil, &Error{Code: codeNotTransacted}, cardreader.ErrNoPINPad},
		"no such function":  {nil, &Error{Code: 1}, cardreader.ErrNoPINPad},    // Windows
		"no such request":   {nil, &Error{Code: 0x32}, cardreader.ErrNoPINPad}, // Windows
		"unsupported":       {nil, &Error{Code: 0x80100022}, cardreader.ErrNoPINPad},
		"service hung up":   {nil, errCommunication, errCommunication},
		"unplugged":         {nil, &Error{Code: codeReaderUnavailable}, cardreader.ErrReaderGone},
	} {
		d := driver(func(code uint32, in []byte) ([]byte, error) {
			require.Equal(t, uint32(listCode), code, name)
			assert.Empty(t, in)
			return c.list, c.err
		})
		_, err := d.verify(listCode, pivVerify())
		assert.ErrorIs(t, err, c.want, name)
	}
}
