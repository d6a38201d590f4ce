package cert_test

import (
	"bytes"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"runtime"
	"testing"
	"time"

	"cnie/pki/cert"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const memoryCap = 64 << 20 // allocated in all, not at once

// revokedTimes is a list of version 1 with n entries, by nobody.
func revokedTimes(t *testing.T, n int) []byte {
	entry, err := asn1.Marshal(pkix.RevokedCertificate{SerialNumber: new(big.Int).Lsh(big.NewInt(1), 150), RevocationTime: start})
	require.NoError(t, err)
	algorithm := asn1.RawValue{FullBytes: unhex(t, "300a06082a8648ce3d040302")}
	list, err := asn1.Marshal(struct {
		TBS struct {
			Algorithm, Issuer asn1.RawValue
			ThisUpdate        time.Time
			Entries           asn1.RawValue
		}
		Algorithm asn1.RawValue
		Signature asn1.BitString
	}{struct {
		Algorithm, Issuer asn1.RawValue
		ThisUpdate        time.Time
		Entries           asn1.RawValue
	}{algorithm, asn1.RawValue{FullBytes: unhex(t, "3000")}, start, asn1.RawValue{Tag: 16, IsCompound: true, Bytes: bytes.Repeat(entry, n)}}, algorithm, asn1.BitString{Bytes: []byte{0}, BitLength: 8}})
	require.NoError(t, err)
	return list
}

// TestHostile refuses what is too large, without much memory. The time is
// printed; a second is the bound that a person should hold it to.
func TestHostile(t *testing.T) {
	certificate := func(der []byte) error { _, err := cert.Parse(der); return err }
	list := func(der []byte) error { _, err := cert.ParseCRL(der); return err }
	names := template()
	for range 100 {
		names.Subject.OrganizationalUnit = append(names.Subject.OrganizationalUnit, "SPECIMEN")
	}
	points := template()
	points.CRLDistributionPoints = make([]string, 5000)
	extensions := template()
	for i := range 100 {
		extensions.ExtraExtensions = append(extensions.ExtraExtensions, pkix.Extension{Id: asn1.ObjectIdentifier{1, 2, i}, Value: []byte{5, 0}})
	}
	broken := revokedTimes(t, cert.MaxRevoked)
	broken[bytes.LastIndex(broken, []byte{0x17, 0x0d})] = 0x16 // a date that is none
	for _, c := range []struct {
		name  string
		parse func([]byte) error
		der   []byte
	}{
		{"certificate of 100 MB", certificate, make([]byte, 100<<20)},
		{"certificate of 4 GB, as it says", certificate, unhex(t, "3084ffffffff3084fffffff0")},
		{"100 attributes in a name", certificate, create(t, names)},
		{"100 extensions", certificate, create(t, extensions)},
		{"revocation list of 100 MB", list, make([]byte, 100<<20)},
		{"too many entries", list, revokedTimes(t, cert.MaxRevoked+1)},
		{"broken in the last entry", list, broken},
		{"a million entries", list, revokedTimes(t, 1_000_000)},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		start := time.Now()
		err := c.parse(c.der)
		took := time.Since(start)
		runtime.ReadMemStats(&after)
		assert.ErrorIs(t, err, cert.ErrMalformed, c.name)
		allocated := after.TotalAlloc - before.TotalAlloc
		assert.Less(t, allocated, uint64(memoryCap), c.name)
		t.Logf("%-32s %9d bytes in, %8d allocated, %v: %v", c.name, len(c.der), allocated, took.Round(time.Microsecond), err)
	}
	der := create(t, points)
	require.Greater(t, len(der), 5000)
	assert.NotEmpty(t, parse(t, der).Deviations, "5000 distribution points are left out and listed")
	kept, err := cert.ParseCRL(revokedTimes(t, cert.MaxRevoked))
	require.NoError(t, err)
	assert.Len(t, kept.Entries, cert.MaxRevoked)
}
