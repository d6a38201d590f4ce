package cades_test

import (
	"crypto"
	"encoding/asn1"
	"slices"
	"testing"

	"cnie/pki/adsig/cades"
	"cnie/pki/adsig/tsp"
	"cnie/pki/cms"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// An index is as strong as the hash that it has: that of the timestamp, and no weaker
// one under which two things look alike (EN 319 122-1 §5.5.2).
func TestIndexOfAnotherHash(t *testing.T) {
	d := newDesk(t, kinds(t)[4])
	raised, err := d.augmenter().Augment(t.Context(), d.detached(t), cades.BLT, digests)
	require.NoError(t, err)
	sd, err := cms.Parse(raised)
	require.NoError(t, err)
	for h, want := range map[crypto.Hash]error{crypto.SHA256: nil, crypto.SHA1: cades.ErrMalformed} {
		_, err := cades.CheckArchive(sd, 0, d.archived(t, sd, h), digests)
		assert.ErrorIs(t, err, want, h)
	}
}

// archived is an archive timestamp under SHA-256 with an index under any hash.
func (d *desk) archived(t *testing.T, sd *cms.SignedData, h crypto.Hash) *tsp.Token {
	t.Helper()
	p, err := sd.Parts()
	require.NoError(t, err)
	var lists [3][][]byte
	for i, members := range [][][]byte{p.Certificates, p.Revocations} {
		for _, member := range members {
			lists[i] = append(lists[i], hashed(h, member))
		}
	}
	names := map[crypto.Hash]asn1.ObjectIdentifier{crypto.SHA1: oid(1, 3, 14, 3, 2, 26), crypto.SHA256: oid(2, 16, 840, 1, 101, 3, 4, 2, 1)}
	index, err := asn1.Marshal(struct {
		Algorithm                           struct{ Name asn1.ObjectIdentifier }
		Certificates, Revocations, Unsigned [][]byte
	}{struct{ Name asn1.ObjectIdentifier }{names[h]}, lists[0], lists[1], lists[2]})
	require.NoError(t, err)
	kind, err := asn1.Marshal(p.ContentType)
	require.NoError(t, err)
	digest, err := digests(crypto.SHA256)
	require.NoError(t, err)
	fields, err := p.Signers[0].Covered()
	require.NoError(t, err)
	token, err := tsp.Ask(t.Context(), d.lab.Stamp, crypto.SHA256, hashed(crypto.SHA256, slices.Concat(kind, digest, fields, index)))
	require.NoError(t, err)
	inside, err := token.Message.Parts()
	require.NoError(t, err)
	added, err := cms.EncodeAttributes([]cms.Attribute{cms.NewAttribute(oid(0, 4, 0, 19122, 1, 5), index)})
	require.NoError(t, err)
	inside.Signers[0].Unsigned = append(inside.Signers[0].Unsigned, added)
	raw, err := inside.Encode()
	require.NoError(t, err)
	token, err = tsp.Parse(raw)
	require.NoError(t, err)
	return token
}
