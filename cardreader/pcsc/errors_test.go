package pcsc

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"

	"cnie/cardreader"
)

func TestErrorsWrapSentinels(t *testing.T) {
	for code, want := range map[uint32]error{
		0x8010001D: cardreader.ErrNoService,
		0x8010001E: cardreader.ErrNoService,
		0x80100009: cardreader.ErrNoReader,
		0x8010002E: cardreader.ErrNoReader,
		0x80100017: cardreader.ErrReaderGone,
		0x8010000B: cardreader.ErrReaderBusy,
		0x8010000C: cardreader.ErrNoCard,
		0x80100068: cardreader.ErrCardReset,
		0x80100069: cardreader.ErrCardRemoved,
		0x80100016: nil,
		0xDEADBEEF: nil,
	} {
		err := fmt.Errorf("outer: %w", &Error{Code: code, Op: "transmit"})
		var typed *Error
		assert.ErrorAs(t, err, &typed)
		assert.Equal(t, want, errors.Unwrap(typed))
		assert.Contains(t, err.Error(), "transmit: ")
		assert.Contains(t, err.Error(), fmt.Sprintf("PC/SC %08X", code))
	}
}
