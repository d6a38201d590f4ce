package remake

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"

	"cnie/apdu/trace"
	"cnie/cardreader"
	"cnie/cardreader/emrtd/access"
	"cnie/cardreader/recording"
	"cnie/lds"
	"cnie/simulator"
	"cnie/simulator/persona"
)

// ErrSpecimen says that the rebuilt session could not be run at all.
var ErrSpecimen = errors.New("the session could not be rebuilt")

// Secret is what a remade session was opened with; the other field is empty.
// Nobody has it.
type Secret struct {
	CAN string
	MRZ lds.MRZKey
}

// Password is the secret as readers take it.
func (s Secret) Password() (access.Password, error) {
	if s.CAN != "" {
		return access.CAN(s.CAN)
	}
	return access.MRZ(s.MRZ)
}

// Trace rebuilds a full recording about a specimen. The password is the one that
// opened the recorded card, or failed to.
func Trace(ctx context.Context, t *trace.Trace, password access.Password) (*trace.Trace, Secret, error) {
	o, err := examine(ctx, t, password)
	if err != nil {
		return nil, Secret{}, err
	}
	card, remarks, err := o.card()
	if err != nil {
		return nil, Secret{}, fmt.Errorf("%w: %w", ErrSpecimen, err)
	}
	secret := o.secret(card)
	made, unequal, err := o.closest(ctx, t, card, secret)
	if err != nil {
		return nil, Secret{}, err
	}
	o.keepTime(made, t)
	made.Header = t.Header
	made.Header.Specimen, made.Header.Remade, made.Header.Unequal = true, true, limited(append(remarks, unequal...))
	return made, secret, nil
}

// closest runs the session with a chip that takes whatever the standard allows
// and, where that one differs, with one whose buffers are as small as the
// longest command and answer of the original.
func (o *original) closest(ctx context.Context, t *trace.Trace, card *persona.Card, secret Secret) (made *trace.Trace, unequal []string, err error) {
	small := persona.Buffer{}
	for _, e := range o.exchanges {
		outline := e.Outline()
		small.Command, small.Answer = max(small.Command, outline.Sent), max(small.Answer, outline.Received)
	}
	for _, buffer := range []persona.Buffer{{}, small} {
		card.Buffer = buffer
		tried, err := o.run(ctx, card, secret)
		if err != nil {
			return nil, nil, err
		}
		remarks := differences(t, tried)
		if made == nil || len(remarks) < len(unequal) {
			made, unequal = tried, remarks
		}
		if len(unequal) == 0 {
			break
		}
	}
	return made, unequal, nil
}

// limited keeps as many remarks as a header may have.
func limited(remarks []string) []string {
	const most = 20
	if len(remarks) > most {
		remarks = append(remarks[:most-1:most-1], fmt.Sprintf("and %d more", len(remarks)-most+1))
	}
	return remarks
}

// run reads the rebuilt card through the same mishaps, and records it.
func (o *original) run(ctx context.Context, card *persona.Card, secret Secret) (*trace.Trace, error) {
	password, err := secret.Password()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSpecimen, err)
	}
	options, err := optionsOf(o.header.Session, password)
	if err != nil {
		return nil, err
	}
	desk := &mishaps{System: simulator.NewSystem("Remade", simulator.New(card)), original: o}
	recorder := recording.Record(desk, rand.Reader, "")
	options.Rand = recorder.Rand()
	if _, err := read(ctx, recorder.System(), options); ctx.Err() != nil {
		return nil, err // how the session ends otherwise is compared below
	}
	return recorder.Trace()
}

// secret opens the rebuilt card, or, where the original did not open, does not.
func (o *original) secret(card *persona.Card) Secret {
	switch {
	case o.header.Session.Password == access.KindMRZ && o.wrong:
		return Secret{MRZ: lds.MRZKey{DocumentNumber: "ZZZWRONG0", BirthDate: "900101", ExpiryDate: "300101"}}
	case o.header.Session.Password == access.KindMRZ:
		return Secret{MRZ: card.MRZ}
	case o.wrong:
		return Secret{CAN: WrongCAN}
	}
	return Secret{CAN: card.CAN}
}

// mishaps is a desk at which happens again what happened then and is no fault of
// the data: refusals, connections that broke, answers that were damaged.
type mishaps struct {
	cardreader.System
	original *original
}

// Connect implements cardreader.System.
func (m *mishaps) Connect(ctx context.Context, reader string) (cardreader.Card, error) {
	card, err := m.System.Connect(ctx, reader)
	if err != nil {
		return nil, err
	}
	return &unlucky{Card: card, original: m.original}, nil
}

// unlucky is the connection to the rebuilt card.
type unlucky struct {
	cardreader.Card
	original *original
	sent     int
}

// TransmitRaw implements apdu.Link. A status word alone tells of nobody and is
// taken from the recording; all else is the specimen's.
func (u *unlucky) TransmitRaw(ctx context.Context, command []byte) ([]byte, error) {
	at := u.sent
	u.sent++
	var then trace.Entry
	if at < len(u.original.exchanges) {
		then = u.original.exchanges[at]
	}
	if err := recording.ErrorOf(then.Failure); err != nil {
		return nil, err
	}
	answer, err := u.Card.TransmitRaw(ctx, command)
	if err != nil {
		return nil, err
	}
	last := at == len(u.original.exchanges)-1
	switch {
	case len(then.Receive) == 2:
		return bytes.Clone(then.Receive), nil
	case last && u.original.evidence.Broken != "" && len(answer) > 2:
		answer[len(answer)-3] ^= 1 // of a checksum, a token or a point
	}
	return answer, nil
}
