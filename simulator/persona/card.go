package persona

import (
	"fmt"
	"time"

	"cnie/internal/dh"
	"cnie/internal/ec"
	"cnie/internal/kdf"
	"cnie/lds"
)

// Card is a personalised card: everything a chip holds, and no behaviour.
type Card struct {
	Name           string
	Dump           bool // copied from files that may be a real person's
	ATR            []byte
	CAN            string // opens PACE
	PIN, PUK       string // likewise; the PUK only to give the PIN its tries back. Empty: none
	MRZ            lds.MRZKey
	MRZLines       []string // as printed
	Files          map[lds.File][]byte
	PACE           []lds.PACEInfo // as in EF.CardAccess; none: PACE is not offered
	PACEParameters []lds.PACEDomainParameterInfo
	BAC            bool
	ChipKeys       []ChipKey
	Terminal       *Terminal  // nil: no Terminal Authentication
	ActiveKey      *ActiveKey // nil: with a DG15 the chip has lost it, without one there is none
	ExtendedLength bool
	Buffer         Buffer
	Delay          Delay
	Retries        Retries
	Quirks         []Quirk // habits that the standard does not give a chip
	PIV            *PIV    // settings of the signature application, all of them; nil: there is none
}

// ChipKey is one static key for Chip Authentication, on Curve or in Group.
type ChipKey struct {
	ID      *int // nil when the chip has only one
	Curve   *ec.Curve
	Group   *dh.Group
	Private []byte
	Cipher  kdf.Cipher // of the session that follows; 0: the key serves PACE's Chip Authentication Mapping only
}

// Terminal is whom a chip believes that a terminal may read DG3 and DG4.
type Terminal struct {
	Certificates [][]byte  // of the authority, newest first
	Date         time.Time // of personalisation
}

// Card personalises: it encodes every file and has the specimen country sign.
func (p *Persona) Card() (*Card, error) {
	full := p.withDefaults()
	if err := full.check(); err != nil {
		return nil, fmt.Errorf("personalise %s: %w", p.Name, err)
	}
	card, err := full.personalise()
	if err != nil {
		return nil, fmt.Errorf("personalise %s: %w", p.Name, err)
	}
	return card, nil
}

func (p Persona) personalise() (*Card, error) {
	mrz := p.mrz()
	lines, err := mrz.Lines()
	if err != nil {
		return nil, err
	}
	atr, err := p.Chip.atr()
	if err != nil {
		return nil, err
	}
	card := &Card{
		Name: p.Name, ATR: atr, CAN: p.Chip.CAN, PIN: p.Chip.PIN, PUK: p.Chip.PUK, MRZ: mrz.Key(), MRZLines: lines,
		Files: map[lds.File][]byte{}, BAC: p.Chip.BAC,
		ExtendedLength: p.Chip.extendedLength(),
		Buffer:         p.Chip.Buffer, Delay: p.Chip.Delay, Retries: p.Chip.Retries,
		PIV: p.PIV,
	}
	for _, step := range []func(*Card) error{p.addHabits, p.addChip, p.addSizes, p.addGroups, p.addCOM, p.addSOD, p.checkSpec} {
		if err := step(card); err != nil {
			return nil, err
		}
	}
	return card, nil
}

func (p Persona) addCOM(card *Card) error {
	com := lds.Common{LDSVersion: p.ldsVersion(), UnicodeVersion: "040000"}
	for f := lds.DG1; f <= lds.DG16; f++ {
		if card.Files[f] != nil {
			com.Files = append(com.Files, f)
		}
	}
	return put(card, lds.COM)(com.Encode())
}

func (p Persona) ldsVersion() string {
	if p.Issuer.LDS18 {
		return "0108"
	}
	return "0107"
}

func (p Persona) addSOD(card *Card) error {
	signer, err := p.signer()
	if err != nil {
		return err
	}
	return put(card, lds.SOD)(signer.SignSOD(card.Files, p.sodOptions()))
}

// put stores an encoded file.
func put(card *Card, f lds.File) func([]byte, error) error {
	return func(content []byte, err error) error {
		if err == nil {
			card.Files[f] = content
		}
		return err
	}
}
