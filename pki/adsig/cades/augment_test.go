package cades_test

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"cnie/pki/adsig/cades"
	"cnie/pki/cms"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestLevels looks at what each level adds (EN 319 122-1 §6.3).
func TestLevels(t *testing.T) {
	d := newDesk(t, kinds(t)[4])
	start := d.detached(t)
	first, _ := read(t, start)
	for level, c := range map[cades.Level]struct{ stamps, archives, certificates, answers int }{
		cades.BT:   {1, 0, 2, 0},
		cades.BLT:  {1, 0, 3, 3}, // the time-stamp authority's
		cades.BLTA: {1, 1, 3, 3},
	} {
		t.Run(level.String(), func(t *testing.T) {
			raised, err := d.augmenter().Augment(t.Context(), start, level, digests)
			require.NoError(t, err)
			sd, p := read(t, raised)
			assert.Len(t, p.SignatureStamps, c.stamps)
			assert.Len(t, p.ArchiveStamps, c.archives)
			assert.Len(t, sd.Certificates, c.certificates)
			assert.Len(t, sd.OCSPs, c.answers)
			assert.Empty(t, sd.Deviations)
			assert.Equal(t, first.Signers[0].SignedAttributes, sd.Signers[0].SignedAttributes)
			assert.Equal(t, first.Signers[0].Signature, sd.Signers[0].Signature)
			again, err := d.augmenter().Augment(t.Context(), raised, level, digests)
			require.NoError(t, err)
			assert.Equal(t, level == cades.BLTA, !bytes.Equal(raised, again), "only archive timestamps are added again")
		})
	}
}

// TestLower asks for levels that cannot be reached.
func TestLower(t *testing.T) {
	d := newDesk(t, kinds(t)[4])
	down := errors.New("authority is down")
	for name, c := range map[string]struct {
		change func(*cades.Augmenter)
		stamps int
	}{
		"no timestamp": {func(a *cades.Augmenter) { a.Stamp = func(context.Context, []byte) ([]byte, error) { return nil, down } }, 0},
		"no authority": {func(a *cades.Augmenter) { a.Stamp = nil }, 0},
		"no source":    {func(a *cades.Augmenter) { a.Collector.Source = nil }, 1},
		"no anchor":    {func(a *cades.Augmenter) { a.Anchors = nil }, 1},
		"no answers":   {func(a *cades.Augmenter) { a.Collector.Source = deaf{} }, 1},
	} {
		t.Run(name, func(t *testing.T) {
			a := d.augmenter()
			c.change(a)
			raised, err := a.Augment(t.Context(), d.detached(t), cades.BLT, nil)
			assert.ErrorIs(t, err, cades.ErrLevel)
			_, p := read(t, raised)
			assert.Len(t, p.SignatureStamps, c.stamps)
			var attached bytes.Buffer
			assert.ErrorIs(t, d.Envelop(t.Context(), &attached, bytes.NewReader(content), cades.BLT, a), cades.ErrLevel)
			_, p = read(t, attached.Bytes())
			assert.Len(t, p.SignatureStamps, c.stamps, "the message is whole all the same")
		})
	}
	_, err := d.augmenter().Augment(t.Context(), d.detached(t), cades.BLTA, nil)
	assert.ErrorIs(t, err, cades.ErrLevel, "an archive timestamp is over the content too")
	_, err = d.augmenter().Augment(t.Context(), []byte("no message"), cades.BT, nil)
	assert.ErrorIs(t, err, cms.ErrMalformed)
}

type deaf struct{}

func (deaf) Query(context.Context, string, []byte) ([]byte, error) {
	return nil, errors.New("no answer")
}
func (deaf) Fetch(context.Context, string) ([]byte, error) { return nil, errors.New("no answer") }
