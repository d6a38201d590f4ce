package access

import (
	"bytes"
	"context"
	"encoding/asn1"
	"fmt"
	"io"

	"cnie/apdu"
	"cnie/apdu/tlv"
	"cnie/internal/kdf"
	"cnie/lds"
	"cnie/pki"
)

// Data objects of PACE, ICAO 9303-11 §4.4.4 and §4.4.5, table 4.
const (
	tagMechanism     = 0x80
	tagPasswordRef   = 0x83
	tagKeyRef        = 0x84
	tagEncryptedS    = 0x80
	tagMapTerminal   = 0x81
	tagMapChip       = 0x82
	tagAgreeTerminal = 0x83
	tagAgreeChip     = 0x84
	tagTokenTerminal = 0x85
	tagTokenChip     = 0x86
	tagChipData      = 0x8A
)

// pace is one run of the protocol.
type pace struct {
	choice
	password Password
	card     apdu.Transmitter
	rand     io.Reader
	oid      []byte // value field of the object identifier
	resumed  bool   // the CAN has just been given
	spend    bool   // the last try may be spent

	mapped         []byte  // the chip's public key of the mapping
	terminal, chip element // the keys that were agreed with
	sealed         []byte  // encrypted chip authentication data, if any came
}

// PACE runs Password Authenticated Connection Establishment in the master file,
// with the strongest variant among those that the card offers in EF.CardAccess.
// It wraps ErrUnsupported when there is none. The last try of a PIN or PUK is
// not spent: see [Resume].
func PACE(ctx context.Context, t apdu.Transmitter, p Password, offered lds.SecurityInfos, rand io.Reader) (*Opening, error) {
	return open(ctx, t, &pace{password: p, card: t, rand: rand}, offered)
}

// Resume spends the last try of a password, which is for a person to decide. A
// suspended PIN is resumed with the CAN first, in a session of its own; without a
// CAN (the zero value) the password is tried as it stands. BSI TR-03110-2 §3.3.
func Resume(ctx context.Context, t apdu.Transmitter, can, p Password, offered lds.SecurityInfos, rand io.Reader) (*Opening, error) {
	last := &pace{password: p, card: t, rand: rand, spend: true}
	if can.kind != "" {
		first, err := PACE(ctx, t, can, offered, rand)
		if err != nil {
			return nil, fmt.Errorf("resume the %s: %w", p.kind, err)
		}
		defer first.Session.Close()
		last.card, last.resumed = first.Session, true
	}
	return open(ctx, t, last, offered)
}

// open runs the protocol and starts the session over t.
func open(ctx context.Context, t apdu.Transmitter, run *pace, offered lds.SecurityInfos) (*Opening, error) {
	if len(run.password.key.Reveal()) == 0 {
		return nil, fmt.Errorf("%w: there is none", ErrPassword)
	}
	best, err := choose(offered)
	if err != nil {
		return nil, err
	}
	oid, err := asn1.Marshal(best.info.OID)
	if err != nil {
		return nil, fmt.Errorf("encode protocol: %w", err)
	}
	run.choice, run.oid = best, oid[2:]
	key := kdf.Derive(run.cipher, run.password.key.Reveal(), kdf.Password)
	defer clear(key)
	shared, err := run.establish(ctx, key)
	if err != nil {
		return nil, err
	}
	o := &Opening{identity: run.chip.compressed(), Access: pki.Access{
		Protocol: pki.PACE, Password: run.password.kind, Mapping: run.mapping.String(),
		Parameters: run.group.name(), Cipher: run.cipher.String(), OID: run.info.OID.String(),
	}}
	if run.mapping == lds.CAM {
		o.Mapping, o.terminal = run.openChipData(shared), run.terminal.compressed()
	}
	o.Session, err = newSession(t, run.cipher, shared, nil)
	return o, err
}

