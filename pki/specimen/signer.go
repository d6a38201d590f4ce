package specimen

import (
	"cmp"
	"crypto"
	"crypto/x509"
	"fmt"
	"math/big"
	"time"

	"cnie/internal/ec"
)

// DSCOptions describes a document signer. Zero fields take an honest signer's
// values; what an honest one would not have can be asked for as well.
type DSCOptions struct {
	Label         string // key, serial number and name follow from it
	Key           Algorithm
	NotBefore     time.Time
	NotAfter      time.Time
	KeyUseEnd     time.Time
	KeyUsage      x509.KeyUsage
	DocumentTypes []string // MRZ document codes, "ID" and "I" by default
	Country       string   // in the subject; the CSCA's by default
	SelfSigned    bool     // keeps the CSCA's name as issuer but signs with its own key
}

// Signer is a document signer: it can sign EF.SOD.
type Signer struct {
	Certificate []byte   // DER
	Serial      *big.Int // of the certificate, for a [Revocation]
	issuer      []byte   // its issuer's name, DER
	key         *key
}

// IssueDSC makes a document signer of this country.
func (c *Country) IssueDSC(o DSCOptions) (*Signer, error) {
	o = c.filledDSC(o)
	pair, err := newKey(o.Key, c.seed, "DSC", o.Label)
	if err != nil {
		return nil, fmt.Errorf("make document signer: %w", err)
	}
	issuerKey := c.key
	if o.SelfSigned {
		issuerKey = pair
	}
	s := &Signer{Serial: Serial(o.Label), issuer: c.name(), key: pair}
	s.Certificate, err = template{
		serial: s.Serial, issuer: s.issuer,
		subject:   distinguishedName(o.Country, "DSC SPECIMEN "+o.Label),
		notBefore: o.NotBefore, notAfter: o.NotAfter, useFrom: o.NotBefore, useUntil: o.KeyUseEnd,
		keyUsage: o.KeyUsage, documentTypes: o.DocumentTypes, code: c.Code, host: c.host(),
	}.sign(pair, issuerKey)
	return s, err
}

func (c *Country) filledDSC(o DSCOptions) DSCOptions {
	o.Label = cmp.Or(o.Label, "01")
	o.Key = o.Key.or(Algorithm{Curve: ec.P256(), Hash: crypto.SHA256})
	o.NotBefore = or(o.NotBefore, c.NotBefore.AddDate(1, 0, 0))
	// Three months of signing, then valid as long as a ten-year card is
	// (ICAO 9303-12 §4.1.1).
	o.KeyUseEnd = or(o.KeyUseEnd, o.NotBefore.AddDate(0, 3, 0))
	o.NotAfter = or(o.NotAfter, o.KeyUseEnd.AddDate(10, 0, 0))
	o.KeyUsage = cmp.Or(o.KeyUsage, x509.KeyUsageDigitalSignature)
	o.Country = cmp.Or(o.Country, c.Country)
	if o.DocumentTypes == nil {
		o.DocumentTypes = []string{"ID", "I"}
	}
	return o
}
