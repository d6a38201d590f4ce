package persona

import (
	"crypto/sha256"
	"fmt"

	"cnie/apdu/tlv"
	"cnie/lds"
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
		card.Files[lds.DG3] = noSample(lds.DG3, "fingerprints", p.Name)
	}
	if p.Document.Irises {
		card.Files[lds.DG4] = noSample(lds.DG4, "irises", p.Name)
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

// noSample is a DG3 without any finger, or a DG4 without any iris: a count of zero
// and, so that its hash says nothing, something random (ICAO 9303-10 §4.7.3.1).
func noSample(f lds.File, of, name string) []byte {
	noise := sha256.Sum256([]byte("SPECIMEN " + of + " of " + name))
	return tlv.Encode(tlv.Tag(f.Tag()),
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
