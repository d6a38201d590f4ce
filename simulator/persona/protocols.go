package persona

import (
	"encoding/asn1"
	"fmt"
	"reflect"
	"slices"

	"cnie/apdu/tlv"
	"cnie/internal/dh"
	"cnie/internal/ec"
	"cnie/lds"
	"cnie/pki/specimen"
)

// addChip encodes EF.CardAccess, DG14 and, where there is something for it,
// EF.CardSecurity, and gives the chip its keys. Both repeat the PACE announcement
// under the issuer's signature, so that a changed EF.CardAccess shows (ICAO
// 9303-11 §9.2.11).
func (p Persona) addChip(card *Card) error {
	infos, err := p.paceInfos(card)
	if err != nil {
		return err
	}
	if len(card.PACE) > 0 {
		if err := put(card, lds.CardAccess)(infos.Encode()); err != nil {
			return err
		}
	}
	for i, protocol := range p.Chip.Authentication {
		if err := protocol.addKey(card, &infos, fmt.Sprint(p.Name, " chip key ", i)); err != nil {
			return err
		}
	}
	for _, step := range []func(*Card, *lds.SecurityInfos) error{p.addMappingKeys, p.addInspection, p.addActiveKey} {
		if err := step(card, &infos); err != nil {
			return err
		}
	}
	if len(infos.PACE)+len(infos.ChipKeys)+len(infos.ActiveAuth)+len(infos.TerminalAuth) == 0 {
		return nil
	}
	if err := p.addCardSecurity(card, infos); err != nil {
		return err
	}
	return put(card, lds.DG14)(infos.EncodeDG14())
}

// paceInfos are what EF.CardAccess announces.
func (p Persona) paceInfos(card *Card) (infos lds.SecurityInfos, err error) {
	for _, protocol := range p.Chip.PACE {
		info, parameters, err := protocol.pace()
		if err != nil {
			return infos, err
		}
		infos.PACE = append(infos.PACE, info)
		if parameters != nil && !contains(infos.PACEParameters, *parameters) {
			infos.PACEParameters = append(infos.PACEParameters, *parameters)
		}
	}
	card.PACE, card.PACEParameters = infos.PACE, infos.PACEParameters
	return infos, nil
}

func contains(list []lds.PACEDomainParameterInfo, info lds.PACEDomainParameterInfo) bool {
	return slices.ContainsFunc(list, func(other lds.PACEDomainParameterInfo) bool { return reflect.DeepEqual(other, info) })
}

// pace announces a protocol, and domain parameters if it has its own.
func (p Protocol) pace() (lds.PACEInfo, *lds.PACEDomainParameterInfo, error) {
	oid, ok := lds.PACEProtocol{Mapping: mappings[p.Mapping], Agreement: p.agreement(), Cipher: p.cipher()}.OID()
	if !ok {
		return lds.PACEInfo{}, nil, fmt.Errorf("no such PACE protocol")
	}
	info := lds.PACEInfo{OID: oid, Version: 2, ParameterID: p.parameterID()}
	if !p.Explicit {
		return info, nil, nil
	}
	info.ParameterID = -1
	if p.ID != nil {
		info.ParameterID = *p.ID
	}
	return info, &lds.PACEDomainParameterInfo{OID: oid[:len(oid)-1], Parameters: p.domain(), ParameterID: info.ParameterID}, nil
}

func (p Protocol) agreement() lds.Agreement {
	if p.Group != "" {
		return lds.DH
	}
	return lds.ECDH
}

func (p Protocol) parameterID() int {
	if group, is := dh.ByName(p.Group); is {
		return group.ParameterID()
	}
	curve, _ := ec.ByName(p.Curve) // checked before
	return curve.ParameterID()
}

// The algorithm identifiers of explicit domain parameters, ICAO 9303-11 §9.5.2.
var (
	oidNumbers = asn1.ObjectIdentifier{1, 2, 840, 10046, 2, 1} // dhpublicnumber
	oidPoints  = asn1.ObjectIdentifier{1, 2, 840, 10045, 2, 1} // ecPublicKey
)

