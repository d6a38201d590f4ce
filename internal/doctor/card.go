package doctor

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"cnie/cardreader"
)

// selectMasterFile is a command that every card of this kind answers and that
// opens nothing, ISO 7816-4 §11.2.2.
var selectMasterFile = []byte{0x00, 0xA4, 0x00, 0x0C, 0x02, 0x3F, 0x00}

const (
	// samples are the measured exchanges; the median of so many is not moved
	// by a few hiccups.
	samples = 15
	// slow is what an exchange may take when a reading of some ninety shall
	// stay below two and a half seconds.
	slow = 2500 * time.Millisecond / exchanges
	// exchanges of a reading, a portrait of 15 KB included.
	exchanges = 90
)

// card connects to the card and measures the way to it.
func (x *examination) card(ctx context.Context, reader string, capacity int) {
	limited, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	card, err := x.System.Connect(limited, reader)
	if err != nil {
		x.noCard(err)
		return
	}
	defer card.Close()
	median, err := x.measure(ctx, card)
	if err != nil {
		x.noCard(err)
		return
	}
	x.ok("card", "The card answers.")
	x.speed(median)
	x.longCommands(capacity, func() (bool, error) { return passesLong(ctx, card) })
}

// noCard says why there is none to speak with.
func (x *examination) noCard(err error) {
	switch {
	case errors.Is(err, cardreader.ErrReaderBusy):
		x.block("card", "Another program holds the card.", "Close what uses cards: another window of this program, a browser that logs in by card, a signature program, gpg (`gpgconf --kill scdaemon`).")
	case errors.Is(err, cardreader.ErrCardReset):
		x.block("card", "Another program resets the card while it is read.", "Close what uses cards; on Windows stop the service \"Certificate Propagation\".")
	case errors.Is(err, cardreader.ErrNoCard), errors.Is(err, cardreader.ErrCardRemoved):
		x.remark("card", "The card was taken off.", "Lay it on the reader, leave it there and run this again.")
	case errors.Is(err, cardreader.ErrNoReader), errors.Is(err, cardreader.ErrReaderGone):
		x.block("reader", "The reader was unplugged.", "Plug it in firmly, straight into the machine, and run this again.")
	case errors.Is(err, cardreader.ErrNoService): // gone, or it lists readers to everybody and lets nobody at them
		x.socket()
	default:
		x.block("card", "The card is there and does not answer.", "Lay it flat in the middle of the reader, away from other cards; if that does not help, try another card to tell which of the two is broken.")
	}
}

// measure is the median time of an exchange. The first one is not counted: it
// may wake the card.
func (x *examination) measure(ctx context.Context, card cardreader.Card) (time.Duration, error) {
	took := make([]time.Duration, 0, samples)
	for n := range samples + 1 {
		start := x.Now()
		if err := exchange(ctx, card, selectMasterFile); err != nil {
			return 0, err
		}
		if n > 0 {
			took = append(took, x.Now().Sub(start))
		}
	}
	slices.Sort(took)
	return took[len(took)/2], nil
}

// exchange sends a command; whatever the card answers is fine.
func exchange(ctx context.Context, card cardreader.Card, command []byte) error {
	limited, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	_, err := card.TransmitRaw(limited, command)
	return err
}

func (x *examination) speed(median time.Duration) {
	if median <= slow {
		x.ok("speed", fmt.Sprintf("The way to the card and back takes %s.", milliseconds(median)))
		return
	}
	whole := (median * exchanges).Round(100 * time.Millisecond).Seconds()
	x.remark("speed",
		fmt.Sprintf("The way to the card and back takes %s, so that %d exchanges fit a second and reading a card takes %.1f s or more.", milliseconds(median), time.Second/median, whole),
		"Plug the reader straight into this machine, with no hub, docking station or remote desktop between; a virtual reader needs a newer vpcd.")
}

func milliseconds(d time.Duration) string {
	return fmt.Sprintf("%.3g ms", float64(d.Microseconds())/1000)
}
