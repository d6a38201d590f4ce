package specimen

import (
	"cmp"
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"fmt"
	"math/big"
	"sync"
	"time"

	"cnie/internal/ec"
)

// Options describes a country. Zero fields take the values of [Default].
type Options struct {
	Name      string // ends the common name: "CSCA SPECIMEN 01"
	Country   string // ISO 3166-1 alpha-2, in the names
	Code      string // three letters, as in the MRZ
	Key       Algorithm
	NotBefore time.Time
	NotAfter  time.Time
	KeyUseEnd time.Time // the last day on which it signs, before NotAfter
	Revoked   []Revocation
}

// Revocation is one entry of a revocation list.
type Revocation struct {
	Serial *big.Int
	At     time.Time
}

// Country is an issuing state with one CSCA key.
type Country struct {
	Options
	Certificate []byte // the self-signed CSCA, DER
	seed        string
	key         *key
}

// RevokedSigner is the label of a document signer that [Default]'s revocation
// list names.
const RevokedSigner = "REVOKED"

// Default is the country whose fingerprints pki/trust knows as specimens: its
// CSCA is on brainpoolP256r1 and signs with SHA-256.
var Default = sync.OnceValue(func() *Country {
	country, err := New("cnie specimen country, generation 1", Options{
		Revoked: []Revocation{{Serial: Serial(RevokedSigner), At: day(2025, 6, 2)}},
	})
	if err != nil {
		panic(err) // the arguments are constants: only a broken build gets here
	}
	return country
})

// New makes the country that belongs to a seed; the same arguments give the
// same bytes.
func New(seed string, o Options) (*Country, error) {
	o = o.filled()
	if o.NotAfter.Before(o.NotBefore) {
		return nil, fmt.Errorf("CSCA validity ends before it begins")
	}
	pair, err := newKey(o.Key, seed, "CSCA", o.Name)
	if err != nil {
		return nil, fmt.Errorf("make CSCA: %w", err)
	}
	c := &Country{Options: o, seed: seed, key: pair}
	c.Certificate, err = template{
		serial: Serial("CSCA " + seed + o.Name), issuer: c.name(), subject: c.name(),
		notBefore: o.NotBefore, notAfter: o.NotAfter, useFrom: o.NotBefore, useUntil: o.KeyUseEnd,
		keyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign, ca: true,
		code: o.Code, host: c.host(),
	}.sign(pair, pair)
	return c, err
}

func (o Options) filled() Options {
	o.Name = cmp.Or(o.Name, "01")
	o.Country = cmp.Or(o.Country, "MA")
	o.Code = cmp.Or(o.Code, "MAR")
	o.Key = o.Key.or(Algorithm{Curve: ec.BrainpoolP256r1(), Hash: crypto.SHA256})
	o.NotBefore = or(o.NotBefore, day(2024, 1, 1))
	o.KeyUseEnd = or(o.KeyUseEnd, o.NotBefore.AddDate(5, 0, 0))
	// A document signed on the last day lives ten years (ICAO 9303-12 §4.1.4.1).
	o.NotAfter = or(o.NotAfter, o.NotBefore.AddDate(20, 0, 0))
	return o
}

func (c *Country) name() []byte { return distinguishedName(c.Country, "CSCA SPECIMEN "+c.Name) }

// host is reserved by RFC 2606: nothing will ever answer there.
func (c *Country) host() string { return "csca.specimen.example" }

// Serial is a positive number of eight bytes that belongs to a label: the serial
// number of the document signer of that label.
func Serial(label string) *big.Int {
	sum := sha256.Sum256([]byte("serial " + label))
	sum[0] = sum[0]&0x3f | 0x40 // positive, and never shorter
	return new(big.Int).SetBytes(sum[:8])
}

func day(year int, month time.Month, d int) time.Time {
	return time.Date(year, month, d, 0, 0, 0, 0, time.UTC)
}

func or(t, fallback time.Time) time.Time {
	if t.IsZero() {
		return fallback
	}
	return t
}
