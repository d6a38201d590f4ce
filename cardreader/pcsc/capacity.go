//go:build cgo || windows

package pcsc

import (
	"context"

	"github.com/ebfe/scard"
)

// MaxData asks a reader how many bytes of data one APDU may have: 256 and less
// where it knows no extended length, 0 when its driver does not say. The reader
// may be empty; a card that another program holds exclusively is ErrReaderBusy.
func (*System) MaxData(ctx context.Context, reader string) (int, error) {
	return await(ctx, func() (int, error) { return askCapacity(reader) }, func(int) {})
}

// askCapacity connects to the reader itself, which leaves a card alone. The
// handle must not transmit: the library panics without a protocol.
func askCapacity(reader string) (int, error) {
	s, err := open()
	if err != nil {
		return 0, err
	}
	defer s.close()
	handle, err := s.connect(reader, scard.ShareDirect, scard.ProtocolUndefined)
	if err != nil {
		return 0, err
	}
	defer func() { _ = handle.Disconnect(scard.LeaveCard) }()
	d := driverOf(handle)
	features, err := d.ask(scard.CtlCode(getFeatures))
	if err != nil {
		return 0, err
	}
	code, found := feature(features, tagProperties)
	if !found {
		return 0, nil
	}
	properties, err := d.ask(code)
	return maxData(properties), err
}

// driverOf speaks with the driver over a connection.
func driverOf(handle *scard.Card) driver {
	return func(code uint32, in []byte) ([]byte, error) {
		answer, err := handle.Control(code, in)
		return answer, failed("ask the reader", err)
	}
}
