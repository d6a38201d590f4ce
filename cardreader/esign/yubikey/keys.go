//go:build cgo || windows

package yubikey

import (
	"context"
	"crypto"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"unsafe"

	client "github.com/go-piv/piv-go/v2/piv"

	"cnie/cardreader"
	"cnie/cardreader/esign"
)

// Lengths of a PIN: six to eight characters, of any kind.
const minPIN, maxPIN = 6, 8

// Retired keys are in 82 to 95.
const firstRetired, lastRetired = 0x82, 0x95

// slots are looked at in this order.
var slots = func() []client.Slot {
	all := []client.Slot{client.SlotSignature, client.SlotAuthentication, client.SlotKeyManagement, client.SlotCardAuthentication}
	for key := uint32(firstRetired); key <= lastRetired; key++ {
		if s, known := client.RetiredKeyManagementSlot(key); known {
			all = append(all, s)
		}
	}
	return all
}()

// Keys implements esign.Device.
func (t *token) Keys(ctx context.Context) ([]esign.Description, error) {
	var found []esign.Description
	var bad error
	for _, s := range slots {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		d, there, err := t.describe(s)
		switch {
		case errors.Is(err, cardreader.ErrCardRemoved):
			return nil, err
		case err != nil:
			bad = errors.Join(bad, fmt.Errorf("read certificate %02X: %w", s.Key, err))
		case there:
			found = append(found, d)
		}
	}
	return found, bad
}

// describe brings together what the token says of a slot. Of a key that was neither
// described nor certified nothing is known.
func (t *token) describe(s client.Slot) (esign.Description, bool, error) {
	d := esign.Description{Token: t.serial, Slot: fmt.Sprintf("%02X", s.Key), Handle: handle{s, policy(s)}}
	certificate, err := t.yubikey.Certificate(s)
	if err != nil && !errors.Is(err, client.ErrNotFound) {
		return d, false, t.failed(err)
	}
	d.Certificate = certificate
	if said, err := t.yubikey.KeyInfo(s); err == nil { // firmware 5.3 and later
		d.Public, d.Handle = said.PublicKey, handle{s, said.PINPolicy}
		d.Touch = said.TouchPolicy == client.TouchPolicyAlways || said.TouchPolicy == client.TouchPolicyCached
	}
	d.AlwaysPIN = d.Handle.(handle).pin == client.PINPolicyAlways
	return d, d.Certificate != nil || d.Public != nil, nil
}

// handle is a slot and when it wants the PIN.
type handle struct {
	slot client.Slot
	pin  client.PINPolicy
}

// policy is that of the PIV standard, SP 800-73-5 part 1 table 4b.
func policy(s client.Slot) client.PINPolicy {
	switch s {
	case client.SlotSignature:
		return client.PINPolicyAlways
	case client.SlotCardAuthentication:
		return client.PINPolicyNever
	}
	return client.PINPolicyOnce
}

// PIN implements esign.Device. An open token does not say how many tries are left;
// it has at least those that it had before it was opened.
func (t *token) PIN(_ context.Context, key esign.Description) (esign.PINState, error) {
	state := esign.PINState{Min: minPIN, Max: maxPIN, Left: t.left}
	h := key.Handle.(handle)
	if h.pin == client.PINPolicyNever {
		return state, nil
	}
	left, err := t.yubikey.Retries()
	switch {
	case err == nil:
		t.left, state.Left, state.Wanted = left, left, true
	case strings.Contains(err.Error(), alreadyOpen):
		state.Wanted = h.pin == client.PINPolicyAlways
	default:
		return state, t.failed(err)
	}
	return state, nil
}

// alreadyOpen is how the library words that VERIFY without data was answered with
// 9000.
const alreadyOpen = "expected error code from empty pin"

// Sign implements esign.Device. The library never asks: it believes that the key
// wants no PIN, and the token was given it right before.
func (t *token) Sign(_ context.Context, key esign.Description, pin, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	if pin != nil {
		if err := t.verify(pin); err != nil {
			return nil, err
		}
	}
	private, err := t.yubikey.PrivateKey(key.Handle.(handle).slot, key.Public, client.KeyAuth{PINPolicy: client.PINPolicyNever})
	if err != nil {
		return nil, t.failed(err)
	}
	signer, is := private.(crypto.Signer)
	if !is {
		return nil, esign.ErrUnsupported
	}
	signature, err := signer.Sign(rand.Reader, digest, opts)
	return signature, t.failed(err)
}

// verify gives the PIN, as a string that is gone when the caller wipes the bytes.
func (t *token) verify(pin []byte) error {
	err := t.yubikey.VerifyPIN(unsafe.String(&pin[0], len(pin)))
	var refusal client.AuthErr
	if errors.As(err, &refusal) {
		t.left = refusal.Retries
		return &esign.PINError{Left: refusal.Retries}
	}
	return t.failed(err)
}
