//go:build cgo || windows

package yubikey

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	client "github.com/go-piv/piv-go/v2/piv"

	"cnie/apdu"
	"cnie/cardreader"
	"cnie/cardreader/esign"
)

// token is one YubiKey. It implements esign.Device.
type token struct {
	yubikey *client.YubiKey
	system  cardreader.System
	reader  string
	serial  string
	left    int // tries, when last told
}

// Open opens the YubiKey in a reader, given by its whole name. The system must have
// that reader; it is what tells an empty one from a busy one, and what resets the
// card.
func Open(ctx context.Context, system cardreader.System, reader string, o esign.Options) (*esign.Token, error) {
	if o.Pad != nil { // go-piv takes the PIN in memory only
		return nil, fmt.Errorf("open YubiKey: %w", cardreader.ErrNoPINPad)
	}
	if err := probe(ctx, system, reader); err != nil {
		return nil, fmt.Errorf("open YubiKey: %w", err)
	}
	type opened struct {
		token *token
		err   error
	}
	came := make(chan opened, 1)
	go func() {
		t, err := open(system, reader)
		came <- opened{t, err}
	}()
	select {
	case r := <-came:
		if r.err != nil {
			return nil, fmt.Errorf("open YubiKey: %w", r.err)
		}
		return esign.NewToken(r.token, o), nil
	case <-ctx.Done():
		go func() { // nobody waits any more
			if r := <-came; r.err == nil {
				_ = r.token.Close()
			}
		}()
		return nil, ctx.Err()
	}
}

// probe asks a card whether it is a YubiKey before the library opens it: of one
// without the PIV application the library would not let go again.
func probe(ctx context.Context, system cardreader.System, reader string) error {
	card, err := system.Connect(ctx, reader)
	if err != nil {
		return err
	}
	defer card.Close()
	channel := apdu.NewChannel(card)
	for _, command := range []apdu.Command{
		{INS: apdu.INSSelect, P1: 4, Data: aid, Ne: apdu.MaxShortNe},
		{INS: insGetVersion, Ne: apdu.MaxShortNe},
	} {
		r, err := channel.Transmit(ctx, command)
		if err != nil {
			return err
		}
		if !r.SW.OK() {
			return ErrNotYubiKey
		}
	}
	return nil
}

// aid is the PIV application's registered identifier, and insGetVersion an
// instruction of Yubico's.
var aid = []byte{0xA0, 0x00, 0x00, 0x03, 0x08}

const insGetVersion = 0xFD

// reset connects and disconnects, after which nobody is logged in.
func reset(ctx context.Context, system cardreader.System, reader string) error {
	card, err := system.Connect(ctx, reader)
	if err != nil {
		return err
	}
	return card.Close()
}

func open(system cardreader.System, reader string) (*token, error) {
	t := &token{system: system, reader: reader, left: esign.Unknown}
	yubikey, err := client.Open(reader)
	if err != nil {
		return nil, t.failed(err)
	}
	t.yubikey = yubikey
	if serial, err := yubikey.Serial(); err == nil { // a token may keep it to itself
		t.serial = strconv.FormatUint(uint64(serial), 10)
	}
	return t, nil
}

// Close implements esign.Device. A card that has gone is shut.
func (t *token) Close() error {
	_ = t.yubikey.Close()
	err := reset(context.Background(), t.system, t.reader)
	for _, gone := range []error{cardreader.ErrNoCard, cardreader.ErrNoReader, cardreader.ErrCardRemoved, cardreader.ErrReaderGone, cardreader.ErrNoService} {
		if errors.Is(err, gone) {
			return nil
		}
	}
	return err
}

// sentinels are for codes of PC/SC that the library has a text for and no type.
var sentinels = map[string]error{
	"the smart card has been removed":   cardreader.ErrCardRemoved,
	"the smart card has been reset":     cardreader.ErrCardReset,
	"other connections outstanding":     cardreader.ErrReaderBusy,
	"power has been removed":            cardreader.ErrCardRemoved,
	"Resource Manager has shut down":    cardreader.ErrNoService,
	"resource manager is not running":   cardreader.ErrNoService,
	"no Smart Card is currently in the": cardreader.ErrCardRemoved,
}

// noticeTime is how long a service may take to see that a card has gone: virtual
// readers are polled every 400 ms, and USB ones may take as long.
const noticeTime = 600 * time.Millisecond

// failed finds the sentinel for an error of the library. A card pulled out in the
// middle of a command shows as a failure of some kind at first; the reader tells.
func (t *token) failed(err error) error {
	if err == nil || refused(err) {
		return err
	}
	for text, sentinel := range sentinels {
		if strings.Contains(err.Error(), text) {
			return fmt.Errorf("%w: %w", sentinel, err)
		}
	}
	for deadline := time.Now().Add(noticeTime); time.Now().Before(deadline); time.Sleep(noticeTime / 20) {
		if !t.present() {
			return fmt.Errorf("%w: %w", cardreader.ErrCardRemoved, err)
		}
	}
	return err
}

// present asks the service whether there is a card in the reader.
func (t *token) present() bool {
	readers, err := t.system.Readers(context.Background())
	return err != nil || slices.ContainsFunc(readers, func(r cardreader.Reader) bool { return r.Name == t.reader && r.HasCard })
}

// refused tells a card's answer from a failure to get one.
func refused(err error) bool {
	var refusal interface{ Status() uint16 }
	return errors.As(err, &refusal)
}
