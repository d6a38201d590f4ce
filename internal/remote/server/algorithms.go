package server

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/asn1"
	"encoding/base64"

	"cnie/internal/remote/order"
	"cnie/pki/cert"
)

// Object identifiers of algorithms, as the API names them.
const (
	oidRSA = "1.2.840.113549.1.1.1"
	oidPSS = "1.2.840.113549.1.1.10"
	oidEC  = "1.2.840.10045.2.1"
)

var hashes = map[string]order.HashAlgorithm{
	"2.16.840.1.101.3.4.2.1": order.SHA256, "2.16.840.1.101.3.4.2.2": order.SHA384, "2.16.840.1.101.3.4.2.3": order.SHA512,
}

func oidOf(h order.HashAlgorithm) string {
	for oid, known := range hashes {
		if known == h {
			return oid
		}
	}
	return ""
}

// together are the identifiers that name signature and hash at once.
var together = map[string]algorithms{
	"1.2.840.113549.1.1.11": {order.SHA256, order.RSAPKCS1}, "1.2.840.113549.1.1.12": {order.SHA384, order.RSAPKCS1}, "1.2.840.113549.1.1.13": {order.SHA512, order.RSAPKCS1},
	"1.2.840.10045.4.3.2": {order.SHA256, order.ECDSA}, "1.2.840.10045.4.3.3": {order.SHA384, order.ECDSA}, "1.2.840.10045.4.3.4": {order.SHA512, order.ECDSA},
}

var signsRSA = []string{oidRSA, "1.2.840.113549.1.1.11", "1.2.840.113549.1.1.12", "1.2.840.113549.1.1.13", oidPSS}
var signsEC = []string{"1.2.840.10045.4.3.2", "1.2.840.10045.4.3.3", "1.2.840.10045.4.3.4"}

// algorithms are what a request names by up to three parameters.
type algorithms struct {
	hash      order.HashAlgorithm
	signature order.SignatureAlgorithm
}

// parseAlgorithms reads signAlgo, signAlgoParams and hashAlgorithmOID.
func parseAlgorithms(signature, parameters, hash string) (algorithms, error) {
	named, known := hashes[hash]
	if hash != "" && !known {
		return algorithms{}, invalid("Invalid parameter hashAlgorithmOID")
	}
	if a, found := together[signature]; found {
		if hash != "" && named != a.hash {
			return a, invalid("String parameter hashAlgorithmOID contradicts with signAlgo parameter")
		}
		return a, nil
	}
	a := algorithms{hash: named}
	switch signature {
	case "":
		return a, missing("string", "signAlgo")
	case oidRSA:
		a.signature = order.RSAPKCS1
	case oidEC:
		a.signature = order.ECDSA
	case oidPSS:
		return pss(parameters, named)
	default:
		return a, invalid("Invalid parameter signAlgo")
	}
	if hash == "" {
		return a, missing("string", "hashAlgorithmOID")
	}
	return a, nil
}

// pss reads the parameters of RSASSA-PSS (RFC 8017 A.2.3): one hash for all, and a
// salt as long as it.
func pss(parameters string, named order.HashAlgorithm) (algorithms, error) {
	a := algorithms{named, order.RSAPSS}
	if parameters == "" {
		return a, missing("string", "signAlgoParams")
	}
	der, err := base64.StdEncoding.DecodeString(parameters)
	if err != nil {
		return a, invalid("Invalid parameter signAlgoParams")
	}
	whole, err := asn1.Marshal(struct {
		ID         asn1.ObjectIdentifier
		Parameters asn1.RawValue
	}{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 10}, asn1.RawValue{FullBytes: der}})
	if err != nil {
		return a, invalid("Invalid parameter signAlgoParams")
	}
	got, err := cert.ParseAlgorithm(whole, 0)
	if err != nil || got.MGFHash != got.Hash || got.SaltLen != got.Hash.Size() || (named != "" && named.Hash() != got.Hash) {
		return a, invalid("Invalid parameter signAlgoParams")
	}
	for _, h := range hashes {
		if h.Hash() == got.Hash {
			a.hash = h
			return a, nil
		}
	}
	return a, invalid("Invalid parameter signAlgoParams")
}

// usual is the algorithm of a key when nobody says otherwise.
func usual(key crypto.PublicKey) order.SignatureAlgorithm {
	if _, isEC := key.(*ecdsa.PublicKey); isEC {
		return order.ECDSA
	}
	return order.RSAPKCS1
}

// keyInfo describes a key (CSC API v2 §11.5).
type keyInfo struct {
	Status string   `json:"status"`
	Algo   []string `json:"algo"`
	Len    int      `json:"len"`
	Curve  string   `json:"curve,omitempty"`
}

var curves = map[elliptic.Curve]string{elliptic.P256(): "1.2.840.10045.3.1.7", elliptic.P384(): "1.3.132.0.34", elliptic.P521(): "1.3.132.0.35"}

func describe(key crypto.PublicKey) keyInfo {
	switch key := key.(type) {
	case *rsa.PublicKey:
		return keyInfo{Status: "enabled", Algo: signsRSA, Len: key.N.BitLen()}
	case *ecdsa.PublicKey:
		return keyInfo{Status: "enabled", Algo: signsEC, Len: key.Curve.Params().BitSize, Curve: curves[key.Curve]}
	}
	return keyInfo{Status: "disabled", Algo: []string{}}
}

// decodeHashes reads hashes in base64, each as long as the algorithm's.
func decodeHashes(encoding *base64.Encoding, texts []string, h order.HashAlgorithm) ([][]byte, error) {
	digests := make([][]byte, len(texts))
	for i, text := range texts {
		digest, err := encoding.DecodeString(text)
		if err != nil || bytes.ContainsAny([]byte(text), "\r\n") {
			return nil, invalid("Invalid Base64 hash string parameter")
		}
		if len(digest) != h.Hash().Size() {
			return nil, invalid("Invalid digest value length")
		}
		digests[i] = digest
	}
	return digests, nil
}
