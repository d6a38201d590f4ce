//go:build cgo && !windows

package pkcs11

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/rsa"
	"encoding/asn1"
	"fmt"
	"math/big"

	api "github.com/miekg/pkcs11"

	"cnie/cardreader/esign"
	"cnie/cardreader/esign/internal/emsa"
)

// Sign implements esign.Device. It has a session of its own for the operation, so
// that one which was begun and given up is over; the login is the token's.
func (d *device) Sign(_ context.Context, key esign.Description, pin, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	d.turn.Lock()
	defer d.turn.Unlock()
	if err := d.enter(pin); err != nil {
		return nil, err
	}
	private, visible, err := d.private(key)
	if err != nil {
		return nil, err
	}
	if !visible {
		return nil, d.unseen(pin)
	}
	mechanism, input, err := d.mechanism(key.Public, digest, opts)
	if err != nil {
		return nil, err
	}
	session, err := d.api.OpenSession(d.slot, api.CKF_SERIAL_SESSION)
	if err != nil {
		return nil, d.failed("open a session", err)
	}
	defer func() { _ = d.api.CloseSession(session) }()
	if err := d.api.SignInit(session, []*api.Mechanism{mechanism}, private); err != nil {
		return nil, d.refusal("begin the signature", err, pin)
	}
	if pin != nil && d.always(private) {
		if err := d.login(session, api.CKU_CONTEXT_SPECIFIC, pin); err != nil {
			return nil, d.pinRefusal(err)
		}
	}
	signature, err := d.api.Sign(session, input)
	if err != nil {
		return nil, d.refusal("sign", err, pin)
	}
	if public, is := key.Public.(*ecdsa.PublicKey); is {
		return encodeECDSA(public, signature)
	}
	return signature, nil
}

// enter logs the holder in, unless that was done before.
func (d *device) enter(pin []byte) error {
	if pin == nil {
		return nil
	}
	open, err := d.loggedIn()
	if err != nil || open {
		return err
	}
	err = d.login(d.session, api.CKU_USER, pin)
	if err == nil || is(err, api.CKR_USER_ALREADY_LOGGED_IN) {
		return nil
	}
	return d.pinRefusal(err)
}

// pinRefusal tells a wrong PIN, and what the token says of the tries left.
func (d *device) pinRefusal(err error) error {
	switch {
	case is(err, api.CKR_PIN_LOCKED):
		return &esign.PINError{Left: 0}
	case is(err, api.CKR_PIN_LEN_RANGE, api.CKR_PIN_INVALID):
		return esign.ErrPINFormat
	case !is(err, api.CKR_PIN_INCORRECT):
		return d.failed("log in", err)
	}
	token, asked := d.api.GetTokenInfo(d.slot)
	if asked != nil {
		return &esign.PINError{Left: esign.Unknown}
	}
	return &esign.PINError{Left: left(token)}
}

// unseen says why there is no private key: one that is for the holder's eyes is not
// listed before a login (PKCS #11 §4.4, CKA_PRIVATE).
func (d *device) unseen(pin []byte) error {
	if open, err := d.loggedIn(); err != nil {
		return err
	} else if !open && pin == nil {
		return esign.ErrPINNeeded
	}
	return fmt.Errorf("find the private key: %w", esign.ErrUnsupported)
}

// refusal tells a key that wants a PIN after all.
func (d *device) refusal(action string, err error, pin []byte) error {
	if pin == nil && is(err, api.CKR_USER_NOT_LOGGED_IN) {
		return esign.ErrPINNeeded
	}
	return d.failed(action, err)
}

// mechanism chooses how the token signs, and what it is given: a DigestInfo, a
// digest, or a block padded here when it has no PSS of its own (PKCS #11 mechanisms
// §2.1, §2.3).
func (d *device) mechanism(public crypto.PublicKey, digest []byte, opts crypto.SignerOpts) (*api.Mechanism, []byte, error) {
	if key, is := public.(*ecdsa.PublicKey); is {
		return api.NewMechanism(api.CKM_ECDSA, nil), emsa.Curve(key, digest), nil
	}
	o, pss := opts.(*rsa.PSSOptions)
	if !pss {
		info, err := emsa.DigestInfo(opts.HashFunc(), digest)
		return api.NewMechanism(api.CKM_RSA_PKCS, nil), info, err
	}
	key, is := public.(*rsa.PublicKey)
	if !is {
		return nil, nil, esign.ErrUnsupported
	}
	if d.has(api.CKM_RSA_PKCS_PSS) {
		salt, err := emsa.SaltLength(key, o)
		names := pssNames[o.HashFunc()]
		return api.NewMechanism(api.CKM_RSA_PKCS_PSS, api.NewPSSParams(names[0], names[1], uint(max(salt, 0)))), digest, err
	}
	if !d.has(api.CKM_RSA_X_509) {
		return nil, nil, fmt.Errorf("sign with PSS on this token: %w", esign.ErrUnsupported)
	}
	block, err := emsa.PSS(key, digest, o, rand.Reader)
	return api.NewMechanism(api.CKM_RSA_X_509, nil), block, err
}

// pssNames are a hash and its mask generation function.
var pssNames = map[crypto.Hash][2]uint{
	crypto.SHA256: {api.CKM_SHA256, api.CKG_MGF1_SHA256},
	crypto.SHA384: {api.CKM_SHA384, api.CKG_MGF1_SHA384},
	crypto.SHA512: {api.CKM_SHA512, api.CKG_MGF1_SHA512},
}

func (d *device) has(mechanism uint) bool {
	all, err := d.api.GetMechanismList(d.slot)
	if err != nil {
		return false
	}
	for _, m := range all {
		if m.Mechanism == mechanism {
			return true
		}
	}
	return false
}

// encodeECDSA turns r || s, both as long as the order of the curve, into the
// SEQUENCE that the rest of the world has.
func encodeECDSA(public *ecdsa.PublicKey, raw []byte) ([]byte, error) {
	half := (public.Params().N.BitLen() + 7) / 8
	if len(raw) != 2*half {
		return nil, fmt.Errorf("read the signature: %d bytes: %w", len(raw), esign.ErrSignature)
	}
	return asn1.Marshal(struct{ R, S *big.Int }{new(big.Int).SetBytes(raw[:half]), new(big.Int).SetBytes(raw[half:])})
}
