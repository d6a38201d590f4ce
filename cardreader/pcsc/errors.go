package pcsc

import (
	"errors"
	"fmt"
	"slices"

	"cnie/cardreader"
)

// Error is a PC/SC call that failed.
type Error struct {
	Code uint32 // PC/SC part 5 §3.1.4; small numbers are Windows' own
	Op   string // what was being done: "connect", "transmit" …
}

// The codes that this package acts upon.
const (
	codeCancelled         = 0x80100002
	codeInvalidHandle     = 0x80100003
	codeUnknownReader     = 0x80100009
	codeTimeout           = 0x8010000A
	codeSharingViolation  = 0x8010000B
	codeNoSmartcard       = 0x8010000C
	codeProtoMismatch     = 0x8010000F
	codeCommError         = 0x80100013
	codeNotTransacted     = 0x80100016
	codeReaderUnavailable = 0x80100017
	codeShutdown          = 0x80100018
	codeNoService         = 0x8010001D
	codeServiceStopped    = 0x8010001E
	codeNoReaders         = 0x8010002E
	codeResetCard         = 0x80100068
	codeRemovedCard       = 0x80100069
	codeSecurityViolation = 0x8010006A
	codeCancelledByUser   = 0x8010006E
)

var sentinels = map[uint32]error{
	codeInvalidHandle:     cardreader.ErrNoService, // it was started anew
	codeNoService:         cardreader.ErrNoService,
	codeServiceStopped:    cardreader.ErrNoService,
	codeShutdown:          cardreader.ErrNoService,
	codeSecurityViolation: cardreader.ErrNoService, // the library also reports a service that dies meanwhile so
	codeNoReaders:         cardreader.ErrNoReader,
	codeUnknownReader:     cardreader.ErrNoReader,
	codeReaderUnavailable: cardreader.ErrReaderGone,
	codeSharingViolation:  cardreader.ErrReaderBusy,
	codeNoSmartcard:       cardreader.ErrNoCard,
	codeRemovedCard:       cardreader.ErrCardRemoved,
	codeResetCard:         cardreader.ErrCardReset,
}

// reasons are for codes that have no sentinel, or one that says too little.
var reasons = map[uint32]string{
	codeInvalidHandle:     "the smart-card service no longer knows this connection",
	codeProtoMismatch:     "the card speaks neither T=0 nor T=1",
	codeCommError:         "the reader or the smart-card service does not respond",
	codeNotTransacted:     "the exchange with the card failed",
	0x80100008:            "the response is longer than PC/SC allows",
	0x80100010:            "the reader or the card is not ready",
	0x80100031:            "the smart-card service has too much to do",
	0x80100066:            "the card does not answer; is it the right way round?",
	0x80100067:            "the card has no power",
	codeSecurityViolation: "the smart-card service hung up; it may not allow this user in",
}

// Error says what was being done and why it failed.
func (e *Error) Error() string {
	reason := "PC/SC call failed"
	if sentinel := sentinels[e.Code]; sentinel != nil {
		reason = sentinel.Error()
	}
	if r, ok := reasons[e.Code]; ok {
		reason = r
	}
	return fmt.Sprintf("%s: %s (PC/SC %08X)", e.Op, reason, e.Code)
}

// Unwrap is the sentinel of package cardreader, nil when the code has none.
func (e *Error) Unwrap() error { return sentinels[e.Code] }

// has reports whether err is a PC/SC error with one of the codes.
func has(err error, codes ...uint32) bool {
	var e *Error
	return errors.As(err, &e) && slices.Contains(codes, e.Code)
}
