package pcsc

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"cnie/apdu"
	"cnie/cardreader"
)

// tagVerifyDirect is FEATURE_VERIFY_PIN_DIRECT, PC/SC part 10 §2.2.
const tagVerifyDirect = 0x06

// The form of the PIN, part 10 §2.5.2.
const (
	inBytes      = 0x80 // bmFormatString: positions count bytes, not bits
	ascii        = 0x02 // bmFormatString: one byte a character, from the left
	maxField     = 15   // bmPINBlockString has four bits for its length
	keyPressed   = 0x02 // bEntryValidationCondition: the person says when it is whole
	ownMessage   = 0xFF // bNumberMessage: the reader's own words
	english      = 0x0409
	verifyHeader = 19 // bytes before abData
)

// maxWait is what bTimerOut can hold, in seconds.
const maxWait = 255

// verifyStructure writes PIN_VERIFY, without padding between its fields and
// little-endian: drivers copy it into a message of USB CCID. No length is written
// into the command (bmPINLengthFormat), and the prologue is the driver's matter.
func verifyStructure(e cardreader.PINEntry) ([]byte, error) {
	field := len(e.Command) - 5
	switch {
	case field < 1 || field > maxField || int(e.Command[4]) != field:
		return nil, fmt.Errorf("ask for a PIN on the reader: a command with a field of 1 to %d bytes is needed", maxField)
	case e.Min < 1 || e.Max < e.Min || e.Max > field:
		return nil, fmt.Errorf("ask for a PIN on the reader: %d to %d characters do not fit a field of %d bytes", e.Min, e.Max, field)
	}
	wait := byte(min(max(e.Wait/time.Second, 0), maxWait))
	b := make([]byte, 0, verifyHeader+len(e.Command))
	b = append(b, wait, wait) // bTimerOut, and bTimerOut2 after the first key
	b = append(b, inBytes|ascii, byte(field), 0)
	b = binary.LittleEndian.AppendUint16(b, uint16(e.Min)<<8|uint16(e.Max)) // wPINMaxExtraDigit
	b = append(b, keyPressed, ownMessage)
	b = binary.LittleEndian.AppendUint16(b, english) // wLangId
	b = append(b, 0, 0, 0, 0)                        // bMsgIndex, bTeoPrologue
	b = binary.LittleEndian.AppendUint32(b, uint32(len(e.Command)))
	return append(b, e.Command...), nil
}

// refusals are the reader's own status words, part 10 §2.5.2. It sends them in the
// place of the card's, which has no such answer to VERIFY.
var refusals = map[apdu.Status]error{
	0x6400: cardreader.ErrPINTimeout,
	0x6401: cardreader.ErrPINCancelled,
	0x6402: cardreader.ErrPINMismatch,
	0x6403: cardreader.ErrPINLength,
}

// verifyAnswer reads what came back: a status word, the reader's or the card's.
func verifyAnswer(answer []byte) (apdu.Status, error) {
	if len(answer) != 2 {
		return 0, fmt.Errorf("read the reader's answer to a PIN: %d bytes: %w", len(answer), apdu.ErrMalformed)
	}
	status := apdu.Status(binary.BigEndian.Uint16(answer))
	return status, refusals[status]
}

// driver is a channel to the reader itself, SCardControl.
type driver func(code uint32, in []byte) ([]byte, error)

// ask is for what a driver need not know. It says so by a code of its own, of which
// pcsc-lite has one, Windows four and drivers more: whatever does not tell that
// something is gone.
func (d driver) ask(code uint32) ([]byte, error) {
	answer, err := d(code, nil)
	if unable := new(Error); errors.As(err, &unable) && unable.Unwrap() == nil && unable.Code != codeCommError {
		return nil, nil
	}
	return answer, err
}

// verifyCode asks for the control code that takes PIN_VERIFY; 0: there is none.
func (d driver) verifyCode(list uint32) (uint32, error) {
	features, err := d.ask(list)
	code, _ := feature(features, tagVerifyDirect)
	return code, err
}

// verify has the reader ask.
func (d driver) verify(list uint32, e cardreader.PINEntry) (apdu.Status, error) {
	structure, err := verifyStructure(e)
	if err != nil {
		return 0, err
	}
	code, err := d.verifyCode(list)
	if err != nil {
		return 0, err
	}
	if code == 0 {
		return 0, cardreader.ErrNoPINPad
	}
	answer, err := d(code, structure)
	switch { // some drivers have a code of their own for what others answer
	case has(err, codeTimeout):
		return 0, fmt.Errorf("%w: %w", cardreader.ErrPINTimeout, err)
	case has(err, codeCancelled, codeCancelledByUser):
		return 0, fmt.Errorf("%w: %w", cardreader.ErrPINCancelled, err)
	case err != nil:
		return 0, err
	}
	return verifyAnswer(answer)
}
