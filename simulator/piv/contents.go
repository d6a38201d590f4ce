package piv

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
)

// Contents are all that a PIV card holds. An applet keeps its own copy.
type Contents struct {
	PIN        Password
	PUK        Password
	Management ManagementKey
	Keys       map[Slot]Key
	Objects    map[Tag][]byte // what GET DATA answers, without the wrapping tag 53
}

// Password is a PIN of six to eight digits or a PUK of up to eight bytes, and its
// retry counter.
type Password struct {
	Value []byte
	Tries int // allowed in a row, 1…255
	Left  int // 0: blocked
}

// ManagementKey is the key 9B, with which an issuer writes to the card.
type ManagementKey struct {
	Algorithm Algorithm
	Key       []byte
}

// Key is an asymmetric key pair on the card. Its policies are of the tokens of
// [WithYubico]; 0 is the slot's own.
type Key struct {
	Private     crypto.Signer // *rsa.PrivateKey or *ecdsa.PrivateKey
	Generated   bool          // on the card, not brought to it
	PINPolicy   byte          // 1 never, 2 once, 3 always
	TouchPolicy byte          // 1 never, 2 always, 3 cached; told, not enforced
}

// The secrets that an unused card has. The management key is under AES, since
// SP 800-78-5 lets 3DES go.
const (
	defaultPIN   = "123456"
	defaultPUK   = "12345678"
	defaultTries = 3
)

var defaultManagementKey = []byte{1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8}

// factory tells whether nobody has changed the key yet.
func (m ManagementKey) factory() bool { return bytes.Equal(m.Key, defaultManagementKey) }

func newPassword(value string, tries int) Password { return Password{[]byte(value), tries, tries} }

// blank is a card without keys and objects.
func blank() *Contents {
	return &Contents{
		PIN:        newPassword(defaultPIN, defaultTries),
		PUK:        newPassword(defaultPUK, defaultTries),
		Management: ManagementKey{AES192, bytes.Clone(defaultManagementKey)},
		Keys:       map[Slot]Key{},
		Objects:    map[Tag][]byte{},
	}
}

// SetCertificate puts the holder's certificate for a key onto the card.
func (c *Contents) SetCertificate(slot Slot, der []byte) {
	object := put(nil, 0x70, der...)
	object = put(object, 0x71, 0) // not compressed
	c.Objects[slot.Certificate()] = put(object, 0xFE)
}

// clone copies everything that the card may change.
func (c *Contents) clone() *Contents {
	out := *c
	out.PIN.Value, out.PUK.Value = bytes.Clone(c.PIN.Value), bytes.Clone(c.PUK.Value)
	out.Management.Key = bytes.Clone(c.Management.Key)
	out.Keys, out.Objects = maps.Clone(c.Keys), map[Tag][]byte{}
	if out.Keys == nil {
		out.Keys = map[Slot]Key{}
	}
	for tag, content := range c.Objects {
		out.Objects[tag] = bytes.Clone(content)
	}
	return &out
}

// UnmarshalJSON takes nothing that no card can have.
func (c *Contents) UnmarshalJSON(text []byte) error {
	type plain Contents // without this method
	var read plain
	if err := json.Unmarshal(text, &read); err != nil {
		return err
	}
	for _, p := range []Password{read.PIN, read.PUK} {
		if len(p.Value) > fieldSize || p.Tries < 1 || p.Tries > 255 || p.Left < 0 || p.Left > p.Tries {
			return errors.New("decode contents: no such PIN or PUK")
		}
	}
	if _, err := read.Management.Algorithm.block(read.Management.Key); err != nil {
		return fmt.Errorf("decode contents: %w", err)
	}
	*c = Contents(read)
	return nil
}

// storedKey is a Key with its private part in PKCS #8.
type storedKey struct {
	Private     []byte
	Generated   bool `json:",omitempty"`
	PINPolicy   byte `json:",omitempty"`
	TouchPolicy byte `json:",omitempty"`
}

// MarshalJSON writes the key, its private part included.
func (k Key) MarshalJSON() ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(k.Private)
	if err != nil {
		return nil, fmt.Errorf("encode key: %w", err)
	}
	return json.Marshal(storedKey{der, k.Generated, k.PINPolicy, k.TouchPolicy})
}

// UnmarshalJSON implements json.Unmarshaler.
func (k *Key) UnmarshalJSON(text []byte) error {
	var stored storedKey
	if err := json.Unmarshal(text, &stored); err != nil {
		return err
	}
	parsed, err := x509.ParsePKCS8PrivateKey(stored.Private)
	if err != nil {
		return errors.New("decode key: no PKCS #8 private key") // the cause may quote the key
	}
	private, is := parsed.(crypto.Signer)
	if !is || algorithmOf(private) == 0 {
		return errors.New("decode key: no key of a PIV card")
	}
	*k = Key{private, stored.Generated, stored.PINPolicy, stored.TouchPolicy}
	return nil
}
