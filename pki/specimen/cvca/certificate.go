package cvca

import (
	"bytes"
	"cmp"
	"crypto"
	"fmt"
	"time"

	"cnie/internal/ec"
)

// The rights of an inspection system, ICAO 9303-12 §7.2.2.4.
const (
	Fingerprints = 0x01 // EF.DG3
	Irises       = 0x02 // EF.DG4
)

// The roles of a certificate's holder.
const (
	terminal = 0x00
	foreign  = 0x40
	national = 0x80
	root     = 0xC0
)

// Options describe an authority; zero fields take usual values.
type Options struct {
	Country    string // two letters, UT by default
	Key        Key    // P-256 with SHA-256 by default
	Generation int    // of the key, 1 by default
	From, To   time.Time
}

// HolderOptions describe a verifier or a terminal; zero fields take usual values.
type HolderOptions struct {
	Label    string // of its key; up to nine characters of its name
	Key      Key    // as the authority's by default
	Rights   byte   // both by default
	NoRights bool   // none
	Foreign  bool   // a verifier of another State
	From, To time.Time
}

// Holder is somebody with a certificate and the key to it.
type Holder struct {
	Reference   string // of the holder
	Authority   string // reference of the issuer
	Certificate []byte // whole, tag 7F21
	options     HolderOptions
	country     string
	seed        string // of the keys below this one
	key         *pair
}

// Authority is the holder of a country's self-signed certificate.
type Authority struct{ Holder }

// Verifier is a document verifier: it makes certificates for inspection systems.
type Verifier struct{ Holder }

// New makes the authority that belongs to a seed.
func New(seed string, o Options) (*Authority, error) {
	key := o.Key
	if key.Curve == nil && key.RSA == 0 {
		key.Curve = ec.P256()
	}
	key.Hash = cmp.Or(key.Hash, crypto.SHA256)
	generation := cmp.Or(o.Generation, 1)
	from := or(o.From, time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC))
	h := Holder{country: cmp.Or(o.Country, "UT"), seed: fmt.Sprint(seed, " ", generation), options: HolderOptions{
		Label: "SPECIMEN", Rights: Fingerprints | Irises, Key: key, From: from, To: or(o.To, from.AddDate(10, 0, 0)),
	}}
	a := &Authority{h}
	err := a.make(fmt.Sprintf("%05d", generation))
	if err == nil {
		a.Authority = a.Reference
		a.Certificate, err = a.certify(&a.Holder, root, true)
	}
	return a, err
}

// Link certifies the authority's next key with this one.
func (a *Authority) Link(next *Authority) ([]byte, error) { return a.certify(&next.Holder, root, true) }

// Verifier certifies a document verifier.
func (a *Authority) Verifier(o HolderOptions) (*Verifier, error) {
	v := &Verifier{a.subject(o, "SPECIMENV", a.options.From, a.options.To)}
	role := byte(national)
	if o.Foreign {
		role = foreign
	}
	return v, a.issue(&v.Holder, role)
}

// Terminal certifies an inspection system.
func (v *Verifier) Terminal(o HolderOptions) (*Holder, error) {
	t := v.subject(o, "SPECIMENT", v.options.From, v.options.To)
	return &t, v.issue(&t, terminal)
}

func (h *Holder) subject(o HolderOptions, label string, from, to time.Time) Holder {
	o.Label = cmp.Or(o.Label, label)
	o.From, o.To = or(o.From, from), or(o.To, to)
	if o.Key.Curve == nil && o.Key.RSA == 0 {
		o.Key = h.key.Key
	}
	if o.Rights == 0 && !o.NoRights {
		o.Rights = Fingerprints | Irises
	}
	return Holder{country: h.country, seed: h.seed + " " + h.Reference, options: o}
}

func (h *Holder) issue(subject *Holder, role byte) error {
	err := subject.make("00001")
	if err == nil {
		subject.Authority = h.Reference
		subject.Certificate, err = h.certify(subject, role, false)
	}
	return err
}

// make derives key and name: country, mnemonic and five digits (ICAO 9303-12
// §7.2.2.1).
func (h *Holder) make(sequence string) (err error) {
	h.Reference = h.country + h.options.Label[:min(len(h.options.Label), 9)] + sequence
	h.key, err = h.options.Key.pair(h.seed, h.Reference)
	return err
}

// certify signs a certificate, ICAO 9303-12 §7.2.
func (h *Holder) certify(subject *Holder, role byte, parameters bool) ([]byte, error) {
	body := object(0x7F4E, bytes.Join([][]byte{
		object(0x5F29, []byte{0}),
		object(0x42, []byte(h.Reference)),
		subject.key.template(parameters),
		object(0x5F20, []byte(subject.Reference)),
		object(0x7F4C, append(object(0x06, inspectionSystem), object(0x53, []byte{role | subject.options.Rights})...)),
		object(0x5F25, digits(subject.options.From)),
		object(0x5F24, digits(subject.options.To)),
	}, nil))
	signature, err := h.key.sign(body)
	if err != nil {
		return nil, fmt.Errorf("certify %s: %w", subject.Reference, err)
	}
	return object(0x7F21, append(body, object(0x5F37, signature)...)), nil
}

// inspectionSystem is the content of id-IS.
var inspectionSystem = []byte{0x04, 0x00, 0x7F, 0x00, 0x07, 0x03, 0x01, 0x02, 0x01}

// digits are YYMMDD, a byte each.
func digits(t time.Time) []byte {
	out := []byte(t.UTC().Format("060102"))
	for i := range out {
		out[i] -= '0'
	}
	return out
}

func or(t, fallback time.Time) time.Time {
	if t.IsZero() {
		return fallback
	}
	return t
}

// Sign signs with the holder's key, as Terminal Authentication wants it.
func (h *Holder) Sign(message []byte) ([]byte, error) { return h.key.sign(message) }

// PKCS8 is the holder's private key in DER.
func (h *Holder) PKCS8() ([]byte, error) { return h.key.pkcs8() }
