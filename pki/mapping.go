package pki

import (
	"bytes"
	"errors"
	"slices"

	"cnie/internal/ec"
	"cnie/lds"
	"cnie/pki/cert"
)

// ChipMapping is the transcript of PACE with chip authentication mapping, ICAO
// 9303-11 §4.4.3.5: who opened the chip got, encrypted, the quotient of the key
// that the chip had just mapped the nonce with and its static private key. The
// judge multiplies it with the public one in a signed file. Like a transcript of
// Chip Authentication it convinces nobody but the terminal.
type ChipMapping struct {
	Outcome ChipOutcome `json:"outcome"`
	// KeyID is the parameterId of the PACEInfo, and thereby the keyId of the
	// chip's key; Parameters is the name of the curve.
	KeyID      int    `json:"key_id"`
	Parameters string `json:"parameters"`
	// PublicKey is the chip's ephemeral key of the mapping, an uncompressed point,
	// and Data what the chip proved it with, decrypted.
	PublicKey []byte `json:"public_key,omitempty"`
	Data      []byte `json:"data,omitempty"`
}

// judgeMapping judges PACE with chip authentication mapping, the proof in passing.
// tied says that another proof is by a key that EF.SOD vouches for.
func (e *examination) judgeMapping(tied bool) finding {
	proof := e.evidence.Mapping
	switch {
	case proof == nil && e.evidence.Access.Mapping == lds.CAM.String():
		return finding{Failed, "the chip was opened by the mapping that proves it, and there is no proof"}
	case proof == nil:
		return finding{NotApplicable, "the chip was opened without chip authentication mapping"}
	case e.signed == nil:
		return finding{NotChecked, "EF.SOD is not usable"}
	case proof.Outcome != ChipPerformed:
		return finding{Failed, "the chip announces chip authentication mapping but sent no proof that decrypts, as a copy would"}
	}
	tried := 0
	for _, infos := range e.signedInfos() {
		for _, key := range proof.keys(infos) {
			if tried++; verifyMapping(key, *proof) != nil {
				return finding{Failed, "the chip does not hold the private key to its signed public key, as a copy would not"}
			}
		}
	}
	if tried == 0 {
		return finding{Failed, "no signed file has the chip's key for the mapping that it used"}
	}
	const proved = "the chip proved, as it was opened, that it holds the private key to its signed public key"
	if !tied && (e.security == nil || len(proof.keys(*e.security)) == 0) {
		// Doc 9303 does not ask for the key in EF.DG14: this may be a card as it should be.
		return finding{Warned, proved + ", but: that is in EF.CardSecurity alone, which nothing in EF.SOD ties to this card"}
	}
	return finding{Passed, proved}
}

// Fits reports whether the chip proved that it holds the private key to one of
// these public keys, whoever signed them.
func (m ChipMapping) Fits(infos lds.SecurityInfos) bool {
	return slices.ContainsFunc(m.keys(infos), func(key *ec.Point) bool { return verifyMapping(key, m) == nil })
}

// keys lists those with the identifier of the domain parameters, ICAO 9303-11
// §9.2.1. They are in EF.CardSecurity, and in EF.DG14, which repeats them.
func (m ChipMapping) keys(infos lds.SecurityInfos) (keys []*ec.Point) {
	for _, info := range infos.ChipKeys {
		if info.KeyID == nil || *info.KeyID != m.KeyID || info.Agreement() != lds.ECDH {
			continue
		}
		key, err := cert.ParseAgreementKey(info.SubjectPublicKeyInfo)
		if err == nil && key.EC != nil && key.EC.Curve().Name() == m.Parameters {
			keys = append(keys, key.EC)
		}
	}
	return keys
}

var errMapping = errors.New("the product is not the mapped key")

// verifyMapping checks PKMap,IC = KA(CAIC, PKIC), §4.4.3.5.2. The data have the
// length of the order, §4.4.5.6.
func verifyMapping(key *ec.Point, proof ChipMapping) error {
	if len(proof.Data) != key.Curve().ScalarBytes() {
		return errMapping
	}
	product, err := key.Mul(proof.Data)
	if err != nil {
		return err
	}
	if product.IsInfinity() || !bytes.Equal(product.Bytes(), proof.PublicKey) {
		return errMapping
	}
	return nil
}
