package pades_test

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"sync"
	"testing"
	"time"

	"cnie/pki/adsig"
	"cnie/pki/adsig/adsigtest"
	"cnie/pki/adsig/cades"
	"cnie/pki/adsig/pades"
	"cnie/pki/adsig/pdf"
	"cnie/pki/adsig/pdf/pdftest"
	"cnie/pki/adsig/revocation"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// desk is a lab with somebody who signs documents.
type desk struct {
	*adsigtest.Lab
	t      testing.TB
	signer *adsigtest.Identity
}

func newDesk(t testing.TB) *desk {
	lab := adsigtest.New(t)
	return &desk{lab, t, lab.Signer(nil)}
}

func (d *desk) newSigner() *pades.Signer {
	return &pades.Signer{Signer: cades.Signer{Key: d.signer.Key, Chain: d.Chain(d.signer)}, Time: d.Now}
}

func (d *desk) augmenter() *cades.Augmenter {
	return &cades.Augmenter{
		Stamp: d.Stamp, Anchors: d.Anchors(), Pool: d.Chain(d.signer),
		Collector: revocation.Collector{Source: d.Lab, Now: func() time.Time { return d.Now }},
	}
}

// sign signs a document as it is asked to.
func (d *desk) sign(document []byte, level cades.Level, change ...func(*pades.Signer)) []byte {
	d.t.Helper()
	s := d.newSigner()
	for _, f := range change {
		f(s)
	}
	var out bytes.Buffer
	require.NoError(d.t, s.Sign(d.t.Context(), &out, bytes.NewReader(document), int64(len(document)), level, d.augmenter()))
	require.True(d.t, bytes.HasPrefix(out.Bytes(), document), "what was there is not there any more")
	return out.Bytes()
}

func (d *desk) augment(document []byte, level cades.Level) []byte {
	d.t.Helper()
	var out bytes.Buffer
	require.NoError(d.t, pades.Augment(d.t.Context(), &out, bytes.NewReader(document), int64(len(document)), level, d.augmenter()))
	require.True(d.t, bytes.HasPrefix(out.Bytes(), document))
	return out.Bytes()
}

// policy has the lists of the day.
func (d *desk) policy() adsig.Policy {
	return adsig.Policy{At: d.Now, Anchors: d.Anchors(), Material: revocation.Material{Lists: [][]byte{d.List(d.Root), d.List(d.CA)}}}
}

func (d *desk) offline() adsig.Policy { return adsig.Policy{At: d.Now, Anchors: d.Anchors()} }

func (d *desk) validate(document []byte, p adsig.Policy) pades.Document {
	d.t.Helper()
	found, err := pades.Validate(bytes.NewReader(document), int64(len(document)), p)
	require.NoError(d.t, err)
	return found
}

// only validates a document with one signature.
func (d *desk) only(document []byte, p adsig.Policy) pades.Report {
	d.t.Helper()
	found := d.validate(document, p)
	require.Len(d.t, found.Signatures, 1)
	return found.Signatures[0]
}

func assertPassed(t testing.TB, r interface {
	Indication() (adsig.Indication, adsig.SubIndication)
}) {
	t.Helper()
	indication, sub := r.Indication()
	assert.Equal(t, adsig.TotalPassed, indication, "%s %+v", sub, r)
}

func open(t testing.TB, document []byte) *pdf.File {
	t.Helper()
	f, err := pdf.Open(bytes.NewReader(document), int64(len(document)))
	require.NoError(t, err)
	return f
}

// page is the document that most tests sign.
func page() []byte { return pdftest.Page("SPECIMEN").Bytes() }

var rsaKey = sync.OnceValue(func() crypto.Signer {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

// present is the machine's clock, which the lab's certificates have to allow.
func present(l *adsigtest.Lab) time.Time {
	now := time.Now().UTC().Truncate(time.Second)
	if now.Before(l.Now) {
		return l.Now
	}
	return now
}
