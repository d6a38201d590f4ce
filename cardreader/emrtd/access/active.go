package access

import (
	"context"
	"errors"

	"cnie/apdu"
	"cnie/apdu/securemsg"
	"cnie/lds"
	"cnie/pki"
	"cnie/pki/cert"
)

// NonceSize is the length of RND.IFD in bytes, Doc 9303-11 §6.1.2.1.
const NonceSize = 8

// ActiveAuthentication has the chip sign a nonce with the key whose public half
// is in EF.DG15, over the session s on top of the transmitter t. As with
// [ChipAuthentication] the judge verifies the signature, on the EF.DG15 that it
// finds to be the signed one. A key of an unknown kind gives no transcript.
//
// Nor does a signature that the chip will not cut into pieces, where the reader
// lets no long answer pass: nobody asked the chip in a way that it understands,
// which is no proof and no refusal.
//
// On [securemsg.ErrIntegrity] there is a transcript beside the error: the
// session is over, and that is a finding too.
func ActiveAuthentication(ctx context.Context, t apdu.Transmitter, s *securemsg.Session, dg15, nonce []byte) (*pki.ActiveAuthentication, error) {
	size, known := signatureSize(dg15)
	if !known {
		return nil, nil
	}
	command := apdu.Command{INS: apdu.INSInternalAuthenticate, Data: nonce, Ne: apdu.MaxShortNe}
	long, extended := size > s.MaxNe(apdu.MaxShortNe), extendedLength(t)
	if long && extended {
		command.Ne = apdu.MaxExtendedNe // §6.1.4
	}
	transcript := &pki.ActiveAuthentication{Challenge: nonce}
	signature, err := sign(ctx, s, command, size)
	var refusal *apdu.StatusError
	switch {
	case errors.Is(err, securemsg.ErrIntegrity):
		transcript.Outcome = pki.ChipBroken
		return transcript, err
	case errors.As(err, &refusal) && long && !extended && aboutLength(refusal.SW):
		return nil, nil
	case errors.As(err, &refusal):
		transcript.Outcome, transcript.Status = pki.ChipRefused, uint16(refusal.SW)
		return transcript, nil
	case err != nil:
		return nil, err
	}
	transcript.Outcome, transcript.Response = pki.ChipPerformed, signature
	return transcript, nil
}

// sign asks for as much as there is. Some chips want to hear the exact length,
// which they name by 6Cxx, or do not name and refuse every other.
func sign(ctx context.Context, s apdu.Transmitter, c apdu.Command, size int) ([]byte, error) {
	r, err := s.Transmit(ctx, c)
	switch {
	case err == nil && r.SW.SW1() == 0x6C && r.SW.SW2() != 0:
		c.Ne = int(r.SW.SW2())
		r, err = s.Transmit(ctx, c)
	case err == nil && r.SW == apdu.StatusWrongLength:
		c.Ne = size
		r, err = s.Transmit(ctx, c)
	}
	if err != nil {
		return nil, err
	}
	return r.Data, r.Err(c.INS)
}

// aboutLength tells a refusal of the length from one of the command.
func aboutLength(sw apdu.Status) bool { return sw == apdu.StatusWrongLength || sw.SW1() == 0x6C }

// signatureSize is the length of the signatures of a key: that of the modulus,
// or two numbers below the order of the curve.
func signatureSize(dg15 []byte) (int, bool) {
	spki, err := lds.ParseDG15(dg15)
	if err != nil {
		return 0, false
	}
	key, err := cert.ParseSPKI(spki)
	switch {
	case err != nil:
		return 0, false
	case key.RSA != nil:
		return key.RSA.Size(), true
	case key.EC != nil:
		return 2 * key.EC.Curve().ScalarBytes(), true
	}
	return 0, false
}

// extendedLength asks what the card and everything on the way to it can do.
func extendedLength(t apdu.Transmitter) bool {
	x, says := t.(interface{ ExtendedLength() bool })
	return says && x.ExtendedLength()
}
