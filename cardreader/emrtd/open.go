package emrtd

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"cnie/apdu"
	"cnie/cardreader/emrtd/access"
	"cnie/lds"
)

// cardAccess reads EF.CardAccess from the master file, where a card stands after
// a reset. If another program left it elsewhere, the master file is selected. A
// card that refuses the file has no PACE, ICAO 9303-11 §4.2.
func (r *reading) cardAccess(ctx context.Context) error {
	r.begin(ctx, StepAccess, lds.CardAccess, "read EF.CardAccess")
	content, err := r.habits.readFile(ctx, r.clear(), lds.CardAccess, nil)
	if refused(err) != nil {
		if r.selectMasterFile(ctx) == nil {
			content, err = r.habits.readFile(ctx, r.clear(), lds.CardAccess, nil)
		}
	}
	if sw := refused(err); sw != nil {
		r.log.DebugContext(ctx, "no EF.CardAccess", "sw", sw.SW.String())
		return nil
	}
	if err != nil {
		return err
	}
	r.evidence.Files[lds.CardAccess] = content
	if r.offered, err = lds.ParseCardAccess(content); err != nil {
		return fmt.Errorf("%w: %w", access.ErrProtocol, err)
	}
	return nil
}

// open establishes secure messaging and selects the eMRTD application: PACE runs
// in the master file, BAC in the application. Whether BAC may run depends on
// what the card offers, never on how PACE went.
func (r *reading) open(ctx context.Context) error {
	if len(r.offered.PACE) > 0 {
		return r.openByPACE(ctx)
	}
	r.begin(ctx, StepAccess, 0, "open the chip by BAC")
	if !r.AllowBAC {
		return errNoPACE
	}
	if err := r.selectApplication(ctx, r.card); err != nil {
		return err
	}
	return r.patiently(func() (*access.Opening, error) { return access.BAC(ctx, r.card, r.Password, r.Rand) })
}

// openByPACE also reads EF.CardSecurity where the chip proved itself by a key
// that is in there.
func (r *reading) openByPACE(ctx context.Context) error {
	r.begin(ctx, StepAccess, 0, "open the chip by PACE")
	if err := r.patiently(func() (*access.Opening, error) { return r.pace(ctx) }); err != nil {
		return err
	}
	if r.opening.Mapping != nil {
		if err := r.file(ctx, lds.CardSecurity); err != nil {
			return err
		}
	}
	return r.selectApplication(ctx, r.session)
}

// pace opens the chip with the password. The last try of a PIN is spent where the
// caller said so, after the CAN if the card suspended it.
func (r *reading) pace(ctx context.Context) (*access.Opening, error) {
	opening, err := access.PACE(ctx, r.card, r.Password, r.offered, r.Rand)
	var refusal *access.PasswordError
	if !r.SpendLastTry || !errors.As(err, &refusal) {
		return opening, err
	}
	switch refusal.State {
	case access.PasswordSuspended, access.PasswordLastTry:
		return access.Resume(ctx, r.card, r.CAN, r.Password, r.offered, r.Rand)
	}
	return nil, err
}

// defaultPatience is how long opening a chip may take before whoever waits is
// told why: chips slow down after wrong passwords.
const defaultPatience = 2 * time.Second

// patiently opens the chip and says so when that takes long.
func (r *reading) patiently(open func() (*access.Opening, error)) error {
	type result struct {
		opening *access.Opening
		err     error
	}
	done := make(chan result, 1)
	go func() {
		opening, err := open()
		done <- result{opening, err}
	}()
	late := time.NewTimer(cmp.Or(r.Patience, defaultPatience))
	defer late.Stop()
	var got result
	select {
	case got = <-done:
	case <-late.C:
		r.report(Progress{Step: StepWait})
		got = <-done
	}
	if got.err != nil {
		return got.err
	}
	r.opening, r.session = got.opening, got.opening.Session
	r.evidence.Access, r.evidence.Mapping = got.opening.Access, got.opening.Mapping
	return nil
}

// reopen starts afresh after secure messaging was lost in Chip Authentication.
func (r *reading) reopen(ctx context.Context) error {
	r.opening, r.session = nil, nil
	r.begin(ctx, StepAccess, 0, "reset the card")
	if r.Reset != nil {
		if err := r.Reset(ctx); err != nil {
			return err
		}
	} else if err := r.selectMasterFile(ctx); err != nil && refused(err) == nil {
		return err
	}
	return r.open(ctx)
}

func (r *reading) selectApplication(ctx context.Context, t apdu.Transmitter) error {
	if err := r.habits.choose(ctx, t, apdu.Command{P1: 0x04, Data: lds.AID}); err != nil {
		return fmt.Errorf("select eMRTD application: %w", err)
	}
	return nil
}

func (r *reading) selectMasterFile(ctx context.Context) error {
	return r.habits.choose(ctx, r.card, apdu.Command{Data: []byte{0x3F, 0x00}})
}

// refused is the card's status word when err is one that an intact channel
// carried, else nil. A bare status word inside secure messaging is none.
func refused(err error) *apdu.StatusError {
	var refusal *apdu.StatusError
	if err == nil || broken(err) || !errors.As(err, &refusal) {
		return nil
	}
	return refusal
}