func (p Protocol) domain() []byte {
	oid, parameters := oidPoints, []byte(nil)
	if group, is := dh.ByName(p.Group); is {
		oid, parameters = oidNumbers, group.X942()
	} else if curve, is := ec.ByName(p.Curve); is {
		parameters = curve.ExplicitDER()
	}
	name, _ := asn1.Marshal(oid) // a constant
	return tlv.Encode(0x30, name, parameters)
}

// addKey gives the chip a key for Chip Authentication and announces it.
func (p Protocol) addKey(card *Card, infos *lds.SecurityInfos, label string) error {
	oid, ok := lds.ChipProtocol{Agreement: p.agreement(), Cipher: p.cipher()}.OID()
	if !ok {
		return fmt.Errorf("no such Chip Authentication protocol")
	}
	key, public, err := p.chipKey(label)
	if err != nil {
		return err
	}
	card.ChipKeys = append(card.ChipKeys, key)
	infos.ChipAuth = append(infos.ChipAuth, lds.ChipAuthenticationInfo{OID: oid, Version: 1, KeyID: p.ID})
	infos.ChipKeys = append(infos.ChipKeys, lds.ChipAuthenticationPublicKeyInfo{
		OID: lds.OIDPublicKey(p.agreement()), KeyID: p.ID, SubjectPublicKeyInfo: public,
	})
	return nil
}

func (p Protocol) chipKey(label string) (ChipKey, []byte, error) {
	if group, is := dh.ByName(p.Group); is {
		key := ChipKey{ID: p.ID, Group: group, Private: specimen.Exponent(group, label), Cipher: p.cipher()}
		return key, specimen.PublicNumber(group.Generator().Exp(key.Private), p.X942), nil
	}
	curve, _ := ec.ByName(p.Curve)
	key := ChipKey{ID: p.ID, Curve: curve, Private: specimen.Scalar(curve, label), Cipher: p.cipher()}
	point, err := curve.Generator().Mul(key.Private)
	if err != nil {
		return key, nil, fmt.Errorf("derive chip key: %w", err)
	}
	return key, specimen.PublicKey(curve, p.Explicit, point.Bytes()), nil
}

// addMappingKeys gives the chip the static keys of Chip Authentication Mapping,
// numbered as the domain parameters are (ICAO 9303-11 §9.2.1), unless a key of
// Chip Authentication has that number and serves both.
func (p Persona) addMappingKeys(card *Card, infos *lds.SecurityInfos) error {
	for _, protocol := range p.Chip.PACE {
		id := protocol.parameterID()
		if mappings[protocol.Mapping] != lds.CAM || card.hasKey(id) {
			continue
		}
		curve, _ := ec.ByName(protocol.Curve)
		key := ChipKey{ID: &id, Curve: curve, Private: specimen.Scalar(curve, p.Name, "mapping key")}
		point, err := curve.Generator().Mul(key.Private)
		if err != nil {
			return fmt.Errorf("derive mapping key: %w", err)
		}
		card.ChipKeys = append(card.ChipKeys, key)
		infos.ChipKeys = append(infos.ChipKeys, lds.ChipAuthenticationPublicKeyInfo{
			OID: lds.OIDPublicKey(lds.ECDH), KeyID: &id, SubjectPublicKeyInfo: specimen.StandardPublicKey(curve, point.Bytes()),
		})
	}
	return nil
}

func (c *Card) hasKey(id int) bool {
	return slices.ContainsFunc(c.ChipKeys, func(key ChipKey) bool { return key.ID != nil && *key.ID == id })
}

// addCardSecurity signs what stands in DG14 for those who read it before they
// select the application: who ran Chip Authentication Mapping.
func (p Persona) addCardSecurity(card *Card, infos lds.SecurityInfos) error {
	for _, protocol := range p.Chip.PACE {
		if mappings[protocol.Mapping] != lds.CAM {
			continue
		}
		content, err := infos.Encode()
		if err != nil {
			return err
		}
		signer, err := p.signer()
		if err != nil {
			return err
		}
		return put(card, lds.CardSecurity)(signer.SignSecurityInfos(content, p.sodOptions()))
	}
	return nil
}
