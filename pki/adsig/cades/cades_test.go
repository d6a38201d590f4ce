package cades_test

import (
	"bytes"
	"crypto"
	"encoding/asn1"
	"errors"
	"io"
	"testing"
	"testing/iotest"
	"time"

	"cnie/pki/adsig/cades"
	"cnie/pki/adsig/ess"
	"cnie/pki/adsig/revocation"
	"cnie/pki/adsig/tsp"
	"cnie/pki/cms"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func read(t testing.TB, message []byte) (*cms.SignedData, cades.Properties) {
	t.Helper()
	sd, err := cms.Parse(message)
	require.NoError(t, err)
	properties, err := cades.Read(sd, 0)
	require.NoError(t, err)
	return sd, properties
}

func oid(arcs ...int) asn1.ObjectIdentifier { return arcs }

// TestBaseline has a row for each requirement of EN 319 122-1 §6.3 on level B-B,
// and for the one that PAdES has otherwise.
func TestBaseline(t *testing.T) {
	d := newDesk(t, kinds(t)[4])
	hints, err := cades.ContentHints("a letter", oid(1, 2, 840, 113549, 1, 7, 1))
	require.NoError(t, err)
	mime, err := cades.MIMEType("text/plain")
	require.NoError(t, err)
	commitment, err := cades.Commitment(oid(1, 2, 840, 113549, 1, 9, 16, 6, 1))
	require.NoError(t, err)
	d.Attributes = []cms.Attribute{hints, commitment}
	_, p := read(t, d.detached(t))
	_, count := cms.Find(p.Signed, oid(1, 2, 840, 113549, 1, 9, 16, 2, 4))
	assert.Equal(t, 1, count, "content-hints")
	for _, contradiction := range [][]cms.Attribute{{hints, mime}, {mime, mime}} {
		d.Attributes = contradiction
		_, err = d.SignDigest(make([]byte, 32))
		assert.ErrorIs(t, err, cades.ErrMalformed)
	}
	d.Attributes = []cms.Attribute{mime, commitment}
	sd, p := read(t, d.detached(t))
	for name, c := range map[string]struct {
		kind  asn1.ObjectIdentifier
		count int
	}{
		"content-type":             {oid(1, 2, 840, 113549, 1, 9, 3), 1},
		"message-digest":           {oid(1, 2, 840, 113549, 1, 9, 4), 1},
		"signing-time":             {oid(1, 2, 840, 113549, 1, 9, 5), 1},
		"signing-certificate-v2":   {ess.OIDSigningCertificateV2, 1},
		"signing-certificate":      {ess.OIDSigningCertificate, 0}, // for SHA-1 alone
		"cms-algorithm-protection": {oid(1, 2, 840, 113549, 1, 9, 52), 1},
		"mime-type":                {oid(0, 4, 0, 1733, 2, 1), 1},
		"commitment-type":          {oid(1, 2, 840, 113549, 1, 9, 16, 2, 16), 1},
	} {
		_, count := cms.Find(p.Signed, c.kind)
		assert.Equal(t, c.count, count, name)
	}
	assert.Equal(t, "text/plain", p.MIMEType)
	assert.Empty(t, p.Unsigned)
	assert.Empty(t, sd.Deviations)
	assert.True(t, sd.Detached)
	signer, found := sd.SignerCertificate(0)
	require.True(t, found)
	assert.Equal(t, d.Chain[0].Raw, signer.Raw, "SignedData.certificates has the signer's")
	sum, err := digests(crypto.SHA256)
	require.NoError(t, err)
	result, err := sd.VerifyDigest(0, signer, sum)
	require.NoError(t, err)
	assert.Empty(t, result.Deviations, "the attributes are in DER order")
	assert.WithinDuration(t, d.At, *result.SigningTime, 0)

	d.At = time.Time{}
	_, p = read(t, d.detached(t))
	assert.False(t, p.HasSigningTime, "for PAdES (EN 319 142-1 §6.3)")
}

// TestWrongKey signs with keys that are not the certificate's.
func TestWrongKey(t *testing.T) {
	d := newDesk(t, kinds(t)[4])
	right := d.Key
	d.Key = newDesk(t, kinds(t)[4]).Key
	_, err := d.SignDigest(make([]byte, 32))
	assert.ErrorIs(t, err, cades.ErrKey)
	d.Key = rsaKey()
	_, err = d.SignDigest(make([]byte, 32))
	assert.ErrorIs(t, err, cades.ErrKey)
	d.Key = right
	_, err = d.SignDigest(make([]byte, 20))
	assert.ErrorIs(t, err, cades.ErrMalformed)
	d.Chain = nil
	_, err = d.SignDigest(make([]byte, 32))
	assert.ErrorIs(t, err, cades.ErrKey)
}

// TestBrokenStreams fails while reading and while writing.
func TestBrokenStreams(t *testing.T) {
	d := newDesk(t, kinds(t)[4])
	broken := errors.New("broken disk")
	_, err := d.SignReader(iotest.ErrReader(broken))
	assert.ErrorIs(t, err, broken)
	var attached bytes.Buffer
	assert.ErrorIs(t, d.Envelop(t.Context(), &attached, io.MultiReader(bytes.NewReader(content), iotest.ErrReader(broken)), cades.BB, nil), broken)
	for _, room := range []int64{0, 50, 200} {
		assert.Error(t, d.Envelop(t.Context(), &short{room}, bytes.NewReader(content), cades.BB, nil))
	}
}

// short is a disk with little room.
type short struct{ room int64 }

func (s *short) Write(p []byte) (int, error) {
	if s.room -= int64(len(p)); s.room < 0 {
		return 0, errors.New("disk is full")
	}
	return len(p), nil
}

// TestSize leaves room for signatures with each kind of key.
func TestSize(t *testing.T) {
	for _, k := range kinds(t) {
		d := newDesk(t, k)
		size, err := d.Size()
		require.NoError(t, err)
		for range 8 {
			made := len(d.detached(t))
			assert.LessOrEqual(t, made, size, k.name)
			assert.Greater(t, made, size-16, k.name)
		}
	}
}

// TestGather collects for a format that keeps material beside the message.
func TestGather(t *testing.T) {
	d := newDesk(t, kinds(t)[4])
	message, err := d.augmenter().Augment(t.Context(), d.detached(t), cades.BT, nil)
	require.NoError(t, err)
	sum, err := digests(crypto.SHA256)
	require.NoError(t, err)
	beside, err := tsp.Ask(t.Context(), d.lab.Stamp, crypto.SHA256, sum)
	require.NoError(t, err)
	g, err := d.augmenter().Gather(t.Context(), message, beside.Raw)
	require.NoError(t, err)
	assert.Len(t, g.Certificates, 3)
	assert.Len(t, g.Responses, 3)
	a := d.augmenter()
	a.Collector.Known = revocation.NewSet(g.Lists, g.Responses)
	g, err = a.Gather(t.Context(), message)
	require.NoError(t, err)
	assert.Empty(t, g.Responses, "it is there already")
	a.Anchors = nil
	_, err = a.Gather(t.Context(), message)
	assert.ErrorIs(t, err, cades.ErrLevel)
}

func TestLevelNames(t *testing.T) {
	var l cades.Level
	for _, name := range []string{"B-B", "B-T", "B-LT", "B-LTA"} {
		require.NoError(t, l.UnmarshalText([]byte(name)))
		assert.Equal(t, name, l.String())
	}
	assert.Error(t, l.UnmarshalText([]byte("none")))
	assert.Error(t, l.UnmarshalText([]byte("B-XL")))
	assert.Equal(t, "level 9", cades.Level(9).String())
}

// FuzzRead looks for panics in attributes and archive timestamps.
func FuzzRead(f *testing.F) {
	d := newDesk(f, kinds(f)[4])
	raised, err := d.augmenter().Augment(f.Context(), d.detached(f), cades.BLTA, digests)
	require.NoError(f, err)
	f.Add(raised)
	f.Fuzz(func(t *testing.T, message []byte) {
		sd, err := cms.Parse(message)
		if err != nil || len(sd.Signers) == 0 {
			return
		}
		p, err := cades.Read(sd, 0)
		if err != nil {
			return
		}
		for _, raw := range p.ArchiveStamps {
			if token, err := tsp.Parse(raw); err == nil {
				_, _ = cades.CheckArchive(sd, 0, token, digests)
			}
		}
	})
}
