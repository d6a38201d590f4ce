package specimen

import (
	"crypto"
	_ "crypto/sha1" // the hashes that a document signer may use
	_ "crypto/sha256"
	_ "crypto/sha512"
	"encoding/asn1"
)

var (
	oidECPublicKey   = asn1.ObjectIdentifier{1, 2, 840, 10045, 2, 1}
	oidRSAEncryption = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 1}
	oidRSAPSS        = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 10}
	oidMGF1          = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 8}

	oidCommonName   = asn1.ObjectIdentifier{2, 5, 4, 3}
	oidCountryName  = asn1.ObjectIdentifier{2, 5, 4, 6}
	oidLocality     = asn1.ObjectIdentifier{2, 5, 4, 7}
	oidOrganisation = asn1.ObjectIdentifier{2, 5, 4, 10}

	oidSubjectKeyID     = asn1.ObjectIdentifier{2, 5, 29, 14}
	oidKeyUsage         = asn1.ObjectIdentifier{2, 5, 29, 15}
	oidPrivateKeyPeriod = asn1.ObjectIdentifier{2, 5, 29, 16}
	oidSubjectAltName   = asn1.ObjectIdentifier{2, 5, 29, 17}
	oidIssuerAltName    = asn1.ObjectIdentifier{2, 5, 29, 18}
	oidBasicConstraints = asn1.ObjectIdentifier{2, 5, 29, 19}
	oidCRLNumber        = asn1.ObjectIdentifier{2, 5, 29, 20}
	oidCRLPoints        = asn1.ObjectIdentifier{2, 5, 29, 31}
	oidAuthorityKeyID   = asn1.ObjectIdentifier{2, 5, 29, 35}
	oidDocumentTypes    = asn1.ObjectIdentifier{2, 23, 136, 1, 1, 6, 2}

	oidSignedData     = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 2}
	oidContentType    = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 3}
	oidMessageDigest  = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 4}
	oidSigningTime    = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 5}
	oidSecurityObject = asn1.ObjectIdentifier{2, 23, 136, 1, 1, 1}
	oidSecurityInfos  = asn1.ObjectIdentifier{0, 4, 0, 127, 0, 7, 3, 2, 1}
	oidStandardDomain = asn1.ObjectIdentifier{0, 4, 0, 127, 0, 7, 1, 2}
	oidDHNumber       = asn1.ObjectIdentifier{1, 2, 840, 10046, 2, 1}
	oidDHAgreement    = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 3, 1}
)

// hashOIDs names, for each hash, itself and its two signature algorithms.
var hashOIDs = map[crypto.Hash]struct{ hash, ecdsa, rsa asn1.ObjectIdentifier }{
	crypto.SHA1:   {asn1.ObjectIdentifier{1, 3, 14, 3, 2, 26}, asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 1}, asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 5}},
	crypto.SHA224: {nist(4), asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 1}, asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 14}},
	crypto.SHA256: {nist(1), asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 2}, asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 11}},
	crypto.SHA384: {nist(2), asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 3}, asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 12}},
	crypto.SHA512: {nist(3), asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 4}, asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 13}},
}

func nist(n int) asn1.ObjectIdentifier { return asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, n} }

// digestAlgorithm encodes the AlgorithmIdentifier of a hash, without parameters
// as RFC 5754 §2 prefers.
func digestAlgorithm(h crypto.Hash) []byte { return sequence(identifier(hashOIDs[h].hash)) }

func digest(h crypto.Hash, content []byte) []byte {
	hash := h.New()
	hash.Write(content)
	return hash.Sum(nil)
}
