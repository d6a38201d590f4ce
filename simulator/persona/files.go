package persona

import (
	"crypto/sha256"
	"fmt"

	"cnie/apdu/tlv"
	"cnie/internal/ec"
	"cnie/lds"
	"cnie/pki/specimen"
)

func (p Persona) mrz() lds.MRZ {
	format := formats[p.Document.Format]
	surname, given := p.Person.zoneNames(nameSizes[format])
	return lds.MRZ{
		Format: format, DocumentCode: p.Document.Code, IssuingState: p.Document.State,
		DocumentNumber: p.Document.Number, Optional1: p.Person.CIN, Nationality: p.Person.Nationality,
		BirthDate: p.Person.Birth.short(), Sex: p.Person.Sex, ExpiryDate: p.Document.Expires.short(),
		Surname: surname, GivenNames: given,
	}
}

// addChip encodes EF.CardAccess and DG14 and gives the chip its keys. DG14
// repeats the PACE announcement under the issuer's signature, so that a changed
// EF.CardAccess shows (ICAO 9303-11 §9.2).
func (p Persona) addChip(card *Card) error {
	for _, protocol := range p.Chip.PACE {
		info, err := protocol.pace()
		if err != nil {
			return err
		}
		card.PACE = append(card.PACE, info)
	}
	infos := lds.SecurityInfos{PACE: card.PACE}
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
	if err := p.addActiveKey(card, &infos); err != nil {
		return err
	}
	if len(card.PACE)+len(card.ChipKeys)+len(infos.ActiveAuth) == 0 {
		return nil
	}
	return put(card, lds.DG14)(infos.EncodeDG14())
}

// addActiveKey encodes DG15 and announces in DG14 how the key signs.
func (p Persona) addActiveKey(card *Card, infos *lds.SecurityInfos) error {
	active := p.Chip.Active
	if active == nil {
		return nil
	}
	key, err := active.activeKey(p.Name)
	if err != nil {
		return err
	}
	public, err := key.SubjectPublicKeyInfo()
	if err != nil {
		return fmt.Errorf("encode active key: %w", err)
	}
	if !active.Unannounced {
		infos.ActiveAuth = key.announcement()
	}
	card.ActiveKey = key
	return put(card, lds.DG15)(lds.EncodeDG15(public), nil)
}

func (p Protocol) pace() (lds.PACEInfo, error) {
	curve, _ := ec.ByName(p.Curve) // checked before
	oid, ok := lds.PACEProtocol{Mapping: mappings[p.Mapping], Agreement: lds.ECDH, Cipher: p.cipher()}.OID()
	if !ok {
		return lds.PACEInfo{}, fmt.Errorf("no such PACE protocol")
	}
	return lds.PACEInfo{OID: oid, Version: 2, ParameterID: curve.ParameterID()}, nil
}

func (p Protocol) addKey(card *Card, infos *lds.SecurityInfos, label string) error {
	curve, _ := ec.ByName(p.Curve)
	oid, ok := lds.ChipProtocol{Agreement: lds.ECDH, Cipher: p.cipher()}.OID()
	if !ok {
		return fmt.Errorf("no such Chip Authentication protocol")
	}
	private := specimen.Scalar(curve, label)
	public, err := curve.Generator().Mul(private)
	if err != nil {
		return fmt.Errorf("derive chip key: %w", err)
	}
	card.ChipKeys = append(card.ChipKeys, ChipKey{ID: p.ID, Curve: curve, Private: private, Cipher: p.cipher()})
	infos.ChipAuth = append(infos.ChipAuth, lds.ChipAuthenticationInfo{OID: oid, Version: 1, KeyID: p.ID})
	infos.ChipKeys = append(infos.ChipKeys, lds.ChipAuthenticationPublicKeyInfo{
		OID: lds.OIDPublicKey(lds.ECDH), KeyID: p.ID,
		SubjectPublicKeyInfo: specimen.PublicKey(curve, p.Explicit, public.Bytes()),
	})
	return nil
}

func (p Persona) addGroups(card *Card) error {
	if err := put(card, lds.DG1)(p.mrz().Encode()); err != nil {
		return err
	}
	if err := p.addPortrait(card); err != nil {
		return err
	}
	if err := p.addDetails(card); err != nil {
		return err
	}
	if p.Document.Fingerprints {
		card.Files[lds.DG3] = noFingerprints(p.Name)
	}
	if p.Document.National != "" {
		card.Files[lds.DG13] = tlv.Encode(tlv.Tag(lds.DG13.Tag()), []byte(p.Document.National))
	}
	return nil
}

// addDetails makes DG11 and DG12 where there is something to put into them.
func (p Persona) addDetails(card *Card) error {
	if details := p.personal(); details.FullName != "" {
		if err := put(card, lds.DG11)(details.Encode()); err != nil {
			return err
		}
	}
	if p.Document.Authority == "" {
		return nil
	}
	return put(card, lds.DG12)(lds.DocumentDetails{
		IssuingAuthority: p.Document.Authority, IssueDate: p.Document.Issued.value(),
	}.Encode())
}

// noFingerprints is a DG3 without any finger: a count of zero and, so that its
// hash says nothing, something random (ICAO 9303-10 §4.7.3.1).
func noFingerprints(name string) []byte {
	noise := sha256.Sum256([]byte("SPECIMEN fingerprints of " + name))
	return tlv.Encode(tlv.Tag(lds.DG3.Tag()),
		tlv.Encode(0x7F61, tlv.Encode(0x02, []byte{0}), tlv.Encode(0x53, noise[:16])))
}

func (p Persona) addPortrait(card *Card) error {
	image, err := p.Portrait.encode()
	if err != nil {
		return err
	}
	gender := map[string]byte{"M": 1, "F": 2}[p.Person.Sex]
	return put(card, lds.DG2)(lds.EncodeDG2([]lds.Face{{
		Width: portraitWidth, Height: portraitHeight, Gender: gender, Image: image,
	}}))
}

// personal is DG11, which holds the name in the national script.
func (p Persona) personal() lds.PersonalDetails {
	name, others := p.Person.fullNames()
	return lds.PersonalDetails{
		FullName: name, OtherNames: others, PersonalNumber: p.Person.CIN,
		BirthDate: p.Person.Birth.value(), BirthPlace: p.Person.BirthPlace, Address: p.Person.Address,
		Title: p.Person.Title, Profession: p.Person.Profession, Custody: p.Person.Custody,
	}
}
