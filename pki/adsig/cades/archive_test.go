package cades_test

import (
	"bytes"
	"crypto"
	"slices"
	"testing"

	"cnie/pki/adsig/cades"
	"cnie/pki/adsig/tsp"
	"cnie/pki/cms"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestAugmentStream raises a message in place of its content, and finds both
// untouched.
func TestAugmentStream(t *testing.T) {
	d := newDesk(t, kinds(t)[5]) // SHA-384, where the timestamps have SHA-256
	long := bytes.Repeat(content, 10_000)
	var attached, raised bytes.Buffer
	require.NoError(t, d.Envelop(t.Context(), &attached, bytes.NewReader(long), cades.BB, nil))
	require.NoError(t, d.augmenter().AugmentStream(t.Context(), &raised, bytes.NewReader(attached.Bytes()), cades.BLTA))
	sd, p := read(t, raised.Bytes())
	assert.True(t, bytes.Equal(long, sd.Content))
	token, err := tsp.Parse(p.ArchiveStamps[0])
	require.NoError(t, err)
	_, err = cades.CheckArchive(sd, 0, token, func(h crypto.Hash) ([]byte, error) { return hashed(h, long), nil })
	assert.NoError(t, err)

	var atOnce bytes.Buffer
	require.NoError(t, d.Envelop(t.Context(), &atOnce, bytes.NewReader(long), cades.BLTA, d.augmenter()), "the archive timestamp has another hash than the key")
	_, p = read(t, atOnce.Bytes())
	assert.Len(t, p.ArchiveStamps, 1)

	detached := d.detached(t)
	assert.ErrorIs(t, d.augmenter().AugmentStream(t.Context(), &raised, bytes.NewReader(detached), cades.BT), cades.ErrMalformed)
}

func hashed(h crypto.Hash, content []byte) []byte {
	sum := h.New()
	sum.Write(content)
	return sum.Sum(nil)
}

// TestArchive takes away, one by one, what an archive timestamp covers.
func TestArchive(t *testing.T) {
	d := newDesk(t, kinds(t)[4])
	raised, err := d.augmenter().Augment(t.Context(), d.detached(t), cades.BLTA, digests)
	require.NoError(t, err)
	sd, p := read(t, raised)
	token, err := tsp.Parse(p.ArchiveStamps[0])
	require.NoError(t, err)
	covered, err := cades.CheckArchive(sd, 0, token, digests)
	require.NoError(t, err)
	assert.Len(t, covered.Certificates, 3)
	assert.Equal(t, sd.OCSPs, covered.Revocations)
	assert.Equal(t, p.SignatureStamps, covered.Unsigned)

	parts, err := sd.Parts()
	require.NoError(t, err)
	for name, change := range map[string]func(*cms.Parts){
		"a certificate gone":   func(p *cms.Parts) { p.Certificates = p.Certificates[1:] },
		"an answer gone":       func(p *cms.Parts) { p.Revocations = p.Revocations[1:] },
		"a timestamp gone":     func(p *cms.Parts) { p.Signers[0].Unsigned = p.Signers[0].Unsigned[1:] },
		"another signature":    func(p *cms.Parts) { p.Signers[0].Signature = append(bytes.Clone(p.Signers[0].Signature), 0) },
		"another content type": func(p *cms.Parts) { p.ContentType = oid(1, 2, 3) },
	} {
		t.Run(name, func(t *testing.T) {
			altered := parts
			altered.Signers = slices.Clone(parts.Signers)
			change(&altered)
			encoded, err := altered.Encode()
			require.NoError(t, err)
			sd, err := cms.Parse(encoded)
			require.NoError(t, err)
			_, err = cades.CheckArchive(sd, 0, token, digests)
			assert.Error(t, err)
		})
	}
	_, err = cades.CheckArchive(sd, 0, token, func(h crypto.Hash) ([]byte, error) { return make([]byte, h.Size()), nil })
	assert.ErrorIs(t, err, tsp.ErrImprint)
}
