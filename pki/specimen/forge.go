package specimen

import (
	"bytes"
	"crypto/x509"
	"encoding/asn1"
	"fmt"

	"cnie/lds"
)

// What honest issuers do rarely and dishonest ones do first: the material of
// tests that a verifier must pass.

// Link certifies the key of a country's next generation with this one's, so that
// whoever trusts this one can trust the next. ICAO 9303-12 §4.1.4.
func (c *Country) Link(next *Country) ([]byte, error) {
	return template{
		serial: Serial("link " + c.seed + next.seed), issuer: c.name(), subject: next.name(),
		notBefore: next.NotBefore, notAfter: c.NotAfter, useFrom: next.NotBefore, useUntil: next.KeyUseEnd,
		keyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign, ca: true,
		code: c.Code, host: c.host(),
	}.sign(next.key, c.key)
}

// Subordinate makes an authority below this one, which its certificate, with a
// path length of zero, does not allow. It differs from the country by its name.
func (c *Country) Subordinate(name string) (*Country, error) {
	o := c.Options
	o.Name = name
	below, err := New(c.seed, o)
	if err != nil {
		return nil, err
	}
	below.Certificate, err = template{
		serial: Serial("below " + c.seed + name), issuer: c.name(), subject: below.name(),
		notBefore: o.NotBefore, notAfter: o.NotAfter, useFrom: o.NotBefore, useUntil: o.KeyUseEnd,
		keyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign, ca: true,
		code: o.Code, host: c.host(),
	}.sign(below.key, c.key)
	return below, err
}

// Reissue changes the signed part of a certificate in place and signs it with
// this country's key, whoever issued it before. The change must keep the length.
func (c *Country) Reissue(certificate []byte, change func(tbs []byte)) ([]byte, error) {
	var parts struct {
		TBS, Algorithm asn1.RawValue
		Signature      asn1.BitString
	}
	if _, err := asn1.Unmarshal(certificate, &parts); err != nil {
		return nil, fmt.Errorf("reissue certificate: %w", err)
	}
	tbs := bytes.Clone(parts.TBS.FullBytes)
	change(tbs)
	return signed(tbs, c.key)
}

// SignSODTwice puts a second signature of the same list, by another signer,
// beside this one's. Doc 9303-10 wants one.
func (s *Signer) SignSODTwice(files map[lds.File][]byte, second *Signer, o SODOptions) ([]byte, error) {
	return signSOD(files, o, s, second)
}
