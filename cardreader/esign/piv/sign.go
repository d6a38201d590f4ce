package piv

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"fmt"

	"cnie/apdu"
	"cnie/apdu/tlv"
	"cnie/cardreader"
	"cnie/cardreader/esign"
	"cnie/cardreader/esign/internal/emsa"
)

// References of the PIN, SP 800-73-5 part 1 table 4b. The PIN is padded to eight
// bytes, part 2 §2.4.3.
const (
	refPIN       = 0x80
	refGlobalPIN = 0x00
	pinField     = 8
	minPIN       = 6
)

// gone tells that there is no use in going on with this card.
func gone(err error) bool {
	for _, end := range []error{cardreader.ErrCardRemoved, cardreader.ErrCardReset, cardreader.ErrReaderGone, cardreader.ErrNoService, apdu.ErrLimit} {
		if errors.Is(err, end) {
			return true
		}
	}
	return false
}

// alwaysPIN tells whether a key wants the PIN each time.
func (c *card) alwaysPIN(key byte) bool { return key == refSignature || c.always[key] }

// PIN implements esign.Device.
func (c *card) PIN(ctx context.Context, d esign.Description) (esign.PINState, error) {
	state := esign.PINState{Min: minPIN, Max: pinField, Pad: c.pad != nil}
	key := d.Handle.(byte)
	if key == refCardAuthentication && !c.always[key] {
		return state, nil
	}
	open, err := c.tries(ctx)
	if err != nil {
		return state, err
	}
	if open && c.alwaysPIN(key) && c.withdraw(ctx) == nil { // an open card does not count tries
		if open, err = c.tries(ctx); err != nil {
			return state, err
		}
	}
	// A card that stays open was given the right PIN, after which it has at least
	// the tries that it had before.
	state.Wanted, state.Left = !open || c.alwaysPIN(key), c.left
	return state, nil
}

// tries asks whether the card is open and, if it is not, how many tries are left:
// VERIFY without data, SP 800-73-5 part 2 §3.2.1.
func (c *card) tries(ctx context.Context) (open bool, err error) {
	r, err := c.t.Transmit(ctx, apdu.Command{INS: insVerify, P2: c.pin})
	if err != nil || r.SW.OK() {
		return err == nil, err
	}
	refusal := &apdu.StatusError{INS: insVerify, SW: r.SW}
	left, told := refusal.Retries()
	if !told {
		return false, fmt.Errorf("ask for the tries left: %w", refusal)
	}
	c.left = left
	return false, nil
}

// withdraw shuts the card again: VERIFY with P1 FF, SP 800-73-5 part 2 §3.2.1.
func (c *card) withdraw(ctx context.Context) error {
	_, err := apdu.Do(ctx, c.t, apdu.Command{INS: insVerify, P1: 0xFF, P2: c.pin})
	return err
}

// Close implements esign.Device. A card that is not there any more is shut.
func (c *card) Close() error {
	_ = c.withdraw(context.Background())
	return nil
}

// verify gives the PIN, or has the reader do so.
func (c *card) verify(ctx context.Context, pin []byte) error {
	field := bytes.Repeat([]byte{0xFF}, pinField)
	if c.pad != nil {
		return c.refusal(c.verifyOnPad(ctx, field))
	}
	copy(field, pin)
	defer clear(field)
	_, err := apdu.Do(ctx, c.t, apdu.Command{INS: insVerify, P2: c.pin, Data: field})
	return c.refusal(err)
}

// refusal tells a wrong PIN, and keeps what the card says of the tries left.
func (c *card) refusal(err error) error {
	var refusal *apdu.StatusError
	if !errors.As(err, &refusal) {
		return err
	}
	if left, told := refusal.Retries(); told {
		c.left = left
		return &esign.PINError{Left: left}
	}
	if errors.Is(err, apdu.ErrWrongSecret) {
		return &esign.PINError{Left: esign.Unknown}
	}
	return fmt.Errorf("verify the PIN: %w", err)
}

// Sign implements esign.Device. The signature follows the PIN without a command in
// between, as 9C demands.
func (c *card) Sign(ctx context.Context, d esign.Description, pin, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	algorithm, block, err := challenge(d.Certificate.PublicKey, digest, opts)
	if err != nil {
		return nil, err
	}
	key := d.Handle.(byte)
	if pin != nil {
		if err := c.verify(ctx, pin); err != nil {
			return nil, err
		}
	}
	signature, err := c.authenticate(ctx, algorithm, key, block)
	if pin == nil && errors.Is(err, apdu.ErrSecurityStatus) {
		c.always[key] = true
		return nil, esign.ErrPINNeeded
	}
	return signature, err
}

// Algorithm identifiers, SP 800-78-5 table 6-2.
const (
	algorithmRSA3072 = 0x05
	algorithmRSA2048 = 0x07
	algorithmP256    = 0x11
	algorithmP384    = 0x14
)

// challenge is what the card is to sign: the padded block of an RSA key, or the
// leftmost bits of the digest for a curve, filled to its size (SP 800-73-5 part 2
// appendix A.4; zeros in front leave the number as it is).
func challenge(public crypto.PublicKey, digest []byte, opts crypto.SignerOpts) (byte, []byte, error) {
	switch key := public.(type) {
	case *rsa.PublicKey:
		algorithm := map[int]byte{2048: algorithmRSA2048, 3072: algorithmRSA3072}[key.N.BitLen()]
		if algorithm == 0 {
			break
		}
		if o, is := opts.(*rsa.PSSOptions); is {
			block, err := emsa.PSS(key, digest, o, rand.Reader)
			return algorithm, block, err
		}
		block, err := emsa.PKCS1v15(opts.HashFunc(), digest, key.Size())
		return algorithm, block, err
	case *ecdsa.PublicKey:
		algorithm := map[int]byte{256: algorithmP256, 384: algorithmP384}[key.Curve.Params().BitSize]
		if algorithm == 0 {
			break
		}
		return algorithm, emsa.Curve(key, digest), nil
	}
	return 0, nil, fmt.Errorf("sign on a PIV card: %w", esign.ErrUnsupported)
}

// The dynamic authentication template, SP 800-73-5 part 2 §3.2.4.
const (
	tagDynamic   = 0x7C
	tagChallenge = 0x81
	tagResponse  = 0x82
)

// authenticate has the card use a key: GENERAL AUTHENTICATE.
func (c *card) authenticate(ctx context.Context, algorithm, key byte, block []byte) ([]byte, error) {
	template := tlv.Encode(tagDynamic, tlv.Encode(tagResponse), tlv.Encode(tagChallenge, block))
	answer, err := apdu.Do(ctx, c.t, apdu.Command{INS: insAuthenticate, P1: algorithm, P2: key, Data: template, Ne: apdu.MaxShortNe})
	if err != nil {
		return nil, err
	}
	return parseResponse(answer)
}

// parseResponse takes the signature out of the template that the card filled.
func parseResponse(answer []byte) ([]byte, error) {
	dynamic, err := tlv.One(answer, tagDynamic)
	if err != nil {
		return nil, fmt.Errorf("read the signature: %w", err)
	}
	response, err := tlv.One(dynamic.Value, tagResponse)
	if err != nil {
		return nil, fmt.Errorf("read the signature: %w", err)
	}
	return response.Value, nil
}
