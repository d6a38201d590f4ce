package specimen

import (
	"fmt"

	"cnie/internal/dh"
	"cnie/internal/ec"
)

// SignSecurityInfos signs the DER set of a chip's security infos and returns a
// whole EF.CardSecurity. The document signer signs it as it signs EF.SOD. ICAO
// 9303-10 §3.11.4.
func (s *Signer) SignSecurityInfos(infos []byte, o SODOptions) ([]byte, error) {
	info, err := s.signerInfo(oidSecurityInfos, infos, o)
	if err != nil {
		return nil, fmt.Errorf("sign EF.CardSecurity: %w", err)
	}
	return s.signedData(oidSecurityInfos, infos, o, info), nil
}

// StandardPublicKey encodes a point as SubjectPublicKeyInfo whose parameters are
// the curve's number in ICAO 9303-11 table 12, as keys of the PACE Chip
// Authentication Mapping have them (§9.5.1, appendix I.1).
func StandardPublicKey(curve *ec.Curve, point []byte) []byte {
	return sequence(sequence(identifier(oidStandardDomain), small(curve.ParameterID())), bitString(point))
}

// PublicNumber encodes a Diffie-Hellman key as SubjectPublicKeyInfo, with the
// parameters of PKCS #3 or, as some chips have them against ICAO 9303-11 §9.6, of
// X9.42.
func PublicNumber(y *dh.Element, x942 bool) []byte {
	group := y.Group()
	algorithm := sequence(identifier(oidDHAgreement), group.PKCS3())
	if x942 {
		algorithm = sequence(identifier(oidDHNumber), group.X942())
	}
	return sequence(algorithm, bitString(integer(number(y.Bytes()))))
}

// Exponent derives a private key in a group from labels, as [Scalar] does on a
// curve.
func Exponent(group *dh.Group, labels ...string) []byte {
	_, order, _ := group.Params()
	return below(order, group.ExponentBytes(), labels...)
}
