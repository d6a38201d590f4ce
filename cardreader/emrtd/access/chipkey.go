package access

import (
	"cmp"
	"context"
	"encoding/asn1"
	"errors"

	"cnie/apdu"
	"cnie/apdu/securemsg"
	"cnie/apdu/tlv"
	"cnie/internal/kdf"
	"cnie/lds"
	"cnie/pki/cert"
)

// chipKey is a static key of the chip and the protocol to use it with.
type chipKey struct {
	group  group
	public element
	cipher kdf.Cipher
	oid    asn1.ObjectIdentifier
	id     *int
}

// announce sends the terminal's ephemeral public key, in the way that goes with
// the cipher: MSE:Set KAT for 3DES (§6.2.4.1), else MSE:Set AT and GENERAL
// AUTHENTICATE (§6.2.4.2). Chips were issued that know the second way only, even
// for 3DES (§8.5, note 1): it is tried when they refuse the first.
func (k chipKey) announce(ctx context.Context, s apdu.Transmitter, public []byte) error {
	if k.cipher == kdf.TDES {
		body := k.appendID(tlv.Encode(tagEphemeralKAT, public))
		err := announce(ctx, s, apdu.Command{INS: apdu.INSManageSecurityEnvironment, P1: 0x41, P2: 0xA6, Data: body})
		if !unknownCommand(err) {
			return err
		}
	}
	oid, err := asn1.Marshal(k.oid)
	if err != nil {
		return err
	}
	body := k.appendID(tlv.Encode(tagMechanism, oid[2:]))
	if err := announce(ctx, s, apdu.Command{INS: apdu.INSManageSecurityEnvironment, P1: 0x41, P2: 0xA4, Data: body}); err != nil {
		return err
	}
	body = tlv.Encode(tagDynamicAuthentication, tlv.Encode(tagEphemeral, public))
	_, err = apdu.Do(ctx, s, apdu.Command{INS: apdu.INSGeneralAuthenticate, Data: body, Ne: apdu.MaxShortNe})
	return err
}

// unknownCommand says that the card, through an intact session, does not know
// this form of the command.
func unknownCommand(err error) bool {
	var refusal *apdu.StatusError
	if errors.Is(err, securemsg.ErrIntegrity) || !errors.As(err, &refusal) {
		return false
	}
	switch refusal.SW {
	case apdu.StatusWrongP1P2, apdu.StatusFunctionNotSupported, apdu.StatusINSNotSupported:
		return true
	}
	return false
}

func (k chipKey) appendID(body []byte) []byte {
	if k.id == nil {
		return body
	}
	return tlv.Append(body, tagKeyRef, unsigned(*k.id))
}

// session derives the new keys, §6.2.1 step 3; the counter starts at zero.
func (k chipKey) session(t apdu.Transmitter, private []byte) (*securemsg.Session, error) {
	shared, err := k.public.raise(private)
	if err != nil {
		return nil, err
	}
	if shared.neutral() {
		return nil, violation("shared secret is the neutral element")
	}
	return newSession(t, k.cipher, shared.secret(), nil)
}

const chipAuthVersion = 1

// chipPreferences say which of two keys and protocols is the stronger, as
// preferences do for PACE, but that AES comes before 3DES with whatever key: §8.5.
var chipPreferences = []func(chipKey) int{
	func(k chipKey) int { return rank(k.cipher != kdf.TDES) },
	func(k chipKey) int { return min(cipherStrengths[k.cipher], k.group.strength()) },
	func(k chipKey) int { return cipherStrengths[k.cipher] },
	func(k chipKey) int { return k.group.strength() },
}

func (k chipKey) stronger(than chipKey) bool {
	for _, of := range chipPreferences {
		if order := cmp.Compare(of(k), of(than)); order != 0 {
			return order > 0
		}
	}
	return false
}

// chooseChipKey picks the strongest pair of key and protocol.
func chooseChipKey(offered lds.SecurityInfos) (best chipKey, ok bool) {
	for _, info := range offered.ChipKeys {
		key, known := readChipKey(info)
		if !known {
			continue
		}
		for _, use := range protocolsFor(info, offered) {
			protocol, known := use.Protocol()
			if !known || use.Version != chipAuthVersion || protocol.Agreement != info.Agreement() {
				continue
			}
			key.cipher, key.oid = protocol.Cipher, use.OID
			if !ok || key.stronger(best) {
				best, ok = key, true
			}
		}
	}
	return best, ok
}

// readChipKey reads a key that is of the kind which its identifier says.
func readChipKey(info lds.ChipAuthenticationPublicKeyInfo) (chipKey, bool) {
	parsed, err := cert.ParseAgreementKey(info.SubjectPublicKeyInfo)
	switch {
	case err != nil:
		return chipKey{}, false
	case parsed.EC != nil && info.Agreement() == lds.ECDH:
		return chipKey{group: curve{parsed.EC.Curve()}, public: point{parsed.EC}, id: info.KeyID}, true
	case parsed.DH != nil && info.Agreement() == lds.DH:
		return chipKey{group: modp{parsed.DH.Group()}, public: number{parsed.DH}, id: info.KeyID}, true
	}
	return chipKey{}, false
}

// protocolsFor lists what DG14 says a key is for. Early documents carry the key
// alone; it is then for 3DES (§9.2.5), unless it is there for PACE.
func protocolsFor(key lds.ChipAuthenticationPublicKeyInfo, offered lds.SecurityInfos) []lds.ChipAuthenticationInfo {
	if len(offered.ChipAuth) == 0 {
		if offered.Maps(key) {
			return nil
		}
		oid, _ := lds.ChipProtocol{Agreement: key.Agreement(), Cipher: kdf.TDES}.OID()
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
