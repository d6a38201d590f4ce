package access

import (
	"context"
	"crypto/subtle"
	"encoding/asn1"
	"fmt"
	"io"

	"cnie/apdu"
	"cnie/apdu/securemsg"
	"cnie/apdu/tlv"
	"cnie/internal/ec"
	"cnie/internal/kdf"
	"cnie/internal/mac"
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
)

const tokenSize = 8

// pace is one run of the protocol.
type pace struct {
	choice
	card apdu.Transmitter
	rand io.Reader
	oid  []byte // value field of the object identifier
}

// PACE runs Password Authenticated Connection Establishment in the master file,
// with the strongest variant among those that the card offers in EF.CardAccess.
// It wraps ErrUnsupported when there is none.
func PACE(ctx context.Context, t apdu.Transmitter, p Password, offered lds.SecurityInfos, rand io.Reader) (*securemsg.Session, pki.Access, error) {
	if len(p.key.Reveal()) == 0 {
		return nil, pki.Access{}, fmt.Errorf("%w: there is none", ErrPassword)
	}
	best, err := choose(offered)
	if err != nil {
		return nil, pki.Access{}, err
	}
	oid, err := asn1.Marshal(best.info.OID)
	if err != nil {
		return nil, pki.Access{}, fmt.Errorf("encode protocol: %w", err)
	}
	run := &pace{choice: best, card: t, rand: rand, oid: oid[2:]}
	shared, err := run.establish(ctx, p)
	if err != nil {
		return nil, pki.Access{}, err
	}
	s, err := newSession(t, best.cipher, shared, nil)
	return s, pki.Access{
		Protocol: pki.PACE, Password: p.kind, Mapping: lds.GM.String(),
		Parameters: best.curve.Name(), Cipher: best.cipher.String(), OID: best.info.OID.String(),
	}, err
}

// establish runs the four steps and returns the shared secret K.
func (r *pace) establish(ctx context.Context, p Password) ([]byte, error) {
	if err := r.setTemplate(ctx, p); err != nil {
		return nil, fmt.Errorf("select PACE: %w", err)
	}
	s, err := r.nonce(ctx, p)
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
	k := shared.X()
	if err := r.authenticate(ctx, terminal, chip, k); err != nil {
		return nil, fmt.Errorf("PACE authentication: %w", err)
	}
	return k, nil
}

// setTemplate is MSE:Set AT. The domain parameters are named only where that
// resolves an ambiguity, ICAO 9303-11 §4.4.4.1: some chips refuse a data object
// that they did not expect, others drop the link when it is missing.
func (r *pace) setTemplate(ctx context.Context, p Password) error {
	body := tlv.Encode(tagMechanism, r.oid)
	body = tlv.Append(body, tagPasswordRef, []byte{p.reference})
	if r.ambiguous {
		body = tlv.Append(body, tagKeyRef, unsigned(r.info.ParameterID))
	}
	return announce(ctx, r.card, apdu.Command{INS: apdu.INSManageSecurityEnvironment, P1: 0xC1, P2: 0xA4, Data: body})
}

// nonce fetches z and returns s = D(Kπ, z), §4.4.3.3: CBC with a zero IV.
func (r *pace) nonce(ctx context.Context, p Password) ([]byte, error) {
	z, err := authenticateStep(ctx, r.card, apdu.CLAChaining, 0, nil, tagEncryptedS)
	if err != nil {
		return nil, err
	}
	if len(z) == 0 || len(z)%r.cipher.BlockSize() != 0 || len(z) > 32 {
		return nil, violation("nonce is not made of whole blocks")
	}
	key := kdf.Derive(r.cipher, p.key.Reveal(), kdf.Password)
	defer clear(key)
	return decryptCBC(r.cipher, key, z)
}

// mapNonce is the generic mapping: Ĝ = s·G + H, §4.4.3.3.1.
func (r *pace) mapNonce(ctx context.Context, s []byte) (*ec.Point, error) {
	_, _, h, err := r.agree(ctx, tagMapTerminal, tagMapChip, r.curve.Generator())
	if err != nil {
		return nil, err
	}
	sg, err := r.curve.Generator().Mul(reduce(r.curve, s))
	if err != nil {
		return nil, err
	}
	generator, err := sg.Add(h)
	if err != nil {
		return nil, err
	}
	if generator.IsInfinity() {
		return nil, violation("mapped generator is the point at infinity")
	}
	return generator, nil
}

// agree is an anonymous Diffie-Hellman exchange over a generator. It returns
// both public keys and the shared point.
func (r *pace) agree(ctx context.Context, send byte, want tlv.Tag, generator *ec.Point) (terminal, chip, shared *ec.Point, err error) {
	private, err := r.curve.RandomScalar(r.rand)
	if err != nil {
		return nil, nil, nil, fmt.Errorf("random number: %w", err)
	}
	defer clear(private)
	if terminal, err = generator.Mul(private); err != nil {
		return nil, nil, nil, err
	}
	answer, err := authenticateStep(ctx, r.card, apdu.CLAChaining, send, terminal.Bytes(), want)
	if err != nil {
		return nil, nil, nil, err
	}
	if chip, err = chipPoint(r.curve, answer); err != nil {
		return nil, nil, nil, err
	}
	if chip.Equal(terminal) { // §4.4.1 step 3 d: a card that echoes knows nothing
		return nil, nil, nil, violation("card returned the terminal's own key")
	}
	if shared, err = chip.Mul(private); err != nil {
		return nil, nil, nil, err
	}
	if shared.IsInfinity() {
		return nil, nil, nil, violation("shared secret is the point at infinity")
	}
	return terminal, chip, shared, nil
}

// authenticate exchanges the tokens of §4.4.3.4: each side authenticates the
// key that it received from the other.
func (r *pace) authenticate(ctx context.Context, terminal, chip *ec.Point, shared []byte) error {
	key := kdf.Derive(r.cipher, shared, kdf.Mac)
	defer clear(key)
	ours, err := r.token(key, chip)
	if err != nil {
		return err
	}
	expected, err := r.token(key, terminal)
	if err != nil {
		return err
	}
	theirs, err := authenticateStep(ctx, r.card, 0, tagTokenTerminal, ours, tagTokenChip)
	if err != nil {
		return err
	}
	if subtle.ConstantTimeCompare(theirs, expected) != 1 {
		return violation("authentication token is wrong")
	}
	return nil
}

// token authenticates a public key data object, §9.4.5.
func (r *pace) token(key []byte, public *ec.Point) ([]byte, error) {
	object := tlv.Encode(0x06, r.oid)
	object = tlv.Append(object, 0x86, public.Bytes())
	return tokenMAC(r.cipher, key, tlv.Encode(0x7F49, object))
}

// tokenMAC is the retail MAC or CMAC, cut to eight bytes. Neither is padded
// beyond what the code itself does, §4.4.3.4, note.
func tokenMAC(c kdf.Cipher, key, message []byte) ([]byte, error) {
	var code mac.MAC
	if c == kdf.TDES {
		retail, err := mac.NewRetail(key)
		if err != nil {
			return nil, err
		}
		code = retail
	} else {
		block, err := c.NewCipher(key)
		if err != nil {
			return nil, err
		}
		code = mac.NewCMAC(block)
	}
	code.Write(message)
	return code.Sum(nil)[:tokenSize], nil
}
