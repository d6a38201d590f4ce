package emrtd

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"cnie/apdu"
	"cnie/cardreader/emrtd/access"
	"cnie/lds"
	"cnie/pki"
)

// Offer is what a card lets anybody see: nothing of it is about the holder.
type Offer struct {
	Files          map[lds.File]int    // bytes of the files that can be read without a key
	Security       lds.SecurityInfos   // EF.CardAccess
	Capabilities   *lds.Capabilities   // EF.ATR/INFO; nil: not there, or unreadable
	Applications   []lds.Application   // EF.DIR
	Travel, PIV    bool                // applications that can be selected
	Basic          bool                // answers the first command of Basic Access Control
	ExtendedLength bool                // card and reader can both do it
	Answer         int                 // bytes of data in the longest answer
	Malformed      []lds.File          // files that are not what they should be
	Access         *pki.Access         // how the card was opened; nil: it was not
	Groups         *lds.SecurityObject // which data groups there are; nil: not opened, or EF.SOD is malformed
}

// Names of the applications that are looked for.
var (
	pivAID    = []byte{0xA0, 0x00, 0x00, 0x03, 0x08, 0x00, 0x00, 0x10, 0x00} // NIST SP 800-73-5 part 1 §2.2
	masterEFs = []lds.File{lds.CardAccess, lds.ATRInfo, lds.DIR}
)

// Inspect looks at what a card offers. With a password it opens the card and
// reads EF.SOD for the list of data groups, but none of these. A card that
// refuses everything is an empty offer, not an error.
func Inspect(ctx context.Context, t apdu.Transmitter, o Options) (*Offer, error) {
	r, err := newReading(t, o)
	if err != nil {
		return nil, err
	}
	defer r.close()
	ctx, cancel := context.WithTimeout(ctx, cmp.Or(o.Timeout, DefaultTimeout))
	defer cancel()
	offer := &Offer{Files: map[lds.File]int{}}
	if err := r.inspect(ctx, offer); err != nil {
		return nil, fmt.Errorf("%s: %w", r.doing, err)
	}
	return offer, nil
}

func (r *reading) inspect(ctx context.Context, offer *Offer) error {
	if err := r.masterFile(ctx, offer); err != nil {
		return err
	}
	if err := r.measure(ctx); err != nil {
		return err
	}
	x, can := r.card.(extender)
	offer.ExtendedLength, offer.Answer = can && x.ExtendedLength(), r.answer
	if err := r.applications(ctx, offer); err != nil {
		return err
	}
	if r.Password.Kind() == "" || !offer.Travel {
		return nil
	}
	return r.contents(ctx, offer)
}

// masterFile reads what lies open beside the applications.
func (r *reading) masterFile(ctx context.Context, offer *Offer) error {
	if err := r.selectMasterFile(ctx); err != nil && refused(err) == nil {
		return err
	}
	for _, f := range masterEFs {
		r.begin(ctx, StepAccess, f, fmt.Sprintf("read %v", f))
		content, err := r.openFile(ctx, f)
		if refused(err) != nil || err == nil && len(content) == 0 {
			continue
		}
		if err != nil {
			return err
		}
		offer.Files[f] = len(content)
		if err := r.understand(offer, f, content); err != nil {
			offer.Malformed = append(offer.Malformed, f)
		}
	}
	return nil
}

func (r *reading) understand(offer *Offer, f lds.File, content []byte) (err error) {
	switch f {
	case lds.CardAccess:
		offer.Security, err = lds.ParseCardAccess(content)
		r.offered = offer.Security
	case lds.ATRInfo:
		var c lds.Capabilities
		if c, err = lds.ParseATRInfo(content); err == nil {
			offer.Capabilities = &c
		}
	case lds.DIR:
		offer.Applications, err = lds.ParseDIR(content)
	}
	return err
}

// applications selects those that matter, and asks for a challenge: a card that
// gives one speaks Basic Access Control.
func (r *reading) applications(ctx context.Context, offer *Offer) (err error) {
	r.begin(ctx, StepAccess, 0, "select applications")
	if offer.PIV, err = r.answersTo(ctx, pivAID); err != nil {
		return err
	}
	if offer.Travel, err = r.answersTo(ctx, lds.AID); err != nil || !offer.Travel {
		return err
	}
	challenge, err := apdu.Do(ctx, r.card, apdu.Command{INS: apdu.INSGetChallenge, Ne: 8})
	if err != nil && refused(err) == nil {
		return err
	}
	offer.Basic = err == nil && len(challenge) == 8
	return nil
}

func (r *reading) answersTo(ctx context.Context, aid []byte) (bool, error) {
	err := r.habits.choose(ctx, r.card, apdu.Command{P1: 0x04, Data: aid})
	if refused(err) != nil {
		return false, nil
	}
	return err == nil, err
}

// contents opens the card and takes the list of data groups from EF.SOD.
func (r *reading) contents(ctx context.Context, offer *Offer) error {
	if err := r.afreshInMasterFile(ctx); err != nil {
		return err
	}
	switch err := r.open(ctx); {
	case errors.Is(err, errNoPACE):
		return nil
	case err != nil:
		return err
	}
	offer.Access = &r.evidence.Access
	switch err := r.file(ctx, lds.SOD); {
	case broken(err):
		return fmt.Errorf("%w: %w", access.ErrProtocol, err)
	case err != nil:
		return err
	}
	if _, denied := r.evidence.Denied[lds.SOD]; denied {
		return nil
	}
	if object, err := securityObject(r.evidence.Files[lds.SOD]); err == nil {
		offer.Groups = &object
	} else {
		offer.Malformed = append(offer.Malformed, lds.SOD)
	}
	return nil
}

// afreshInMasterFile goes back to where PACE runs.
func (r *reading) afreshInMasterFile(ctx context.Context) error {
	if r.Reset != nil {
		return r.Reset(ctx)
	}
	if err := r.selectMasterFile(ctx); err != nil && refused(err) == nil {
		return err
	}
	return nil
}
