package adsigtest

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"math/big"
	"time"
)

// The structures of RFC 3161 and RFC 5652 as encoding/asn1 writes them, apart
// from the builders that are tested.
type (
	stampImprint struct {
		Algorithm pkix.AlgorithmIdentifier
		Digest    []byte
	}
	stampRequest struct {
		Version int
		Imprint stampImprint
		Policy  asn1.ObjectIdentifier `asn1:"optional"`
		Nonce   *big.Int              `asn1:"optional"`
		CertReq bool                  `asn1:"optional"`
	}
	stampInfo struct {
		Version  int
		Policy   asn1.ObjectIdentifier
		Imprint  stampImprint
		Serial   *big.Int
		Time     time.Time `asn1:"generalized"`
		Accuracy stampAccuracy
		Nonce    *big.Int `asn1:"optional"`
	}
	stampAccuracy struct{ Seconds int }
	stampResponse struct {
		Status struct{ Code int }
		Token  asn1.RawValue
	}
	attribute struct {
		Type   asn1.ObjectIdentifier
		Values []asn1.RawValue `asn1:"set"`
	}
	signedMessage struct {
		Type    asn1.ObjectIdentifier
		Content signedData `asn1:"explicit,tag:0"`
	}
	signedData struct {
		Version      int
		Digests      []pkix.AlgorithmIdentifier `asn1:"set"`
		Content      encapsulated
		Certificates []asn1.RawValue `asn1:"optional,set,tag:0"`
		Signers      []signerInfo    `asn1:"set"`
	}
	encapsulated struct {
		Type    asn1.ObjectIdentifier
		Content []byte `asn1:"explicit,tag:0"`
	}
	signerInfo struct {
		Version   int
		ID        issuerSerial
		Digest    pkix.AlgorithmIdentifier
		Signed    []attribute `asn1:"set,tag:0"`
		Algorithm pkix.AlgorithmIdentifier
		Signature []byte
	}
	issuerSerial struct {
		Issuer asn1.RawValue
		Serial *big.Int
	}
)

var (
	sha256ID     = pkix.AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}}
	ecdsaID      = pkix.AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 2}}
	stampContent = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 1, 4}
	stampPolicy  = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 99999, 1}
)

// Stamp is the time-stamp authority, as a tsp.Exchange reaches it.
func (l *Lab) Stamp(_ context.Context, request []byte) ([]byte, error) {
	return l.StampBy(l.TSA, request)
}

// StampBy answers with another authority's key.
func (l *Lab) StampBy(tsa *Identity, request []byte) ([]byte, error) {
	var asked stampRequest
	if rest, err := asn1.Unmarshal(request, &asked); err != nil || len(rest) > 0 {
		return nil, errors.New("bad request")
	}
	l.serial++
	content, err := asn1.Marshal(stampInfo{
		Version: 1, Policy: stampPolicy, Imprint: asked.Imprint, Serial: big.NewInt(l.serial), Time: l.Now.UTC().Truncate(time.Second),
		Accuracy: stampAccuracy{1}, Nonce: asked.Nonce,
	})
	if err != nil {
		return nil, err
	}
	token, err := tsa.signMessage(stampContent, content)
	if err != nil {
		return nil, err
	}
	return asn1.Marshal(stampResponse{Token: asn1.RawValue{FullBytes: token}})
}

// signMessage signs content with signed attributes, by ECDSA with SHA-256.
func (id *Identity) signMessage(kind asn1.ObjectIdentifier, content []byte) ([]byte, error) {
	digest, named := sha256.Sum256(content), sha256.Sum256(id.X509.Raw)
	type certID struct{ Hash []byte }
	attributes := []attribute{
		{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 3}, values(kind)},
		{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 4}, values(digest[:])},
		{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 47}, values(struct{ Certs []certID }{[]certID{{named[:]}}})},
	}
	set, err := asn1.MarshalWithParams(attributes, "set")
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(set)
	signature, err := id.Key.Sign(rand.Reader, sum[:], crypto.SHA256)
	if err != nil {
		return nil, err
	}
	return asn1.Marshal(signedMessage{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 2}, signedData{
		Version: 3, Digests: []pkix.AlgorithmIdentifier{sha256ID}, Content: encapsulated{kind, content},
		Certificates: []asn1.RawValue{{FullBytes: id.X509.Raw}},
		Signers: []signerInfo{{
			Version: 1, ID: issuerSerial{asn1.RawValue{FullBytes: id.X509.RawIssuer}, id.X509.SerialNumber},
			Digest: sha256ID, Signed: attributes, Algorithm: ecdsaID, Signature: signature,
		}},
	}})
}

// values wraps one value, which is one of this file's own and can be encoded.
func values(value any) []asn1.RawValue {
	der, err := asn1.Marshal(value)
	if err != nil {
		panic(err)
	}
	return []asn1.RawValue{{FullBytes: der}}
}

// CertificatesOnly is a message that carries certificates and nothing else
// (RFC 5652 §5.1).
func CertificatesOnly(all ...*x509.Certificate) ([]byte, error) {
	type empty struct{ Type asn1.ObjectIdentifier }
	type message struct {
		Version      int
		Digests      []pkix.AlgorithmIdentifier `asn1:"set"`
		Content      empty
		Certificates []asn1.RawValue `asn1:"set,tag:0"`
		Signers      []signerInfo    `asn1:"set"`
	}
	m := message{Version: 1, Content: empty{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 1}}}
	for _, c := range all {
		m.Certificates = append(m.Certificates, asn1.RawValue{FullBytes: c.Raw})
	}
	return asn1.Marshal(struct {
		Type    asn1.ObjectIdentifier
		Content message `asn1:"explicit,tag:0"`
	}{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 2}, m})
}
