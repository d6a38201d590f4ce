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
	"cnie/internal/kdf"
)

const (
	tagDynamicAuthentication = 0x7C
	maxObjects               = 8   // in one answer: a token, two authority references, chip data
	longAnswer               = 512 // bytes: a number of 2,048 bits under two headers
)

// authenticateStep is one GENERAL AUTHENTICATE: data under the tag send (0: no
// data) inside DO'7C', and the data objects of the answer, which is about as long:
// keys modulo a prime of 2,048 bits need the extended form (§9.3.1).
func authenticateStep(ctx context.Context, t apdu.Transmitter, cla, send byte, data []byte) ([]tlv.Element, error) {
	var inner []byte
	if send != 0 {
		inner = tlv.Encode(tlv.Tag(send), data)
	}
	c := apdu.Command{
		CLA: cla, INS: apdu.INSGeneralAuthenticate,
		Data: tlv.Encode(tagDynamicAuthentication, inner), Ne: apdu.MaxShortNe,
	}
	if len(c.Data) > apdu.MaxShortNc && extendedLength(t) {
		c.Ne = longAnswer
	}
	answer, err := apdu.Do(ctx, t, c)
	if err != nil {
		return nil, err
	}
	return dynamic(answer)
}

// announce sends a command that has no answer beyond its status. A card that
// takes no command without Le is sent one with it.
func announce(ctx context.Context, t apdu.Transmitter, c apdu.Command) error {
	data, err := apdu.Do(ctx, t, c)
	var refusal *apdu.StatusError
	if errors.As(err, &refusal) && refusal.SW == apdu.StatusWrongLength && !errors.Is(err, securemsg.ErrIntegrity) {
		c.Ne = apdu.MaxShortNe
		data, err = apdu.Do(ctx, t, c)
	}
	if err == nil && len(data) > 0 {
		return violation("answer to a command that has none")
	}
	return err
}

// dynamic takes the dynamic authentication data apart, none of which may come
// twice.
func dynamic(answer []byte) ([]tlv.Element, error) {
	outer, err := tlv.One(answer, tagDynamicAuthentication)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrProtocol, err)
	}
	all, err := tlv.ReadAll(outer.Value, maxObjects)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrProtocol, err)
	}
	seen := map[tlv.Tag]bool{}
	for _, e := range all {
		if seen[e.Tag] {
			return nil, violation(fmt.Sprintf("object %v comes twice", e.Tag))
		}
		seen[e.Tag] = true
	}
	return all, nil
}

// object is the value of the one that must be there.
func object(all []tlv.Element, want tlv.Tag) ([]byte, error) {
	found, ok := tlv.Find(all, want)
	if !ok {
		return nil, violation(fmt.Sprintf("object %v is missing", want))
	}
	return found.Value, nil
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