// establish runs the four steps under the key that the password gives, and
// returns the shared secret K.
func (r *pace) establish(ctx context.Context, key []byte) ([]byte, error) {
	if err := r.setTemplate(ctx); err != nil {
		return nil, fmt.Errorf("select PACE: %w", err)
	}
	s, err := r.nonce(ctx, key)
	if err != nil {
		return nil, fmt.Errorf("PACE nonce: %w", err)
	}
	defer clear(s)
	generator, err := r.mapNonce(ctx, s)
	if err != nil {
		return nil, fmt.Errorf("PACE mapping: %w", err)
	}
	terminal, chip, shared, err := r.agree(ctx, tagAgreeTerminal, tagAgreeChip, generator)
	if err != nil {
		return nil, fmt.Errorf("PACE key agreement: %w", err)
	}
	r.terminal, r.chip = terminal, chip
	k := shared.secret()
	if err := r.authenticate(ctx, k); err != nil {
		return nil, fmt.Errorf("PACE authentication: %w", err)
	}
	return k, nil
}

// setTemplate is MSE:Set AT, to which a card may answer that the password cannot
// be used.
func (r *pace) setTemplate(ctx context.Context) error {
	return r.password.standing(r.announceTemplate(ctx), r.resumed, r.spend)
}

// announceTemplate names protocol, password and domain parameters. The domain parameters are named only where that
// resolves an ambiguity, ICAO 9303-11 §4.4.4.1: some chips refuse a data object
// that they did not expect, others drop the link when it is missing.
func (r *pace) announceTemplate(ctx context.Context) error {
	body := tlv.Encode(tagMechanism, r.oid)
	body = tlv.Append(body, tagPasswordRef, []byte{references[r.password.kind]})
	if r.ambiguous && r.info.ParameterID >= 0 {
		body = tlv.Append(body, tagKeyRef, unsigned(r.info.ParameterID))
	}
	return announce(ctx, r.card, apdu.Command{INS: apdu.INSManageSecurityEnvironment, P1: 0xC1, P2: 0xA4, Data: body})
}

// step is one GENERAL AUTHENTICATE of the chain.
func (r *pace) step(ctx context.Context, cla, send byte, data []byte) ([]tlv.Element, error) {
	objects, err := authenticateStep(ctx, r.card, cla, send, data)
	return objects, r.password.wrong(err)
}

// nonce fetches z and returns s = D(Kπ, z), §4.4.3.3: CBC with a zero IV.
func (r *pace) nonce(ctx context.Context, key []byte) ([]byte, error) {
	objects, err := r.step(ctx, apdu.CLAChaining, 0, nil)
	if err != nil {
		return nil, err
	}
	z, err := object(objects, tagEncryptedS)
	if err != nil {
		return nil, err
	}
	if len(z) == 0 || len(z)%r.cipher.BlockSize() != 0 || len(z) > 32 {
		return nil, violation("nonce is not made of whole blocks")
	}
	return decryptCBC(r.cipher, key, z)
}

// agree is an anonymous Diffie-Hellman exchange over a generator. It returns
// both public keys and the shared element.
func (r *pace) agree(ctx context.Context, send byte, want tlv.Tag, generator element) (terminal, chip, shared element, err error) {
	private, err := r.group.private(r.rand)
	if err != nil {
		return nil, nil, nil, fmt.Errorf("random number: %w", err)
	}
	defer clear(private)
	if terminal, err = generator.raise(private); err != nil {
		return nil, nil, nil, err
	}
	objects, err := r.step(ctx, apdu.CLAChaining, send, terminal.public())
	if err != nil {
		return nil, nil, nil, err
	}
	answer, err := object(objects, want)
	if err != nil {
		return nil, nil, nil, err
	}
	if chip, err = r.group.parse(answer); err != nil {
		return nil, nil, nil, err
	}
	if bytes.Equal(chip.public(), terminal.public()) { // §4.4.1 step 3 d: a card that echoes knows nothing
		return nil, nil, nil, violation("card returned the terminal's own key")
	}
	if shared, err = chip.raise(private); err != nil {
		return nil, nil, nil, err
	}
	if shared.neutral() {
		return nil, nil, nil, violation("shared secret is the neutral element")
	}
	return terminal, chip, shared, nil
}
