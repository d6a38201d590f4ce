package piv

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"

	"cnie/apdu"
	"cnie/apdu/tlv"
	"cnie/cardreader"
	"cnie/cardreader/esign"
)

// aid is the application without its version, SP 800-73-5 part 1 §2.2.
var aid = []byte{0xA0, 0x00, 0x00, 0x03, 0x08, 0x00, 0x00, 0x10, 0x00}

// Instructions, SP 800-73-5 part 2 table 2.
const (
	insVerify  = 0x20
	insGetData = 0xCB
	// GENERAL AUTHENTICATE with even INS, ISO 7816-4 §11.5.5, is 86; PIV has 87.
	insAuthenticate = 0x87
)

// Data objects, SP 800-73-5 part 1 table 3.
const (
	tagCHUID     = 0x5FC102
	tagDiscovery = 0x7E
	tagData      = 0x53 // wraps the content of most objects
	tagList      = 0x5C
)

// maxObject bounds what one object may hold; the largest certificate of the
// standard has 1,895 bytes, and real ones seldom twice that.
const maxObject = 16 << 10

// maxFields bounds the data objects in one template.
const maxFields = 16

// ErrNoApplication says that there is no PIV application on the card.
var ErrNoApplication = errors.New("the card has no PIV application")

// card is one card with the application selected. It implements esign.Device.
type card struct {
	t      apdu.Transmitter
	serial string
	pin    byte // key reference of the PIN
	left   int  // tries, when last told
	always map[byte]bool
	pad    cardreader.PINPad // takes the PIN, if not nil
}

// Open selects the PIV application. The transmitter stays the caller's; it is to be
// closed after the token.
func Open(ctx context.Context, t apdu.Transmitter, o esign.Options) (*esign.Token, error) {
	c := &card{t: t, pin: refPIN, left: esign.Unknown, always: map[byte]bool{}, pad: o.Pad}
	if err := c.open(ctx); err != nil {
		return nil, fmt.Errorf("open PIV: %w", err)
	}
	return esign.NewToken(c, o), nil
}

func (c *card) open(ctx context.Context) error {
	if err := c.checkPad(ctx); err != nil {
		return err
	}
	_, err := apdu.Do(ctx, c.t, apdu.Command{INS: apdu.INSSelect, P1: 4, Data: aid, Ne: apdu.MaxShortNe})
	if refused(err) {
		return ErrNoApplication
	}
	if err != nil {
		return err
	}
	if err := c.discover(ctx); err != nil {
		return fmt.Errorf("read the discovery object: %w", err)
	}
	if c.serial, err = c.identity(ctx); err != nil {
		return fmt.Errorf("read the card holder unique identifier: %w", err)
	}
	return nil
}

// refused tells a card without the application, in the words of several kinds of
// card, from one that failed.
func refused(err error) bool {
	return errors.Is(err, apdu.ErrNotFound) || errors.Is(err, apdu.ErrNotSupported)
}

// get reads a data object, GET DATA, SP 800-73-5 part 2 §3.1.2. The second result
// is false when the card does not have it.
func (c *card) get(ctx context.Context, tag tlv.Tag) ([]byte, bool, error) {
	name := []byte{byte(tag >> 16), byte(tag >> 8), byte(tag)}
	outer := tlv.Tag(tagData)
	if tag == tagDiscovery { // the one that comes as it is
		name, outer = name[2:], tag
	}
	command := apdu.Command{INS: insGetData, P1: 0x3F, P2: 0xFF, Data: tlv.Encode(tagList, name), Ne: apdu.MaxShortNe}
	answer, err := apdu.Do(ctx, c.t, command)
	if refused(err) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	if len(answer) > maxObject {
		return nil, false, fmt.Errorf("%d bytes: %w", len(answer), errTooLarge)
	}
	element, err := tlv.One(answer, outer)
	return element.Value, err == nil && len(element.Value) > 0, err
}

var errTooLarge = errors.New("the object is larger than any of its kind")

// discover learns which PIN the holder knows, SP 800-73-5 part 1 §3.3.2.
func (c *card) discover(ctx context.Context) error {
	object, there, err := c.get(ctx, tagDiscovery)
	if err != nil || !there {
		return err
	}
	c.pin, err = pinReference(object)
	return err
}

// pinReference reads the PIN usage policy: the global PIN counts, and is the one
// that people use, when both bytes say so.
func pinReference(discovery []byte) (byte, error) {
	fields, err := tlv.ReadAll(discovery, maxFields)
	if err != nil {
		return 0, err
	}
	policy, there := tlv.Find(fields, 0x5F2F)
	if !there {
		return refPIN, nil
	}
	if len(policy.Value) != 2 {
		return 0, &tlv.SyntaxError{Tag: 0x5F2F, Reason: "a PIN usage policy has two bytes"}
	}
	if policy.Value[0]&0x20 != 0 && policy.Value[1] == 0x20 {
		return refGlobalPIN, nil
	}
	return refPIN, nil
}

// identity is the card's GUID, SP 800-73-5 part 1 §3.4.1; "" when it has none.
func (c *card) identity(ctx context.Context) (string, error) {
	object, there, err := c.get(ctx, tagCHUID)
	if err != nil || !there {
		return "", err
	}
	fields, err := tlv.ReadAll(object, maxFields)
	if err != nil {
		return "", err
	}
	guid, _ := tlv.Find(fields, 0x34)
	if len(guid.Value) > 16 {
		return "", &tlv.SyntaxError{Tag: 0x34, Reason: "a GUID has 16 bytes"}
	}
	return hex.EncodeToString(guid.Value), nil
}
