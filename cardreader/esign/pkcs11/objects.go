package pkcs11

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"encoding/hex"
	"errors"
	"fmt"
	"math/big"
	"strings"

	"cnie/cardreader/esign"
	"cnie/cardreader/esign/pkcs11/internal/cryptoki"
)

// maxObjects bounds what is read of one class on one token.
const maxObjects = 256

// find lists the objects of a class with these further attributes.
func (d *device) find(class uint, more ...cryptoki.Attribute) ([]cryptoki.Object, error) {
	template := append([]cryptoki.Attribute{{Kind: cryptoki.Class, Number: class}}, more...)
	found, err := d.api.Find(d.session, template, maxObjects)
	return found, translate("look for objects", err)
}

// attribute is nil when the object does not have it.
func (d *device) attribute(o cryptoki.Object, kind uint) []byte {
	value, err := d.api.Attribute(d.session, o, kind)
	if err != nil {
		return nil
	}
	return value
}

// private is the private key that belongs to a key, if it can be seen.
func (d *device) private(key esign.Description) (cryptoki.Object, bool, error) {
	found, err := d.find(cryptoki.PrivateKey, cryptoki.Attribute{Kind: cryptoki.ID, Value: key.Handle.([]byte)})
	if err != nil || len(found) == 0 {
		return 0, false, err
	}
	return found[0], true, nil
}

// always tells whether a private key wants the PIN each time.
func (d *device) always(o cryptoki.Object) bool {
	value := d.attribute(o, cryptoki.AlwaysAuthenticate)
	return len(value) == 1 && value[0] != 0
}

// known is what the objects with one identifier say together.
type known struct {
	id                 []byte
	labels             []string // the objects' own
	certificate        *x509.Certificate
	public             crypto.PublicKey
	hasPublic, private bool
	always             bool
	bad                error
}

// label is that of the certificate, if it has one.
func (k *known) label() string {
	if len(k.labels) == 0 {
		return ""
	}
	return k.labels[0]
}

// meant tells whether the URI allows the key, by the label of any of its objects.
func (d *device) meant(k *known) bool {
	for _, label := range append(k.labels, "") {
		if d.uri.allows(map[string]string{"object": label, "id": string(k.id)}) {
			return true
		}
	}
	return false
}

// Keys implements esign.Device. A certificate of an authority without a key beside
// it is there for the chain.
func (d *device) Keys(context.Context) ([]esign.Description, error) {
	all, err := d.collect()
	if err != nil {
		return nil, err
	}
	var issuers []*x509.Certificate
	for _, k := range all {
		if k.certificate != nil && k.certificate.IsCA {
			issuers = append(issuers, k.certificate)
		}
	}
	var found []esign.Description
	var bad error
	for _, k := range all {
		switch {
		case !k.private && !k.hasPublic && (k.certificate == nil || k.certificate.IsCA), !d.meant(k):
		case k.bad != nil:
			bad = errors.Join(bad, fmt.Errorf("read key %x: %w", k.id, k.bad))
		case k.certificate == nil && k.public == nil: // nothing to verify with
		default:
			found = append(found, d.describe(k, issuers))
		}
	}
	return found, bad
}

func (d *device) describe(k *known, issuers []*x509.Certificate) esign.Description {
	name := URI{attributes: map[string]string{"token": trim(d.token.Label), "serial": trim(d.token.Serial), "id": string(k.id)}}
	return esign.Description{
		Token: trim(d.token.Label), Slot: strings.ToUpper(hex.EncodeToString(k.id)), Label: k.label(), URI: name.String(), AlwaysPIN: k.always,
		Public: k.public, Certificate: k.certificate, Issuers: issuers, Handle: k.id,
	}
}

// collect reads certificates, public keys and the private keys that can be seen,
// and brings together what has one CKA_ID.
func (d *device) collect() ([]*known, error) {
	var all []*known
	for _, class := range []uint{cryptoki.Certificate, cryptoki.PublicKey, cryptoki.PrivateKey} {
		objects, err := d.find(class)
		if err != nil {
			return nil, err
		}
		for _, o := range objects {
			id := d.attribute(o, cryptoki.ID)
			if len(id) == 0 {
				continue
			}
			all = d.add(all, id, class, o)
		}
	}
	return all, nil
}

func (d *device) add(all []*known, id []byte, class uint, o cryptoki.Object) []*known {
	var k *known
	for _, earlier := range all {
		if bytes.Equal(earlier.id, id) {
			k = earlier
		}
	}
	if k == nil {
		k = &known{id: id}
		all = append(all, k)
	}
	if label := trim(string(d.attribute(o, cryptoki.Label))); label != "" {
		k.labels = append(k.labels, label)
	}
	var err error
	switch class {
	case cryptoki.Certificate:
		if k.certificate == nil {
			k.certificate, err = x509.ParseCertificate(d.attribute(o, cryptoki.Value))
		}
	case cryptoki.PublicKey:
		k.hasPublic = true
		k.public, err = d.public(o)
	case cryptoki.PrivateKey:
		k.private, k.always = true, d.always(o)
	}
	k.bad = errors.Join(k.bad, err)
	return all
}

// public reads a public key; nil for one of a kind that signs nothing here.
func (d *device) public(o cryptoki.Object) (crypto.PublicKey, error) {
	if modulus := d.attribute(o, cryptoki.Modulus); modulus != nil {
		exponent := new(big.Int).SetBytes(d.attribute(o, cryptoki.PublicExponent))
		if !exponent.IsInt64() || exponent.Int64() > 1<<31-1 || exponent.Int64() < 3 {
			return nil, errors.New("an RSA key without a usable exponent")
		}
		return &rsa.PublicKey{N: new(big.Int).SetBytes(modulus), E: int(exponent.Int64())}, nil
	}
	parameters, point := d.attribute(o, cryptoki.Curve), d.attribute(o, cryptoki.Point)
	if parameters == nil {
		return nil, nil
	}
	return parsePoint(parameters, point)
}

// curves by the DER of their object identifiers.
var curves = map[string]elliptic.Curve{
	"\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07": elliptic.P256(),
	"\x06\x05\x2b\x81\x04\x00\x22":             elliptic.P384(),
	"\x06\x05\x2b\x81\x04\x00\x23":             elliptic.P521(),
}

// parsePoint reads CKA_EC_PARAMS and CKA_EC_POINT, an uncompressed point inside an
// OCTET STRING (PKCS #11 mechanisms §2.3.3).
func parsePoint(parameters, der []byte) (crypto.PublicKey, error) {
	curve := curves[string(parameters)]
	if curve == nil {
		return nil, nil
	}
	var point []byte
	if rest, err := asn1.Unmarshal(der, &point); err != nil || len(rest) != 0 {
		return nil, errors.New("a point that is no OCTET STRING")
	}
	return ecdsa.ParseUncompressedPublicKey(curve, point)
}
