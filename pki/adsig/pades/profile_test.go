package pades_test

import (
	"encoding/asn1"
	"testing"
	"time"

	"cnie/pki/adsig/cades"
	"cnie/pki/adsig/pades"
	"cnie/pki/adsig/pdf"
	"cnie/pki/cms"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func oid(numbers ...int) asn1.ObjectIdentifier { return numbers }

// TestProfile goes through the rows of EN 319 142-1 §6.3, at the levels for which
// they ask.
func TestProfile(t *testing.T) {
	d := newDesk(t)
	for _, level := range levels {
		document := d.sign(page(), level)
		f := open(t, document)
		fields, err := f.Fields()
		require.NoError(t, err)
		dict, err := f.Dict(fields[0].Dict["V"])
		require.NoError(t, err)
		catalog, err := f.Catalog()
		require.NoError(t, err)
		sd, err := cms.Parse(derOf(t, dict["Contents"].(pdf.String)))
		require.NoError(t, err)
		properties, err := cades.Read(sd, 0)
		require.NoError(t, err)
		signed := func(kind asn1.ObjectIdentifier) int { _, n := cms.Find(properties.Signed, kind); return n }
		unsigned := func(kind asn1.ObjectIdentifier) int { _, n := cms.Find(properties.Unsigned, kind); return n }
		pkcs9 := func(n ...int) asn1.ObjectIdentifier { return append(oid(1, 2, 840, 113549, 1, 9), n...) }
		stamps := 0
		for _, s := range dissect(t, document) {
			if s.stamp {
				stamps++
			}
		}
		count := func(yes bool) int {
			if yes {
				return 1
			}
			return 0
		}
		for _, row := range []struct {
			name      string
			want, got any
		}{
			{"one signer", 1, len(sd.Signers)},
			{"the content is not in the message", true, sd.Detached},
			{"SignedData.certificates has the signer's and its issuers'", 2, len(sd.Certificates)},
			{"content-type is there", 1, signed(pkcs9(3))},
			{"and says data", "1.2.840.113549.1.7.1", sd.ContentType.String()},
			{"message-digest is there", 1, signed(pkcs9(4))},
			{"signing-certificate is not, for SHA-2", 0, signed(pkcs9(16, 2, 12))},
			{"signing-certificate-v2 is", 1, signed(pkcs9(16, 2, 47))},
			{"signing-time is not", 0, signed(pkcs9(5))},
			{"nor signer-location", 0, signed(pkcs9(16, 2, 17))},
			{"nor content-hints", 0, signed(pkcs9(16, 2, 4))},
			{"nor content-reference", 0, signed(pkcs9(16, 2, 10))},
			{"nor content-identifier", 0, signed(pkcs9(16, 2, 7))},
			{"nor mime-type", 0, signed(oid(0, 4, 0, 1733, 2, 1))},
			{"nor countersignature", 0, unsigned(pkcs9(6))},
			{"nor Adobe's revocation archive", 0, signed(oid(1, 2, 840, 113583, 1, 1, 8))},
			{"nor references to certificates", 0, unsigned(pkcs9(16, 2, 21))},
			{"nor references to answers", 0, unsigned(pkcs9(16, 2, 22))},
			{"nor certificate values", 0, unsigned(pkcs9(16, 2, 23))},
			{"nor revocation values", 0, unsigned(pkcs9(16, 2, 24))},
			{"nor an archive timestamp", 0, unsigned(oid(0, 4, 0, 1733, 2, 4))},
			{"signature-time-stamp from B-T on", count(level >= cades.BT), unsigned(pkcs9(16, 2, 14))},
			{"Type is Sig", pdf.Name("Sig"), dict["Type"]},
			{"Filter is there", pdf.Name("Adobe.PPKLite"), dict["Filter"]},
			{"SubFilter", pdf.Name("ETSI.CAdES.detached"), dict["SubFilter"]},
			{"M states the time", pdf.String(d.Now.Format("D:20060102150405Z")), dict["M"]},
			{"Cert is not there", nil, dict["Cert"]},
			{"ByteRange has two ranges", 4, len(dict["ByteRange"].(pdf.Array))},
			{"DSS from B-LT on", level >= cades.BLT, catalog["DSS"] != nil},
			{"document timestamp at B-LTA", count(level == cades.BLTA), stamps},
		} {
			assert.Equal(t, row.want, row.got, "%v: %s", level, row.name)
		}
		if level >= cades.BLT {
			assertStore(t, f, catalog, dict["Contents"].(pdf.String))
		}
	}
}

// assertStore wants a security store whose VRI entry is the signature's.
func assertStore(t *testing.T, f *pdf.File, catalog pdf.Dict, contents pdf.String) {
	t.Helper()
	store, err := f.Dict(catalog["DSS"])
	require.NoError(t, err)
	for _, key := range []pdf.Name{"Certs", "OCSPs", "CRLs"} {
		if list, err := f.Array(store[key]); assert.NoError(t, err) && key != "CRLs" {
			assert.NotEmpty(t, list, key)
		}
	}
	vri, err := f.Dict(store["VRI"])
	require.NoError(t, err)
	entry, err := f.Dict(vri[sha1Name(contents)])
	require.NoError(t, err)
	assert.NotEmpty(t, entry["Cert"])
}

// TestProfileRefused asks the signer for what the profile forbids.
func TestProfileRefused(t *testing.T) {
	d := newDesk(t)
	kind, err := cades.MIMEType("application/pdf")
	require.NoError(t, err)
	hints, err := cades.ContentHints("a page", oid(1, 2, 840, 113549, 1, 7, 1))
	require.NoError(t, err)
	commitment, err := cades.Commitment(oid(1, 2, 840, 113549, 1, 9, 16, 6, 1))
	require.NoError(t, err)
	for name, change := range map[string]func(*pades.Signer){
		"signing time":   func(s *pades.Signer) { s.At = time.Now() },
		"no time":        func(s *pades.Signer) { s.Time = time.Time{} },
		"MIME type":      func(s *pades.Signer) { s.Attributes = []cms.Attribute{kind} },
		"content hints":  func(s *pades.Signer) { s.Attributes = []cms.Attribute{hints} },
		"two reasons":    func(s *pades.Signer) { s.Attributes, s.Reason = []cms.Attribute{commitment}, "approval" },
		"permission":     func(s *pades.Signer) { s.Certify = 4 },
		"other contents": func(s *pades.Signer) { s.Type = oid(1, 2, 3) },
	} {
		t.Run(name, func(t *testing.T) {
			assert.ErrorIs(t, d.refusal(page(), change), pades.ErrProfile)
		})
	}
	s := d.sign(page(), cades.BB, func(s *pades.Signer) { s.Attributes = []cms.Attribute{commitment} })
	assertPassed(t, d.only(s, d.policy()))
}
