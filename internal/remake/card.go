package remake

import (
	"bytes"

	"cnie/cardreader"
	"cnie/lds"
	"cnie/simulator/persona"
)

// card is the specimen that takes the original's place, and what about it could
// not be made like the original.
func (o *original) card() (*persona.Card, []string, error) {
	zone := o.zone()
	lines, err := zone.Lines()
	if err != nil {
		return nil, nil, err
	}
	card := &persona.Card{
		Name: "remade", ATR: bytes.Clone(o.header.ATR), CAN: CAN, MRZ: zone.Key(), MRZLines: lines, Files: map[lds.File][]byte{},
		ExtendedLength: cardreader.ATR(o.header.ATR).ExtendedLength(),
	}
	remarks := o.addAnnouncements(card)
	if remark := o.addActive(card); remark != "" {
		remarks = append(remarks, remark)
	}
	if com, there := o.files[lds.COM]; there {
		card.Files[lds.COM] = bytes.Clone(com) // the same on every card of its kind
	}
	if info := o.atrInfo(); info != nil {
		card.Files[lds.ATRInfo] = info // as well
	}
	for _, f := range o.listed() {
		if card.Files[f] != nil {
			continue
		}
		content, remark := o.group(f)
		if remark != "" {
			remarks = append(remarks, remark)
		}
		card.Files[f] = content
	}
	if len(o.listed()) == 0 { // it never came so far
		card.Files[lds.DG1], err = zone.Encode()
		if err != nil {
			return nil, nil, err
		}
	}
	remark, err := o.addSOD(card)
	if err != nil {
		return nil, nil, err
	}
	if remark != "" {
		remarks = append(remarks, remark)
	}
	o.spoil(card)
	return card, remarks, nil
}

// group makes the content of one data group.
func (o *original) group(f lds.File) ([]byte, string) {
	size := len(o.files[f])
	if size == 0 {
		size = o.sizes[f]
	}
	var made []byte
	var err error
	switch f {
	case lds.DG1:
		made, err = o.zone().Encode()
	case lds.DG2:
		made, err = o.portrait(size)
	case lds.DG11, lds.DG12:
		if o.files[f] == nil { // it was begun, not read
			return opaque(f, max(size, 40)), ""
		}
		if f == lds.DG11 {
			made, err = personal(o.files[f])
		} else {
			made, err = details(o.files[f])
		}
	default:
		return opaque(f, max(size, 40)), ""
	}
	return sameLength(f, size, made, err)
}
