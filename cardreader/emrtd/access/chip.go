package access

import (
	"context"
	"encoding/asn1"
	"errors"
	"fmt"
	"io"

	"cnie/apdu"
	"cnie/apdu/securemsg"
	"cnie/apdu/tlv"
	"cnie/internal/ec"
	"cnie/internal/kdf"
	"cnie/lds"
	"cnie/pki"
	"cnie/pki/cert"
)

const (
	tagEphemeralKAT = 0x91 // MSE:Set KAT
	tagEphemeral    = 0x80 // GENERAL AUTHENTICATE
)

// ChipAuthentication runs Chip Authentication version 1 in the selected eMRTD
// application, over the session s on top of the transmitter t, with a key of
// EF.DG14. Nothing of EF.DG14 has been verified yet: the judge does so later, on
// the same bytes, and re-computes the transcript with the key that it finds.
//
// It returns the session under which to go on:
//   - s and no transcript, when DG14 offers nothing that is supported;
//   - s, when the card refused by a status word (§6.2.4: the old keys stay valid);
//   - nil, when secure messaging broke: the card does not have the key;
//   - a new one, when the card proved that it has the key.
//
// An error means that none of this is known.
func ChipAuthentication(ctx context.Context, t apdu.Transmitter, s *securemsg.Session, offered lds.SecurityInfos, rand io.Reader) (*securemsg.Session, *pki.ChipAuthentication, error) {
	key, ok := chooseChipKey(offered)
	if !ok {
		return s, nil, nil
	}
	transcript := &pki.ChipAuthentication{Protocol: key.oid.String(), KeyID: key.id}
	private, err := key.public.Curve().RandomScalar(rand)
	if err != nil {
		return s, nil, fmt.Errorf("random number: %w", err)
	}
	if err := key.announce(ctx, s, private); err != nil {
		return endOfAttempt(s, transcript, fmt.Errorf("chip authentication: %w", err))
	}
	next, err := key.session(t, private)
	if err != nil {
		return nil, nil, err
	}
	s.Close()
	transcript.EphemeralPrivate = private
	if err := confirm(ctx, next, transcript); err != nil {
		return endOfAttempt(nil, transcript, fmt.Errorf("confirm chip authentication: %w", err))
	}
	transcript.Outcome = pki.ChipPerformed
	return next, transcript, nil
}

// endOfAttempt sorts out why there are no new keys.
func endOfAttempt(s *securemsg.Session, transcript *pki.ChipAuthentication, err error) (*securemsg.Session, *pki.ChipAuthentication, error) {
	var refusal *apdu.StatusError
	switch {
	case errors.Is(err, securemsg.ErrIntegrity):
		transcript.Outcome = pki.ChipBroken
		return nil, transcript, nil
	case errors.As(err, &refusal):
		transcript.Outcome, transcript.Status = pki.ChipRefused, uint16(refusal.SW)
		return s, transcript, nil
	}
	return nil, nil, err
}

// confirm makes the card use the new keys once, which is the proof: it reads one
// byte of EF.DG14. Any answer will do, as long as it is protected; one that is
// not goes into the transcript all the same, for whoever judges it again.
func confirm(ctx context.Context, s *securemsg.Session, transcript *pki.ChipAuthentication) error {
	s.Observe(func(command, response []byte) { transcript.Command, transcript.Response = command, response })
	defer s.Observe(nil)
	_, err := s.Transmit(ctx, apdu.Command{INS: apdu.INSReadBinary, P1: 0x80 | lds.DG14.SFI(), Ne: 1})
	return err
}

// chipKey is a static key of the chip and the protocol to use it with.
type chipKey struct {
	public *ec.Point
	cipher kdf.Cipher
	oid    asn1.ObjectIdentifier
	id     *int
}

// announce sends the terminal's ephemeral public key, in the way that goes with
// the cipher: MSE:Set KAT for 3DES (§6.2.4.1), else MSE:Set AT and GENERAL
// AUTHENTICATE (§6.2.4.2).
func (k chipKey) announce(ctx context.Context, s apdu.Transmitter, private []byte) error {
	public, err := k.public.Curve().Generator().Mul(private)
	if err != nil {
		return err
	}
	if k.cipher == kdf.TDES {
		body := k.appendID(tlv.Encode(tagEphemeralKAT, public.Bytes()))
		return announce(ctx, s, apdu.Command{INS: apdu.INSManageSecurityEnvironment, P1: 0x41, P2: 0xA6, Data: body})
	}
	oid, err := asn1.Marshal(k.oid)
	if err != nil {
		return err
	}
	body := k.appendID(tlv.Encode(tagMechanism, oid[2:]))
	if err := announce(ctx, s, apdu.Command{INS: apdu.INSManageSecurityEnvironment, P1: 0x41, P2: 0xA4, Data: body}); err != nil {
		return err
	}
	body = tlv.Encode(tagDynamicAuthentication, tlv.Encode(tagEphemeral, public.Bytes()))
	_, err = apdu.Do(ctx, s, apdu.Command{INS: apdu.INSGeneralAuthenticate, Data: body, Ne: apdu.MaxShortNe})
	return err
}

func (k chipKey) appendID(body []byte) []byte {
	if k.id == nil {
		return body
	}
	return tlv.Append(body, tagKeyRef, unsigned(*k.id))
}

// session derives the new keys, §6.2.1 step 3; the counter starts at zero.
func (k chipKey) session(t apdu.Transmitter, private []byte) (*securemsg.Session, error) {
	shared, err := k.public.Mul(private)
	if err != nil {
		return nil, err
	}
	if shared.IsInfinity() {
		return nil, violation("shared secret is the point at infinity")
	}
	return newSession(t, k.cipher, shared.X(), nil)
}

const chipAuthVersion = 1

// chooseChipKey picks the pair of key and protocol with the strongest cipher.
func chooseChipKey(offered lds.SecurityInfos) (best chipKey, ok bool) {
	for _, key := range offered.ChipKeys {
		spki, err := cert.ParseSPKI(key.SubjectPublicKeyInfo)
		if err != nil || spki.EC == nil || key.Agreement() != lds.ECDH {
			continue
		}
		for _, info := range protocolsFor(key, offered) {
			protocol, known := info.Protocol()
			if !known || info.Version != chipAuthVersion || protocol.Agreement != lds.ECDH {
				continue
			}
			if !ok || protocol.Cipher > best.cipher {
				best, ok = chipKey{spki.EC, protocol.Cipher, info.OID, key.KeyID}, true
			}
		}
	}
	return best, ok
}

// protocolsFor lists what DG14 says a key is for. Early documents carry the key
// alone; it is then for 3DES (§9.2.5).
func protocolsFor(key lds.ChipAuthenticationPublicKeyInfo, offered lds.SecurityInfos) []lds.ChipAuthenticationInfo {
	if len(offered.ChipAuth) == 0 {
		oid, _ := lds.ChipProtocol{Agreement: lds.ECDH, Cipher: kdf.TDES}.OID()
		return []lds.ChipAuthenticationInfo{{OID: oid, Version: chipAuthVersion}}
	}
	var match []lds.ChipAuthenticationInfo
	for _, info := range offered.ChipAuth {
		if sameKey(info.KeyID, key.KeyID) || len(offered.ChipKeys) == 1 && info.KeyID == nil {
			match = append(match, info)
		}
	}
	return match
}

func sameKey(a, b *int) bool {
	return a == nil && b == nil || a != nil && b != nil && *a == *b
}
