package piv

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"sync"

	"cnie/simulator"
)

// attester is the attestation key and certificate that a token comes with.
var attester = sync.OnceValues(func() (*authority, error) {
	rootKey, err := specimenKey("attestation root", Signature, P256)
	if err != nil {
		return nil, err
	}
	root, err := newAuthority("SPECIMEN PIV Attestation Root", rootKey, nil)
	if err != nil {
		return nil, err
	}
	key, err := specimenKey("attestation", attestation, P256)
	if err != nil {
		return nil, err
	}
	return newAuthority("SPECIMEN PIV Attestation", key, root)
})

// Yubico's extensions of an attestation.
var (
	oidVersion = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 41482, 3, 3}
	oidSerial  = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 41482, 3, 7}
	oidPolicy  = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 41482, 3, 8}
	oidShape   = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 41482, 3, 9}
)

// attest certifies that a key was made on the card (ATTEST); a key that came from
// outside has no such certificate.
func (a *Applet) attest(cmd simulator.Command) simulator.Response {
	slot := Slot(cmd.P1)
	if cmd.P2 != 0 || !slot.holds() {
		return status(swIncorrectP1P2)
	}
	signer, object := a.contents.Keys[attestation], a.contents.Objects[tagAttestation]
	key, there := a.contents.Keys[slot]
	f, well := parse(object, 0x70, 0x71, 0xFE)
	if !there || !key.Generated || signer.Private == nil || !well {
		return status(swIncorrectData)
	}
	above, err := x509.ParseCertificate(f[0x70])
	if err != nil {
		return status(swIncorrectData)
	}
	ca := &authority{above, signer.Private}
	der, err := ca.sign(a.attested(slot, key), key.Private.Public())
	if err != nil {
		return status(swUnknown)
	}
	return ok(der)
}

// attested is the statement about a key. Its name is how programs find the slot.
func (a *Applet) attested(slot Slot, key Key) *x509.Certificate {
	serial, _ := asn1.Marshal(int64(a.token.serial)) // an integer always encodes
	c := template(pkix.Name{CommonName: fmt.Sprintf("YubiKey PIV Attestation %x", byte(slot))}, key.Private.Public())
	c.BasicConstraintsValid = false
	c.ExtraExtensions = []pkix.Extension{
		{Id: oidVersion, Value: a.token.version[:]},
		{Id: oidSerial, Value: serial},
		{Id: oidPolicy, Value: []byte{key.pinPolicy(slot), key.touchPolicy()}},
		{Id: oidShape, Value: []byte{1}},
	}
	return c
}
