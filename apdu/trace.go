package apdu

import (
	"fmt"
	"log/slog"
	"time"
)

// Exchange is what a trace may know of one command/response pair: everything
// but the data fields. It is safe to log.
type Exchange struct {
	Header   [4]byte // CLA INS P1 P2
	Nc, Ne   int     // command data length, expected response length
	Nr       int     // response data length
	SW       Status
	Sent     int // bytes of the whole command APDU
	Duration time.Duration
}

func newExchange(c Command, r Response, sent int, d time.Duration) Exchange {
	return Exchange{
		Header: [4]byte{c.CLA, c.INS, c.P1, c.P2},
		Nc:     len(c.Data), Ne: c.Ne, Nr: len(r.Data),
		SW: r.SW, Sent: sent, Duration: d,
	}
}

// LogValue makes an Exchange one group of short attributes.
func (e Exchange) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("header", fmt.Sprintf("%X", e.Header)),
		slog.Int("nc", e.Nc), slog.Int("ne", e.Ne), slog.Int("nr", e.Nr),
		slog.String("sw", e.SW.String()),
		slog.Duration("took", e.Duration),
	)
}
