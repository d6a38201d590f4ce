package access

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"cnie/apdu"
	"cnie/apdu/securemsg"
	"cnie/apdu/tlv"
	"cnie/pki"
	"cnie/pki/cvc"
)

// Terminal is what an operator gives a terminal that may read more than others:
// card verifiable certificates, in any order, and the private key of the last.
type Terminal struct {
	Certificates []*cvc.Certificate
	Key          *cvc.PrivateKey
}

// ErrTerminal says that the operator's files do not fit the card: nothing that
// the card did wrong.
var ErrTerminal = errors.New("the terminal has no certificate for this card")

const (
	challengeSize      = 8
	insVerify     byte = 0x2A // PERFORM SECURITY OPERATION
)

// TerminalAuthentication runs Terminal Authentication version 1 (§7.1, BSI
// TR-03110-1 §4.4) in the session of o, which Chip Authentication or PACE with
// chip authentication mapping must have made. known are the authorities that the
// chip trusts, from EF.CVCA. A card that refuses is a result; secure messaging
// goes on. It wraps ErrTerminal when there is no chain to a name that the card
// knows, or the key is of another certificate.
func TerminalAuthentication(ctx context.Context, o *Opening, with Terminal, known []string) (*pki.TerminalAuthentication, error) {
	if o.terminal == nil {
		return nil, fmt.Errorf("%w: the chip has not been authenticated", ErrTerminal)
	}
	chain, err := cvc.Chain(with.Certificates, known)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrTerminal, err)
	}
	last := chain[len(chain)-1]
	transcript := &pki.TerminalAuthentication{Holder: last.Holder}
	err = o.proveTerminal(ctx, chain, with.Key)
	var refusal *apdu.StatusError
	switch {
	case err == nil:
		transcript.Outcome = pki.ChipPerformed
	case errors.Is(err, securemsg.ErrIntegrity) || !errors.As(err, &refusal):
		return nil, fmt.Errorf("terminal authentication: %w", err)
	default:
		transcript.Outcome, transcript.Status = pki.ChipRefused, uint16(refusal.SW)
	}
	return transcript, nil
}

func (o *Opening) proveTerminal(ctx context.Context, chain []*cvc.Certificate, key *cvc.PrivateKey) error {
	for _, c := range chain {
		if err := o.present(ctx, c); err != nil {
			return err
		}
	}
	last := chain[len(chain)-1]
	if err := o.manage(ctx, 0xA4, last.Holder); err != nil {
		return err
	}
	challenge, err := apdu.Do(ctx, o.Session, apdu.Command{INS: apdu.INSGetChallenge, Ne: challengeSize})
	if err != nil {
		return err
	}
	if len(challenge) != challengeSize {
		return violation("challenge is not eight bytes long")
	}
	signature, err := key.Sign(last.Key, bytes.Join([][]byte{o.identity, challenge, o.terminal}, nil))
	if err != nil {
		return fmt.Errorf("%w: %w", ErrTerminal, err)
	}
	return announce(ctx, o.Session, apdu.Command{INS: apdu.INSMutualAuthenticate, Data: signature})
}

// present has the chip verify one certificate with the key of its issuer, and
// import the key in it: §7.1.5.1, §7.1.5.2.
func (o *Opening) present(ctx context.Context, c *cvc.Certificate) error {
	if err := o.manage(ctx, 0xB6, c.Issuer); err != nil {
		return err
	}
	body := append(bytes.Clone(c.Body), tlv.Encode(0x5F37, c.Signature)...)
	return announce(ctx, o.Session, apdu.Command{INS: insVerify, P2: 0xBE, Data: body})
}

// manage selects the public key of that name, to verify with (B6) or to be
// authenticated by (A4): §7.1.5.1, §7.1.5.3.
func (o *Opening) manage(ctx context.Context, template byte, name string) error {
	return announce(ctx, o.Session, apdu.Command{
		INS: apdu.INSManageSecurityEnvironment, P1: 0x81, P2: template, Data: tlv.Encode(tagPasswordRef, []byte(name)),
	})
}
