package access

import (
	"context"
	"crypto/subtle"

	"cnie/apdu/tlv"
	"cnie/internal/kdf"
	"cnie/internal/mac"
)

const tokenSize = 8

// authenticate exchanges the tokens of §4.4.3.4: each side authenticates the
// key that it received from the other.
func (r *pace) authenticate(ctx context.Context, shared []byte) error {
	key := kdf.Derive(r.cipher, shared, kdf.Mac)
	defer clear(key)
	ours, err := r.token(key, r.chip)
	if err != nil {
		return err
	}
	expected, err := r.token(key, r.terminal)
	if err != nil {
		return err
	}
	objects, err := r.step(ctx, 0, tagTokenTerminal, ours)
	if err != nil {
		return err
	}
	theirs, err := object(objects, tagTokenChip)
	if err != nil {
		return err
	}
	if subtle.ConstantTimeCompare(theirs, expected) != 1 {
		return violation("authentication token is wrong")
	}
	if sealed, found := tlv.Find(objects, tagChipData); found {
		r.sealed = sealed.Value
	}
	return nil
}

// token authenticates a public key data object, §9.4.5.
func (r *pace) token(key []byte, public element) ([]byte, error) {
	object := tlv.Encode(0x06, r.oid)
	object = tlv.Append(object, r.group.keyTag(), public.public())
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
