package access

import (
	"context"
	"crypto/cipher"
	"errors"
	"fmt"
	"math/big"

	"cnie/apdu"
	"cnie/apdu/securemsg"
	"cnie/apdu/tlv"
	"cnie/internal/ec"
	"cnie/internal/kdf"
)

const (
	tagDynamicAuthentication = 0x7C
	maxObjects               = 8 // in one answer: a token, two authority references, chip data
)

// authenticateStep is one GENERAL AUTHENTICATE: data under the tag send (0: no
// data) inside DO'7C', and the value of the object want from the answer.
func authenticateStep(ctx context.Context, t apdu.Transmitter, cla, send byte, data []byte, want tlv.Tag) ([]byte, error) {
	var inner []byte
	if send != 0 {
		inner = tlv.Encode(tlv.Tag(send), data)
	}
	answer, err := apdu.Do(ctx, t, apdu.Command{
		CLA: cla, INS: apdu.INSGeneralAuthenticate,
		Data: tlv.Encode(tagDynamicAuthentication, inner), Ne: apdu.MaxShortNe,
	})
	if err != nil {
		return nil, wrongPassword(err)
	}
	return dynamic(answer, want)
}

// announce sends a command that has no answer beyond its status. A card that
// takes no command without Le is sent one with it.
func announce(ctx context.Context, t apdu.Transmitter, c apdu.Command) error {
	_, err := apdu.Do(ctx, t, c)
	var refusal *apdu.StatusError
	if errors.As(err, &refusal) && refusal.SW == apdu.StatusWrongLength && !errors.Is(err, securemsg.ErrIntegrity) {
		c.Ne = apdu.MaxShortNe
		_, err = apdu.Do(ctx, t, c)
	}
	return err
}

// dynamic takes one object out of the dynamic authentication data, which may
// hold others beside it but not two of this kind.
func dynamic(answer []byte, want tlv.Tag) ([]byte, error) {
	outer, err := tlv.One(answer, tagDynamicAuthentication)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrProtocol, err)
	}
	all, err := tlv.ReadAll(outer.Value, maxObjects)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrProtocol, err)
	}
	var found *tlv.Element
	for i := range all {
		switch {
		case all[i].Tag != want:
		case found != nil:
			return nil, violation(fmt.Sprintf("object %v comes twice", want))
		default:
			found = &all[i]
		}
	}
	if found == nil {
		return nil, violation(fmt.Sprintf("object %v is missing", want))
	}
	return found.Value, nil
}

// chipPoint parses a public key of the chip: uncompressed, on the curve, not at
// infinity. ICAO 9303-11 §4.4.3.2, §9.6.
func chipPoint(curve *ec.Curve, b []byte) (*ec.Point, error) {
	if len(b) == 0 || b[0] != 4 {
		return nil, violation("public key is not an uncompressed point")
	}
	point, err := curve.ParsePoint(b)
	if err != nil || point.IsInfinity() {
		return nil, violation("public key is not a point of the curve")
	}
	return point, nil
}

// reduce makes a nonce short enough for a scalar. Only a 32-byte nonce on a curve
// below 256 bits is too long; the curve itself reduces in constant time.
func reduce(curve *ec.Curve, s []byte) []byte {
	if len(s) <= curve.ScalarBytes() {
		return s
	}
	n := new(big.Int).SetBytes(s)
	return n.Mod(n, curve.Order()).FillBytes(make([]byte, curve.ScalarBytes()))
}

func decryptCBC(c kdf.Cipher, key, sealed []byte) ([]byte, error) {
	block, err := c.NewCipher(key)
	if err != nil {
		return nil, err
	}
	plain := make([]byte, len(sealed))
	cipher.NewCBCDecrypter(block, make([]byte, block.BlockSize())).CryptBlocks(plain, sealed)
	return plain, nil
}

// unsigned is n in as few bytes as it takes, at least one.
func unsigned(n int) []byte {
	if n <= 0 {
		return []byte{0}
	}
	return big.NewInt(int64(n)).Bytes()
}
