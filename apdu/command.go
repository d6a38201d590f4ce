package apdu

import (
	"context"
	"errors"
	"fmt"
)

// Link is a raw pipe to one card.
type Link interface {
	// TransmitRaw sends one command APDU and returns the card's response APDU,
	// which ends with the status word. The returned slice belongs to the caller.
	TransmitRaw(ctx context.Context, command []byte) (response []byte, err error)
}

// Transmitter exchanges command/response pairs with one card. An error means
// that no trustworthy answer came back; a card that refuses is a Response.
type Transmitter interface {
	Transmit(ctx context.Context, c Command) (Response, error)
}

// Sizes of the data fields, ISO 7816-4 §5.2.
const (
	MaxShortNc    = 255
	MaxShortNe    = 256
	MaxExtendedNc = 65535
	MaxExtendedNe = 65536
)

// Sizes of a whole command: a bare header, and one with everything.
const (
	MinCommand = 4
	MaxCommand = MinCommand + 3 + MaxExtendedNc + 2
)

// Instructions used by this project, ISO 7816-4 §11.
const (
	INSManageSecurityEnvironment = 0x22
	INSGetChallenge              = 0x84
	INSMutualAuthenticate        = 0x82
	INSGeneralAuthenticate       = 0x86
	INSInternalAuthenticate      = 0x88
	INSSelect                    = 0xA4
	INSReadBinary                = 0xB0
	INSReadBinaryOdd             = 0xB1
	INSGetResponse               = 0xC0
)

// Class bits, ISO 7816-4 §5.4.1.
const (
	CLAChaining        = 0x10
	CLASecureMessaging = 0x0C
)

// Command is a command APDU: a header, Nc bytes of data and the number Ne of
// response bytes that the terminal is ready to take (0: no Le field).
type Command struct {
	CLA, INS, P1, P2 byte
	Data             []byte
	Ne               int
}

// ErrMalformed says that bytes are not an APDU.
var ErrMalformed = errors.New("malformed APDU")

// Extended reports whether only the extended form can carry the command.
func (c Command) Extended() bool { return len(c.Data) > MaxShortNc || c.Ne > MaxShortNe }

// Encode returns the command in the short form where that is possible.
func (c Command) Encode() ([]byte, error) { return c.Append(nil, c.Extended()) }

// Append appends the command to dst, in the form that is asked for. It fails
// when Nc or Ne do not fit the form.
func (c Command) Append(dst []byte, extended bool) ([]byte, error) {
	nc, ne := MaxShortNc, MaxShortNe
	if extended {
		nc, ne = MaxExtendedNc, MaxExtendedNe
	}
	if len(c.Data) > nc || c.Ne > ne || c.Ne < 0 {
		return nil, fmt.Errorf("command %02X: Nc %d or Ne %d does not fit the form: %w", c.INS, len(c.Data), c.Ne, ErrMalformed)
	}
	dst = append(dst, c.CLA, c.INS, c.P1, c.P2)
	if extended {
		return c.appendExtended(dst), nil
	}
	if len(c.Data) > 0 {
		dst = append(append(dst, byte(len(c.Data))), c.Data...)
	}
	if c.Ne > 0 {
		dst = append(dst, byte(c.Ne)) // 256 is written as 00, ISO 7816-4 §5.2
	}
	return dst, nil
}

// appendExtended writes the length fields of the extended form. Its marker
// byte 00 appears once: before Lc, or before Le when there is no Lc.
func (c Command) appendExtended(dst []byte) []byte {
	if len(c.Data) > 0 || c.Ne > 0 {
		dst = append(dst, 0)
	}
	if len(c.Data) > 0 {
		dst = append(append(dst, byte(len(c.Data)>>8), byte(len(c.Data))), c.Data...)
	}
	if c.Ne > 0 {
		dst = append(dst, byte(c.Ne>>8), byte(c.Ne))
	}
	return dst
}

// ParseCommand parses a command APDU of either form (cases 1 to 4 of ISO 7816-3
// §12.1). Data aliases b.
func ParseCommand(b []byte) (Command, error) {
	if len(b) < MinCommand {
		return Command{}, fmt.Errorf("%d bytes: %w", len(b), ErrMalformed)
	}
	c := Command{CLA: b[0], INS: b[1], P1: b[2], P2: b[3]}
	body := b[4:]
	switch {
	case len(body) == 0:
		return c, nil
	case len(body) == 1:
		c.Ne = expected(int(body[0]), MaxShortNe)
		return c, nil
	case body[0] == 0 && len(body) >= 3:
		return c.parseExtended(body[1:])
	}
	return c.parseBody(body[1:], int(body[0]), 1)
}

func (c Command) parseExtended(body []byte) (Command, error) {
	length := int(body[0])<<8 | int(body[1])
	if len(body) == 2 {
		c.Ne = expected(length, MaxExtendedNe)
		return c, nil
	}
	return c.parseBody(body[2:], length, 2)
}

// parseBody takes nc bytes of data and, if anything is left, Le of leBytes.
func (c Command) parseBody(body []byte, nc, leBytes int) (Command, error) {
	if nc == 0 || len(body) < nc {
		return Command{}, fmt.Errorf("data field is not as long as Lc: %w", ErrMalformed)
	}
	c.Data = body[:nc:nc]
	switch rest := body[nc:]; {
	case len(rest) == 0:
	case len(rest) == 1 && leBytes == 1:
		c.Ne = expected(int(rest[0]), MaxShortNe)
	case len(rest) == 2 && leBytes == 2:
		c.Ne = expected(int(rest[0])<<8|int(rest[1]), MaxExtendedNe)
	default:
		return Command{}, fmt.Errorf("bytes after Le: %w", ErrMalformed)
	}
	return c, nil
}

// expected maps the field Le to the number Ne: all zero means the maximum.
func expected(le, maximum int) int {
	if le == 0 {
		return maximum
	}
	return le
}
