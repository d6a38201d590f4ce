//go:build cgo || windows

package pcsc

import (
	"context"
	"fmt"

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
	handle, err := s.context.Connect(reader, scard.ShareDirect, scard.ProtocolUndefined)
	if err != nil {
		return 0, failed(fmt.Sprintf("connect to %q", reader), err)
	}
	defer func() { _ = handle.Disconnect(scard.LeaveCard) }()
	features, err := control(handle, scard.CtlCode(getFeatures))
	if err != nil {
		return 0, err
	}
	code, found := feature(features, tagProperties)
	if !found {
		return 0, nil
	}
	properties, err := control(handle, code)
	return maxData(properties), err
}

// control speaks with the driver. One that does not know what it is asked has
// nothing to say.
func control(handle *scard.Card, code uint32) ([]byte, error) {
	answer, err := handle.Control(code, nil)
	err = failed("ask the reader", err)
	if has(err, codeUnsupported, codeNotTransacted) {
		return nil, nil
	}
	return answer, err
}
