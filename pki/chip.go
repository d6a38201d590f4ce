package pki

import (
	"crypto/subtle"
	"encoding/binary"
	"errors"
	"slices"

	"cnie/apdu/tlv"
	"cnie/internal/kdf"
	"cnie/internal/mac"
	"cnie/lds"
	"cnie/pki/cert"
)

// judgeAgreement judges Chip Authentication, the proof by key agreement. What
// cannot be copied is the private key to the public one in the signed EF.DG14.
func (e *examination) judgeAgreement() finding {
	proof := e.evidence.Chip
	offered := e.security != nil && offersAgreement(*e.security)
	switch {
	case e.signed == nil:
		return finding{NotChecked, "EF.SOD is not usable"}
	case proof == nil && !offered && e.evidence.Mapping != nil:
		return finding{NotApplicable, "the chip offers no Chip Authentication beside its proof in PACE"}
	case proof == nil && !offered && e.lists(lds.DG15) && (e.security != nil || !e.lists(lds.DG14)):
		return finding{NotApplicable, "the chip offers no Chip Authentication"}
	case proof == nil && !offered:
		return finding{NotChecked, "the chip offers no proof, so that a copy cannot be excluded"}
	case proof == nil:
		return finding{NotChecked, "Chip Authentication was not carried out"}
	case proof.Outcome == ChipRefused:
		return findingf(Failed, "the chip announces Chip Authentication but refused it (status %04X), as a copy would", proof.Status)
	case proof.Outcome != ChipPerformed:
		return finding{Failed, "the chip does not hold the private key to its signed public key, as a copy would not"}
	case e.security == nil:
		return finding{Failed, "the chip's public key is not in an intact EF.DG14"}
	}
	if err := verifyChip(*e.security, *proof); err != nil {
		return findingf(Failed, "the chip's proof does not verify: %v", err)
	}
	return finding{Passed, "the chip holds the private key to its signed public key"}
}

var (
	errChipProtocol = errors.New("EF.DG14 does not announce the protocol that was used")
	errChipKey      = errors.New("EF.DG14 has no key of that kind")
	errChipExponent = errors.New("the terminal's exponent is longer than the numbers of the group")
	errChipMAC      = errors.New("the response is not protected by the agreed keys")
)

// offersAgreement reports whether EF.DG14 has a key for Chip Authentication, and
// not only one for PACE.
func offersAgreement(infos lds.SecurityInfos) bool {
	return len(infos.ChipKeys) > 0 && len(infos.ChipAuth) > 0 ||
		slices.ContainsFunc(infos.ChipKeys, func(key lds.ChipAuthenticationPublicKeyInfo) bool { return !infos.Maps(key) })
}

// verifyChip repeats the key agreement of ICAO 9303-11 §6.2 and verifies the
// checksum of the first response under the new keys.
func verifyChip(infos lds.SecurityInfos, proof ChipAuthentication) error {
	protocol, err := chipProtocol(infos, proof)
	if err != nil {
		return err
	}
	public, err := chipKey(infos, protocol.Agreement, proof.KeyID)
	if err != nil {
		return err
	}
	if public.DH != nil && len(proof.EphemeralPrivate) > public.DH.Group().ElementBytes() {
		return errChipExponent // which a terminal would not make, but a file may say; curves refuse it themselves
	}
	secret, err := public.Agree(proof.EphemeralPrivate)
	if err != nil {
		return err
	}
	return verifyResponse(protocol.Cipher, kdf.Derive(protocol.Cipher, secret, kdf.Mac), proof.Response)
}

// chipProtocol finds the announced protocol. Documents older than
// ChipAuthenticationInfo announce only a key and mean 3DES. A protocol that names
// no key means the only one there is.
func chipProtocol(infos lds.SecurityInfos, proof ChipAuthentication) (lds.ChipProtocol, error) {
	for _, info := range infos.ChipAuth {
		protocol, known := info.Protocol()
		meant := sameKey(info.KeyID, proof.KeyID) || info.KeyID == nil && len(infos.ChipKeys) == 1
		if known && meant && info.OID.String() == proof.Protocol {
			return protocol, nil
		}
	}
	for _, agreement := range []lds.Agreement{lds.DH, lds.ECDH} {
		legacy := lds.ChipProtocol{Agreement: agreement, Cipher: kdf.TDES}
		if oid, _ := legacy.OID(); len(infos.ChipAuth) == 0 && proof.Protocol == oid.String() {
			return legacy, nil
		}
	}
	return lds.ChipProtocol{}, errChipProtocol
}

func chipKey(infos lds.SecurityInfos, agreement lds.Agreement, id *int) (cert.AgreementKey, error) {
	for _, info := range infos.ChipKeys {
		if info.Agreement() != agreement || !sameKey(info.KeyID, id) {
			continue
		}
		key, err := cert.ParseAgreementKey(info.SubjectPublicKeyInfo)
		if err == nil && (key.EC != nil) == (agreement == lds.ECDH) {
			return key, nil
		}
	}
	return cert.AgreementKey{}, errChipKey
}

func sameKey(a, b *int) bool { return a == nil && b == nil || a != nil && b != nil && *a == *b }

// verifyResponse checks DO'8E' of a protected response: a MAC over the send
// sequence counter, here 2, and the data objects before it. ICAO 9303-11 §9.8.
func verifyResponse(cipher kdf.Cipher, key, response []byte) error {
	if len(response) < 2 {
		return errChipMAC
	}
	objects, err := tlv.ReadAll(response[:len(response)-2], 4)
	if err != nil || len(objects) < 2 || objects[len(objects)-1].Tag != 0x8E {
		return errChipMAC
	}
	last := objects[len(objects)-1]
	covered := response[:len(response)-2-len(last.Raw)]
	want, err := responseMAC(cipher, key, covered)
	if err != nil {
		return err
	}
	if subtle.ConstantTimeCompare(want, last.Value) != 1 {
		return errChipMAC
	}
	return nil
}

func responseMAC(cipher kdf.Cipher, key, covered []byte) ([]byte, error) {
	counter := make([]byte, cipher.BlockSize())
	binary.BigEndian.PutUint64(counter[len(counter)-8:], 2)
	if cipher == kdf.TDES {
		m, err := mac.NewRetail(key) // pads by itself, ISO 9797-1 method 2
		if err != nil {
			return nil, err
		}
		_, _ = m.Write(counter)
		_, _ = m.Write(covered)
		return m.Sum(nil), nil
	}
	block, err := cipher.NewCipher(key)
	if err != nil {
		return nil, err
	}
	m := mac.NewCMAC(block)
	_, _ = m.Write(counter)
	_, _ = m.Write(covered)
	_, _ = m.Write(padding(len(covered), cipher.BlockSize()))
	return m.Sum(nil)[:8], nil
}

// padding is method 2 of ISO 9797-1: 80, then zeros to the end of the block.
// Secure messaging pads even for CMAC, which would not need it.
func padding(length, block int) []byte {
	pad := make([]byte, block-length%block)
	pad[0] = 0x80
	return pad
}
