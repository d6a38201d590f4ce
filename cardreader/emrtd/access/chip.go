package access

import (
	"context"
	"errors"
	"fmt"
	"io"

	"cnie/apdu"
	"cnie/apdu/securemsg"
	"cnie/lds"
	"cnie/pki"
)

const (
	tagEphemeralKAT = 0x91 // MSE:Set KAT
	tagEphemeral    = 0x80 // GENERAL AUTHENTICATE
)

// ChipAuthentication runs Chip Authentication version 1 in the selected eMRTD
// application, over the session of o on top of the transmitter t, with a key of
// EF.DG14. Nothing of EF.DG14 has been verified yet: the judge does so later, on
// the same bytes, and re-computes the transcript with the key that it finds.
//
// It changes the session of o, under which to go on:
//   - the same and no transcript, when DG14 offers nothing that is supported;
//   - the same, when the card refused by a status word (§6.2.4: the old keys stay valid);
//   - nil, when secure messaging broke: the card does not have the key;
//   - a new one, when the card proved that it has the key.
//
// An error means that none of this is known.
func ChipAuthentication(ctx context.Context, t apdu.Transmitter, o *Opening, offered lds.SecurityInfos, rand io.Reader) (*pki.ChipAuthentication, error) {
	key, ok := chooseChipKey(offered)
	if !ok {
		return nil, nil
	}
	transcript := &pki.ChipAuthentication{Protocol: key.oid.String(), KeyID: key.id}
	private, err := key.group.private(rand)
	if err != nil {
		return nil, fmt.Errorf("random number: %w", err)
	}
	ephemeral, err := key.group.base().raise(private)
	if err != nil {
		return nil, err
	}
	if err := key.announce(ctx, o.Session, ephemeral.public()); err != nil {
		return o.endOfAttempt(o.Session, transcript, fmt.Errorf("chip authentication: %w", err))
	}
	next, err := key.session(t, private)
	if err != nil {
		o.Session = nil
		return nil, err
	}
	o.Session.Close()
	transcript.EphemeralPrivate = private
	if err := confirm(ctx, next, transcript); err != nil {
		return o.endOfAttempt(nil, transcript, fmt.Errorf("confirm chip authentication: %w", err))
	}
	transcript.Outcome = pki.ChipPerformed
	o.Session, o.terminal = next, ephemeral.compressed()
	return transcript, nil
}

// endOfAttempt sorts out why there are no new keys. The session is what is left
// to go on with.
func (o *Opening) endOfAttempt(s *securemsg.Session, transcript *pki.ChipAuthentication, err error) (*pki.ChipAuthentication, error) {
	var refusal *apdu.StatusError
	o.Session = nil
	switch {
	case errors.Is(err, securemsg.ErrIntegrity):
		transcript.Outcome = pki.ChipBroken
		return transcript, nil
	case errors.As(err, &refusal):
		transcript.Outcome, transcript.Status = pki.ChipRefused, uint16(refusal.SW)
		o.Session = s
		return transcript, nil
	}
	return nil, err
}

// confirm makes the card use the new keys once, which is the proof: it reads one
// byte of EF.DG14. Any answer will do, as long as it is protected; one that is
// not goes into the transcript all the same, for whoever judges it again.
func confirm(ctx context.Context, s *securemsg.Session, transcript *pki.ChipAuthentication) error {
	s.Observe(func(command, response []byte) { transcript.Command, transcript.Response = command, response })
	defer s.Observe(nil)
	_, err := s.Transmit(ctx, apdu.Command{INS: apdu.INSReadBinary, P1: 0x80 | lds.DG14.SFI(), Ne: 1})
	return err
}
