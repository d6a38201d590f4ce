package emrtd

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"cnie/apdu"
	"cnie/lds"
	"cnie/pki"
)

// Release decides which data groups are read of a card that has proved itself:
// none, some, or, with an error, that reading ends. It is called once, may ask
// people and take its time; its context ends when the card does. What it gets is
// the evidence until then: EF.SOD, EF.DG14, EF.DG15 and the chip's proofs, and
// nothing of the holder.
type Release func(ctx context.Context, before *pki.Evidence) ([]lds.File, error)

// How a card is kept while people think: a terminal that is silent for five
// seconds loses the card to the energy savers of some readers and systems. Each
// sign of life is one command of the session's limits.
const (
	wakeEvery  = 1500 * time.Millisecond
	wakeWithin = 5 * time.Second
	wakeBytes  = 8
)

// runReleased reads in two parts. The time that people take between them is not
// the card's: it does not count against Timeout.
func (r *reading) runReleased(ctx context.Context) error {
	budget := cmp.Or(r.Timeout, DefaultTimeout)
	began := time.Now()
	if err := within(ctx, budget, r.prove); err != nil {
		return err
	}
	budget -= time.Since(began)
	files, err := r.askRelease(ctx)
	if err != nil {
		return err
	}
	return within(ctx, budget, func(ctx context.Context) error { return r.groups(ctx, files) })
}

func within(ctx context.Context, budget time.Duration, do func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, budget)
	defer cancel()
	return do(ctx)
}

// prove reads what is about the card and has the chip prove itself in every way
// that it offers.
func (r *reading) prove(ctx context.Context) error {
	if err := r.begun(ctx); err != nil {
		return err
	}
	r.Files = nil // whatever they are, they are the holder's
	if err := r.groups(ctx, r.plan()); err != nil {
		return err
	}
	return r.authenticateActively(ctx)
}

// groups reads data groups that are not there yet.
func (r *reading) groups(ctx context.Context, files []lds.File) error {
	files = slices.DeleteFunc(files, func(f lds.File) bool { return slices.Contains(r.evidence.Asked, f) })
	r.evidence.Asked = append(r.evidence.Asked, files...)
	for _, f := range files {
		if err := r.group(ctx, f); err != nil {
			return err
		}
	}
	return nil
}

// askRelease waits for the decision and keeps the card awake meanwhile. A card
// that goes away ends the question.
func (r *reading) askRelease(ctx context.Context) ([]lds.File, error) {
	r.begin(ctx, StepRelease, 0, "wait for the release of the data groups")
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	type decision struct {
		files []lds.File
		err   error
	}
	decided, before := make(chan decision, 1), r.before()
	go func() {
		files, err := r.Release(ctx, before)
		decided <- decision{files, err}
	}()
	awake := time.NewTicker(wakeEvery)
	defer awake.Stop()
	for {
		select {
		case d := <-decided:
			if d.err != nil {
				return nil, d.err
			}
			if err := readable(d.files); err != nil {
				return nil, err
			}
			r.Files = d.files
			return r.plan(), nil
		case <-awake.C:
			if err := within(ctx, wakeWithin, r.wake); err != nil {
				cancel()
				<-decided // it may still be using what it was given
				return nil, err
			}
		}
	}
}

// wake is the cheapest protected command: the first bytes of EF.SOD, which is
// read already. A card that refuses it is there all the same.
func (r *reading) wake(ctx context.Context) error {
	var err error
	if r.habits.selects {
		id := lds.SOD.FID()
		err = r.habits.choose(ctx, r.session, apdu.Command{P1: 0x02, Data: []byte{byte(id >> 8), byte(id)}})
	} else {
		_, err = readBlock(ctx, r.session, apdu.Command{INS: apdu.INSReadBinary, P1: 0x80 | lds.SOD.SFI(), Ne: wakeBytes})
	}
	if refused(err) != nil {
		return nil
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("the card fell silent: %w", err)
	}
	return err
}

// before is the evidence as it stands; what is read later is not added to it.
func (r *reading) before() *pki.Evidence {
	e := *r.evidence
	e.Asked, e.Files, e.Denied = slices.Clone(e.Asked), maps.Clone(e.Files), maps.Clone(e.Denied)
	e.ReadUntil = time.Now().UTC()
	return &e
}
