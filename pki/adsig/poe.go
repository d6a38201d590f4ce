package adsig

import (
	"crypto/sha256"
	"slices"
	"time"

	"cnie/pki/adsig/revocation"
	"cnie/pki/cert"
	"cnie/pki/cms"
)

// proofs are the proofs of existence so far (EN 319 102-1 §5.6.2.3): by when
// each object is known to have been there. What nothing proves was there when it
// is looked at, and no sooner.
type proofs struct {
	at    time.Time
	known map[[32]byte]time.Time
}

func newProofs(at time.Time) *proofs { return &proofs{at: at, known: map[[32]byte]time.Time{}} }

func (p *proofs) of(object []byte) time.Time {
	if t, proven := p.known[sha256.Sum256(object)]; proven {
		return t
	}
	return p.at
}

// proven reports whether anything proves since when an object is there.
func (p *proofs) proven(object []byte) bool {
	_, known := p.known[sha256.Sum256(object)]
	return known
}

// add records that objects were there at a moment.
func (p *proofs) add(t time.Time, objects ...[]byte) {
	for _, object := range objects {
		p.known[sha256.Sum256(object)] = earlier(p.of(object), t)
	}
}

// material is everything at hand with which paths are built and judged.
type material struct {
	pool    []*cert.Certificate
	answers *revocation.Set
	carried [][]byte // the lists and responses that came with the signature
}

func (m *material) addMessage(sd *cms.SignedData) {
	m.pool = append(m.pool, sd.Certificates...)
	m.carry(sd.CRLs, sd.OCSPs)
}

func (m *material) carry(lists, responses [][]byte) {
	m.answers.Add(lists, responses)
	m.carried = slices.Concat(m.carried, lists, responses)
}

// addCertificates adds the readable ones.
func (m *material) addCertificates(all [][]byte) {
	for _, der := range all {
		if c, err := cert.Parse(der); err == nil {
			m.pool = append(m.pool, c)
		}
	}
}

// objectsIn lists what a covered message brings along.
func objectsIn(sd *cms.SignedData) (all [][]byte) {
	for _, c := range sd.Certificates {
		all = append(all, c.Raw)
	}
	return append(append(all, sd.CRLs...), sd.OCSPs...)
}
