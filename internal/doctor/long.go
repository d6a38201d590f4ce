package doctor

import (
	"context"
	"errors"
	"fmt"

	"cnie/cardreader"
)

// tellsCapacity is a system that can ask a reader how much fits an APDU.
type tellsCapacity interface {
	// MaxData is in bytes of data; 256 and less: no extended length (ISO 7816-4
	// §5.2); 0: the reader does not say.
	MaxData(ctx context.Context, reader string) (int, error)
}

const (
	unknown = -1
	short   = 256
)

// capacity asks the reader. One that does not say, or that another program
// holds, is unknown.
func (x *examination) capacity(ctx context.Context, reader string) int {
	system, can := x.System.(tellsCapacity)
	if !can {
		return unknown
	}
	limited, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	n, err := system.MaxData(limited, reader)
	if err != nil || n <= 0 {
		return unknown
	}
	return n
}

// longCommands tells whether commands of extended length pass. Reading does
// without them, so that they are no more than a remark. Where the reader does not
// say, try finds out.
func (x *examination) longCommands(capacity int, try func() (bool, error)) {
	const (
		id     = "extended-length"
		refuse = "The reader does not pass commands of extended length."
		fix    = "Cards can be read; for signing, take a reader with extended length if long commands fail."
	)
	switch {
	case capacity > short:
		x.ok(id, fmt.Sprintf("The reader passes commands of up to %d bytes.", capacity))
	case capacity != unknown:
		x.remark(id, refuse, fix)
	case try != nil:
		switch passed, err := try(); {
		case errors.Is(err, errShortCard):
			x.ok(id, "The card does not ask for commands of extended length, and the reader does not say whether it passes them.")
		case passed:
			x.ok(id, "The reader passes commands of extended length.")
		default:
			x.remark(id, refuse, fix)
		}
	}
}

var errShortCard = errors.New("the card announces no extended length")

// longCommand selects an application whose name has 300 bytes; there is none:
// names have sixteen at most (ISO 7816-4 §12.2.3).
func longCommand() []byte {
	const n = 300
	return append([]byte{0x00, 0xA4, 0x04, 0x0C, 0x00, n >> 8, n & 0xFF}, make([]byte, n)...)
}

// passesLong tries it with a card that announces extended length. It comes last,
// since readers that do not know such commands may lose the card over one.
func passesLong(ctx context.Context, card cardreader.Card) (bool, error) {
	if !card.ATR().ExtendedLength() {
		return false, errShortCard
	}
	return exchange(ctx, card, longCommand()) == nil, nil
}
