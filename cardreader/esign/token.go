package esign

import (
	"context"
	"crypto"
	"crypto/x509"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
)

// Device is a back end's access to one card: how keys are found, a PIN is given
// and a signature is made. A Token calls one method at a time.
type Device interface {
	// Keys describes the keys that the card has. Those that cannot be read are
	// in the error, joined; the others are returned all the same.
	Keys(ctx context.Context) ([]Description, error)
	// PIN tells whether the key wants the PIN now, and spends no try.
	PIN(ctx context.Context, key Description) (PINState, error)
	// Sign gives the card the PIN, unless it is nil, and signs right after. It
	// does not keep the PIN. Signatures are as crypto.Signer has them. A refused
	// PIN is a *PINError; ErrPINNeeded is for a key that turned out to want one.
	Sign(ctx context.Context, key Description, pin, digest []byte, opts crypto.SignerOpts) ([]byte, error)
	// Close releases the card; nothing that the PIN opened stays open.
	Close() error
}

// Description is what is known of a key without using it.
type Description struct {
	Token       string // which card: a serial number or a label; may be empty
	Slot        string // where on it: 9C, or an identifier in hexadecimal
	Label       string // the card's name for it; not to be trusted
	URI         string // names it beyond doubt, where there is a way to: pkcs11:…
	AlwaysPIN   bool   // the PIN is wanted before each signature
	Touch       bool   // so is a finger on the token
	Public      crypto.PublicKey
	Certificate *x509.Certificate   // nil: the card has none
	Issuers     []*x509.Certificate // found on the card, nearest first
	Handle      any                 // the back end's own
}

// Holder is whose key it is, by the certificate or else by the card's label; ""
// when neither tells. It is safe to print.
func (d Description) Holder() string {
	if d.Certificate != nil && d.Certificate.Subject.CommonName != "" {
		return printable(d.Certificate.Subject.CommonName)
	}
	return printable(d.Label)
}

// Name is what people call the key: its slot, and whose it is if that is known.
func (d Description) Name() string {
	if holder := d.Holder(); holder != "" {
		return fmt.Sprintf("%s (%s)", d.Slot, holder)
	}
	return d.Slot
}

// printable keeps what a card says from moving a terminal's cursor.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7F && r < 0xA0 || r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069 {
			return -1 // controls, and the characters that turn a line around
		}
		return r
	}, s)
}

// Token is one card with keys. It is safe for concurrent use: whoever comes
// second waits.
type Token struct {
	device  Device
	options Options
	turn    chan struct{}
	closed  bool        // guarded by turn
	left    atomic.Bool // whoever has the turn was given up
}

// ErrClosed says that a token or a session was closed before.
var ErrClosed = errors.New("it was closed before")

// NewToken is for back ends: the token takes the device over.
func NewToken(d Device, o Options) *Token {
	return &Token{device: d, options: o, turn: make(chan struct{}, 1)}
}

// Keys lists the keys that can sign. Those that cannot be read are in the error,
// joined; the others are returned all the same.
func (t *Token) Keys(ctx context.Context) ([]*Key, error) {
	keys, err := inTurn(ctx, t, func() (found described, _ error) {
		found.all, found.bad = t.device.Keys(ctx)
		return found, nil
	})
	if err != nil {
		return nil, fmt.Errorf("list keys: %w", err)
	}
	var usable []*Key
	for _, d := range keys.all {
		if d.Certificate != nil { // what a relying party will verify with
			d.Public = d.Certificate.PublicKey
		}
		algorithm, err := algorithmOf(d.Public)
		if err != nil {
			keys.bad = errors.Join(keys.bad, fmt.Errorf("key %s: %w", d.Slot, err))
			continue
		}
		usable = append(usable, &Key{token: t, description: d, algorithm: algorithm})
	}
	return usable, keys.bad
}

type described struct {
	all []Description
	bad error
}

// Close releases the card, once it has finished what it is doing. It does not wait
// for a call that was given up: the card is released when that ends.
func (t *Token) Close() error {
	select {
	case t.turn <- struct{}{}:
		return t.shut()
	default:
	}
	if t.left.Load() {
		go func() {
			t.turn <- struct{}{}
			_ = t.shut()
		}()
		return nil
	}
	t.turn <- struct{}{}
	return t.shut()
}

// shut is Close for whoever has the turn.
func (t *Token) shut() error {
	defer func() { <-t.turn }()
	if t.closed {
		return nil
	}
	t.closed = true
	return t.device.Close()
}

// inTurn lets one caller at a time work with the card. When the context ends it
// returns; a call into a library that cannot be interrupted goes on behind it, and
// the card is free when that ends.
func inTurn[T any](ctx context.Context, t *Token, work func() (T, error)) (T, error) {
	var none T
	select {
	case t.turn <- struct{}{}:
	case <-ctx.Done():
		return none, ctx.Err()
	}
	err := ctx.Err()
	if t.closed {
		err = ErrClosed
	}
	if err != nil {
		<-t.turn
		return none, err
	}
	type outcome struct {
		value T
		err   error
	}
	came := make(chan outcome, 1)
	go func() {
		value, err := work()
		t.left.Store(false)
		<-t.turn
		came <- outcome{value, err}
	}()
	select {
	case o := <-came:
		return o.value, o.err
	case <-ctx.Done():
		t.left.Store(true)
		return none, ctx.Err()
	}
}
