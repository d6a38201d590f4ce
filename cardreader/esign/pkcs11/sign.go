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
	"slices"

	"cnie/cardreader/esign"
	"cnie/cardreader/esign/internal/emsa"
	"cnie/cardreader/esign/pkcs11/internal/cryptoki"
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
	session, err := d.api.OpenSession(d.slot, cryptoki.SerialSession)
	if err != nil {
		return nil, d.failed("open a session", err)
	}
	defer func() { _ = d.api.CloseSession(session) }()
	if err := d.api.SignInit(session, mechanism, private); err != nil {
		return nil, d.refusal("begin the signature", err, pin)
	}
	if pin != nil && d.always(private) {
		if err := d.api.Login(session, cryptoki.ContextSpecific, pin); err != nil {
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
	err = d.api.Login(d.session, cryptoki.User, pin)
	if err == nil || is(err, cryptoki.AlreadyLoggedIn) {
		return nil
	}
	return d.pinRefusal(err)
}

// pinRefusal tells a wrong PIN, and what the token says of the tries left.
func (d *device) pinRefusal(err error) error {
	switch {
	case is(err, cryptoki.PINLocked):
		return &esign.PINError{Left: 0}
	case is(err, cryptoki.PINLength, cryptoki.PINInvalid):
		return esign.ErrPINFormat
	case !is(err, cryptoki.PINIncorrect):
		return d.failed("log in", err)
	}
	token, asked := d.api.TokenInfo(d.slot)
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
	if pin == nil && is(err, cryptoki.NotLoggedIn) {
		return esign.ErrPINNeeded
	}
	return d.failed(action, err)
}

// mechanism chooses how the token signs, and what it is given: a DigestInfo, a
// digest, or a block padded here when it has no PSS of its own (PKCS #11 mechanisms
// §2.1, §2.3).
func (d *device) mechanism(public crypto.PublicKey, digest []byte, opts crypto.SignerOpts) (how cryptoki.Mechanism, input []byte, err error) {
	if key, is := public.(*ecdsa.PublicKey); is {
		return cryptoki.Mechanism{Kind: cryptoki.ECDSA}, emsa.Curve(key, digest), nil
	}
	o, pss := opts.(*rsa.PSSOptions)
	if !pss {
		info, err := emsa.DigestInfo(opts.HashFunc(), digest)
		return cryptoki.Mechanism{Kind: cryptoki.RSA}, info, err
	}
	key, is := public.(*rsa.PublicKey)
	if !is {
		return how, nil, esign.ErrUnsupported
	}
	if d.has(cryptoki.RSAPSS) {
		salt, err := emsa.SaltLength(key, o)
		names := pssNames[o.HashFunc()]
		return cryptoki.Mechanism{Kind: cryptoki.RSAPSS, PSS: &cryptoki.PSS{Hash: names[0], MGF: names[1], Salt: uint(max(salt, 0))}}, digest, err
	}
	if !d.has(cryptoki.RawRSA) {
		return how, nil, fmt.Errorf("sign with PSS on this token: %w", esign.ErrUnsupported)
	}
	block, err := emsa.PSS(key, digest, o, rand.Reader)
	return cryptoki.Mechanism{Kind: cryptoki.RawRSA}, block, err
}

// pssNames are a hash and its mask generation function.
var pssNames = map[crypto.Hash][2]uint{
	crypto.SHA256: {cryptoki.SHA256, cryptoki.MGF256},
	crypto.SHA384: {cryptoki.SHA384, cryptoki.MGF384},
	crypto.SHA512: {cryptoki.SHA512, cryptoki.MGF512},
}

func (d *device) has(mechanism uint) bool {
	all, err := d.api.Mechanisms(d.slot)
	return err == nil && slices.Contains(all, mechanism)
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
