package specimen

import (
	"crypto/x509"
	"encoding/asn1"
	"fmt"
	"math/big"
	"slices"
	"time"
)

// List is a kind of signed list that countries exchange, ICAO 9303-12 §9 and §10.
type List struct{ content, purpose asn1.ObjectIdentifier }

// The two kinds of list.
var (
	MasterList    = List{icao(2), icao(3)}
	DeviationList = List{icao(7), icao(8)}
)

func icao(n int) asn1.ObjectIdentifier { return asn1.ObjectIdentifier{2, 23, 136, 1, 1, n} }

var oidExtKeyUsage = asn1.ObjectIdentifier{2, 5, 29, 37}

// ListSignerOptions describes a signer of lists. Zero fields take an honest
// signer's values.
type ListSignerOptions struct {
	Label               string
	Purpose             List // MasterList by default
	OmitPurpose         bool // leaves the extended key usage out
	NotBefore, NotAfter time.Time
}

// ListSigner signs master lists or deviation lists for its country.
type ListSigner struct {
	Certificate []byte   // DER
	Serial      *big.Int // of the certificate
	key         *key
}

// IssueListSigner makes a signer of lists (ICAO 9303-12 §7.1.1.3: the purpose is
// critical and the only one).
func (c *Country) IssueListSigner(o ListSignerOptions) (*ListSigner, error) {
	if o.Purpose.purpose == nil {
		o.Purpose = MasterList
	}
	pair, err := newKey(c.Key, c.seed, "list signer", o.Label)
	if err != nil {
		return nil, fmt.Errorf("make list signer: %w", err)
	}
	var more [][]byte
	if !o.OmitPurpose {
		more = append(more, extension(oidExtKeyUsage, true, sequence(identifier(o.Purpose.purpose))))
	}
	s := &ListSigner{Serial: Serial("list signer " + o.Label), key: pair}
	s.Certificate, err = template{
		serial: s.Serial, issuer: c.name(), subject: distinguishedName(c.Country, "LIST SIGNER SPECIMEN "+o.Label),
		notBefore: or(o.NotBefore, c.NotBefore), notAfter: or(o.NotAfter, c.NotAfter), useFrom: c.NotBefore, useUntil: c.KeyUseEnd,
		keyUsage: x509.KeyUsageDigitalSignature, code: c.Code, host: c.host(),
	}.sign(pair, c.key, more...)
	return s, err
}

// SignMasterList signs a list of country signing certificates. A zero time
// leaves the attribute out.
func (s *ListSigner) SignMasterList(at time.Time, certificates ...[]byte) ([]byte, error) {
	return s.sign(MasterList, sequence(small(0), setOf(slices.Clone(certificates)...)), at)
}

// Deviation is an entry of a deviation list: all documents whose signer has this
// serial number depart from the standard in this way.
type Deviation struct {
	Issuer *Country
	Serial *big.Int
	Text   string
	From   time.Time
	To     time.Time
}

// SignDeviationList signs a list of deviations, all of them in the encoding of a
// document signer certificate (2.23.136.1.1.7.1.2).
func (s *ListSigner) SignDeviationList(at time.Time, deviations ...Deviation) ([]byte, error) {
	kind := append(slices.Clone(DeviationList.content), 1, 2)
	var entries [][]byte
	for _, d := range deviations {
		documents := sequence(
			text(contextPrim, "ID"),
			der(contextCons|1, d.Issuer.name(), integer(d.Serial)),
			der(contextCons|4, text(tagGeneralTime, generalized(d.From)), text(tagGeneralTime, generalized(d.To))))
		entries = append(entries, sequence(documents, setOf(sequence(text(tagPrintable, d.Text), identifier(kind)))))
	}
	return s.sign(DeviationList, sequence(small(0), setOf(entries...)), at)
}

// sign wraps a list into CMS as EF.SOD is wrapped, its signer named by key
// identifier as ICAO 9303-12 §9.1 recommends.
func (s *ListSigner) sign(kind List, content []byte, at time.Time) ([]byte, error) {
	as, o := Signer{Certificate: s.Certificate, Serial: s.Serial, key: s.key}, SODOptions{ByKeyID: true, SigningTime: at}
	info, err := as.signerInfo(kind.content, content, o)
	if err != nil {
		return nil, fmt.Errorf("sign list: %w", err)
	}
	return as.signedData(kind.content, content, o, info), nil
}
