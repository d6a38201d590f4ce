package pades_test

import (
	"testing"

	"cnie/pki/adsig"
	"cnie/pki/adsig/cades"
	"cnie/pki/adsig/pades"
	"cnie/pki/adsig/pdf/pdftest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var levels = []cades.Level{cades.BB, cades.BT, cades.BLT, cades.BLTA}

// kinds are documents of each structure.
func kinds() map[string][]byte {
	streams := pdftest.Page("SPECIMEN")
	streams.Streams, streams.Packed = true, []int{1, 2, 3, 5}
	return map[string][]byte{"table": page(), "stream": streams.Bytes()}
}

// TestLevels signs at each level, and from B-B upwards one by one.
func TestLevels(t *testing.T) {
	for name, document := range kinds() {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t)
			raised := d.sign(document, cades.BB)
			for _, level := range levels {
				signed := d.sign(document, level)
				r := d.only(signed, d.policy())
				assertPassed(t, r)
				assert.Equal(t, level, r.Level)
				// From B-LT on the document has all that it takes.
				indication, _ := d.only(signed, d.offline()).Indication()
				assert.Equal(t, level >= cades.BLT, indication == adsig.TotalPassed, "alone")
				raised = d.augment(raised, level)
				r = d.only(raised, d.policy())
				assertPassed(t, r)
				assert.Equal(t, level, r.Level, "raised")
				scope := pades.WholeDocument
				if level == cades.BB {
					scope = pades.WholeFile
				}
				assert.Equal(t, scope, r.Scope)
				assert.WithinDuration(t, d.Now, *r.Stated, 0)
			}
		})
	}
}

// TestRenewal keeps a document for sixteen years by renewing its timestamp.
func TestRenewal(t *testing.T) {
	d := newDesk(t)
	document := d.sign(page(), cades.BLTA)
	signed := d.Now
	for i := range 4 {
		d.Now = d.Now.AddDate(4, 0, 0)
		d.NewTSA(d.Now)
		if i == 1 {
			d.NewCA(d.Now)
		}
		document = d.augment(document, cades.BLTA)
	}
	d.Now = d.Now.AddDate(0, 6, 0)
	found := d.validate(document, d.policy())
	require.Len(t, found.Signatures, 1)
	require.Len(t, found.Timestamps, 5)
	assertPassed(t, found.Signatures[0])
	assert.Equal(t, cades.BLTA, found.Signatures[0].Level)
	assert.WithinDuration(t, signed, found.Signatures[0].Proven, 5e9)
	for _, s := range found.Timestamps {
		assertPassed(t, s)
	}
}
