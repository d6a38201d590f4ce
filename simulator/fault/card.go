package fault

import (
	"fmt"

	"cnie/simulator/persona"
)

// Card personalises with every fault applied that is made with the card. Two
// faults may exclude each other, such as two ways to sign; the error says which
// step could not be done.
func Card(p *persona.Persona, faults ...Fault) (*persona.Card, error) {
	w := &work{persona: *p, patched: map[string]bool{}}
	if err := w.stage(beforehand, faults); err != nil {
		return nil, err
	}
	var err error
	if w.card, err = w.persona.Card(); err != nil {
		return nil, err
	}
	if err := w.stage(unsigned, faults); err != nil {
		return nil, err
	}
	if err := w.stage(signing, faults); err != nil {
		return nil, err
	}
	if err := w.sign(); err != nil {
		return nil, err
	}
	if err := w.stage(afterwards, faults); err != nil {
		return nil, err
	}
	return w.card, nil
}

// stage of the personalisation at which a craft is used.
type stage int

const (
	beforehand stage = iota // on the persona
	unsigned                // on the files, before EF.SOD is made
	signing                 // on the way in which EF.SOD is made
	afterwards              // on the finished card
)

// craft is a verb of the personalisation.
type craft struct {
	stage stage
	keys  []string
	do    func(w *work, s settings) error
}

// work is one card in the making.
type work struct {
	persona persona.Persona
	patched map[string]bool // fields of the persona that a fault has changed
	card    *persona.Card
	changed bool // the files are no longer those that were signed
	signed  func(w *work) ([]byte, error)
}

// stage does one stage's steps, fault by fault. A step that says `signed` is
// moved to before the signature: the issuer itself did it.
func (w *work) stage(now stage, faults []Fault) error {
	for _, f := range faults {
		for _, step := range f.Kind.does {
			for verb, s := range step {
				craft, is := crafts[verb]
				if !is || craft.when(s) != now {
					continue
				}
				if err := craft.do(w, s.of(f)); err != nil {
					return fmt.Errorf("fault %s: %w", f.Kind.Name, err)
				}
			}
		}
	}
	w.changed = w.changed || now == unsigned && w.touched(faults)
	return nil
}

func (c craft) when(s settings) stage {
	if s["signed"] != "" {
		return unsigned
	}
	return c.stage
}

// touched tells whether anything was done before the signature.
func (w *work) touched(faults []Fault) bool {
	for _, f := range faults {
		for _, step := range f.Kind.does {
			for verb, s := range step {
				if craft, is := crafts[verb]; is && craft.when(s) == unsigned {
					return true
				}
			}
		}
	}
	return false
}

// sign makes EF.SOD anew where that is needed.
func (w *work) sign() error {
	if w.signed == nil && !w.changed {
		return nil
	}
	if w.signed == nil {
		w.signed = (*work).honest
	}
	sod, err := w.signed(w)
	if err != nil {
		return err
	}
	w.card.Files[sodFile] = sod
	return nil
}

// honest has the persona's own signer sign.
func (w *work) honest() ([]byte, error) {
	signer, options, err := w.persona.Signer()
	if err != nil {
		return nil, err
	}
	return signer.SignSOD(w.card.Files, options)
}
