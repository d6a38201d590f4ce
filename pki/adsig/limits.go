package adsig

import (
	"crypto"
	"time"

	"cnie/pki/cert"
)

// Limit says until when a hash, or a kind of key from a size upwards, may be
// relied on.
type Limit struct {
	Hash  crypto.Hash // a hash, or
	Kind  cert.Kind   // a kind of signature
	Bits  int         // with keys of at least so many bits
	Until time.Time   // zero: no end is known
}

// Suites are the limits that are used unless a policy brings its own: the dates
// of ETSI TS 119 312 V1.5.1, with those of earlier editions for what it no
// longer lists. What has no row was never reliable.
var Suites = []Limit{
	{Hash: crypto.SHA1, Until: date(2012, 8, 1)},
	{Hash: crypto.SHA224, Until: date(2029, 1, 1)},
	{Hash: crypto.SHA256},
	{Hash: crypto.SHA384},
	{Hash: crypto.SHA512},
	{Kind: cert.RSAPKCS1, Bits: 1024, Until: date(2019, 10, 1)},
	{Kind: cert.RSAPKCS1, Bits: 1900, Until: date(2029, 1, 1)},
	{Kind: cert.RSAPSS, Bits: 1024, Until: date(2019, 10, 1)},
	{Kind: cert.RSAPSS, Bits: 1900, Until: date(2029, 1, 1)},
	{Kind: cert.RSAPSS, Bits: 3000},
	{Kind: cert.ECDSA, Bits: 160, Until: date(2012, 8, 1)},
	{Kind: cert.ECDSA, Bits: 224, Until: date(2021, 10, 1)},
	{Kind: cert.ECDSA, Bits: 256},
}

func date(year, month, day int) time.Time {
	return time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
}

// forever stands for an end that is not known.
var forever = date(9999, 1, 1)

// reliable is the moment until which a signature, with these further hashes, may
// be relied on; the zero time when it never could.
func reliable(table []Limit, a cert.Algorithm, key cert.PublicKey, hashes ...crypto.Hash) time.Time {
	end := keyLimit(table, a.Kind, key)
	for _, h := range append(hashes, a.Hash) {
		end = earlier(end, hashLimit(table, h))
	}
	if a.Kind == cert.RSAPSS && a.MGFHash != a.Hash {
		end = earlier(end, hashLimit(table, a.MGFHash))
	}
	return end
}

func hashLimit(table []Limit, h crypto.Hash) time.Time {
	for _, row := range table {
		if row.Kind == 0 && row.Hash == h {
			return row.end()
		}
	}
	return time.Time{}
}

// keyLimit takes the row of the largest size that the key reaches.
func keyLimit(table []Limit, kind cert.Kind, key cert.PublicKey) (end time.Time) {
	best := 0
	for _, row := range table {
		if row.Kind == kind && kind != 0 && row.Bits <= keyBits(key) && row.Bits > best {
			best, end = row.Bits, row.end()
		}
	}
	return end
}

func (l Limit) end() time.Time {
	if l.Until.IsZero() {
		return forever
	}
	return l.Until
}

func keyBits(key cert.PublicKey) int {
	switch {
	case key.RSA != nil:
		return key.RSA.N.BitLen()
	case key.EC != nil:
		return key.EC.Curve().Order().BitLen()
	}
	return 0
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}
