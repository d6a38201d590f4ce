package access

import (
	"encoding/asn1"

	"cnie/internal/dh"
	"cnie/internal/ec"
	"cnie/lds"
)

// Object identifiers of domain parameters, Doc 9303-11 §9.5, and of PKCS #3,
// which §9.6 names for keys.
var (
	oidStandardised = asn1.ObjectIdentifier{0, 4, 0, 127, 0, 7, 1, 2}
	oidECPublicKey  = asn1.ObjectIdentifier{1, 2, 840, 10045, 2, 1}
	oidDHPublic     = asn1.ObjectIdentifier{1, 2, 840, 10046, 2, 1}
	oidDHAgreement  = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 3, 1}
)

// reserved are the numbers of standardised parameters, in use or not, which
// explicit ones must not take (§9.5.1).
const reserved = 32

// parameters finds the group of a PACEInfo: by its number, or spelled out in a
// PACEDomainParameterInfo of the same protocol and number. Spelled-out
// parameters come unsigned from the card, and bad ones give the password away
// (§9.2.2): only those that are a known group as a whole will do.
func parameters(info lds.PACEInfo, offered lds.SecurityInfos) (group, bool) {
	if g, known := standardised(info.ParameterID); known {
		return g, true
	}
	if 0 <= info.ParameterID && info.ParameterID < reserved {
		return nil, false
	}
	kind := info.OID[:len(info.OID)-1]
	for _, explicit := range offered.PACEParameters {
		if explicit.OID.Equal(kind) && explicit.ParameterID == info.ParameterID {
			return matchParameters(explicit.Parameters)
		}
	}
	return nil, false
}

// matchParameters reads an AlgorithmIdentifier that names a group or spells one out.
func matchParameters(der []byte) (group, bool) {
	var algorithm struct {
		OID        asn1.ObjectIdentifier
		Parameters asn1.RawValue
	}
	if rest, err := asn1.Unmarshal(der, &algorithm); err != nil || len(rest) > 0 {
		return nil, false
	}
	var c *ec.Curve
	var g *dh.Group
	var err error
	switch oid, content := algorithm.OID, algorithm.Parameters.FullBytes; {
	case oid.Equal(oidStandardised):
		id := -1
		if rest, err := asn1.Unmarshal(content, &id); err != nil || len(rest) > 0 {
			return nil, false
		}
		return standardised(id)
	case oid.Equal(oidECPublicKey):
		c, err = ec.MatchExplicit(content)
		return curve{c}, err == nil
	case oid.Equal(oidDHPublic):
		g, err = dh.MatchX942(content)
		return modp{g}, err == nil
	case oid.Equal(oidDHAgreement):
		g, err = dh.MatchPKCS3(content)
		return modp{g}, err == nil
	}
	return nil, false
}
