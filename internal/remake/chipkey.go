package remake

import (
	"errors"
	"fmt"

	"cnie/lds"
	"cnie/pki/cert"
	"cnie/pki/cms"
	"cnie/pki/specimen"
	"cnie/simulator/persona"
)

// remade is a chip's key and what stands in the files for it: the public key as it
// was, and one as long.
type remade struct {
	key      persona.ChipKey
	was, now []byte
}

func remadeKey(was cert.AgreementKey, id *int, label string) (remade, error) {
	if was.DH != nil {
		return remadeNumber(was, id, label)
	}
	curve := was.EC.Curve()
	private := specimen.Scalar(curve, label)
	public, err := curve.Generator().Mul(private)
	if err != nil {
		return remade{}, err
	}
	return remade{persona.ChipKey{ID: id, Curve: curve, Private: private}, was.EC.Bytes(), public.Bytes()}, nil
}

// remadeNumber looks for a number that takes as many bytes in DER, where zeros
// vanish from the beginning and one comes before a high bit.
func remadeNumber(was cert.AgreementKey, id *int, label string) (remade, error) {
	group, old := was.DH.Group(), was.DH.Unsigned()
	for try := range 10_000 {
		private := specimen.Exponent(group, label, fmt.Sprint(try))
		now := group.Generator().Exp(private).Unsigned()
		if len(now) == len(old) && now[0]>>7 == old[0]>>7 {
			return remade{persona.ChipKey{ID: id, Group: group, Private: private}, old, now}, nil
		}
	}
	return remade{}, errors.New("no number of that length was found")
}

func agreementOf(key persona.ChipKey) lds.Agreement {
	if key.Group != nil {
		return lds.DH
	}
	return lds.ECDH
}

// nobody's key is of the same kind.
func nobody(key persona.ChipKey) []byte {
	if key.Group != nil {
		return specimen.Exponent(key.Group, "chip key of nobody")
	}
	return specimen.Scalar(key.Curve, "chip key of nobody")
}

// servesMapping tells whether a key has the number of domain parameters that
// Chip Authentication Mapping runs with (ICAO 9303-11 §9.2.1).
func servesMapping(infos lds.SecurityInfos, id *int) bool {
	for _, info := range infos.PACE {
		if p, known := info.Protocol(); known && p.Mapping == lds.CAM && id != nil && *id == info.ParameterID {
			return true
		}
	}
	return false
}

// addCardSecurity signs EF.CardSecurity anew, with the keys that are in DG14.
func (o *original) addCardSecurity(card *persona.Card, keys map[string][]byte) []string {
	was, there := o.files[lds.CardSecurity]
	if !there {
		return nil
	}
	signed, err := cms.Parse(was)
	if err != nil {
		return []string{"EF.CardSecurity was malformed and is left out"}
	}
	infos, err := lds.ParseCardSecurityContent(signed.Content)
	if err != nil {
		return []string{"EF.CardSecurity was malformed and is left out"}
	}
	content := announcements(signed.Content, infos, keys)
	key, options := o.signing()
	made, err := o.signedTo(len(was), key, func(signer *specimen.Signer) ([]byte, error) {
		return signer.SignSecurityInfos(content, options)
	})
	if err != nil {
		return []string{"EF.CardSecurity could not be signed"}
	}
	card.Files[lds.CardSecurity] = made
	if len(made) != len(was) {
		return []string{fmt.Sprintf("EF.CardSecurity has %d bytes instead of %d", len(made), len(was))}
	}
	return nil
}
