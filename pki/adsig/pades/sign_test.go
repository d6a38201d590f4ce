package pades_test

import (
	"bytes"
	"context"
	"crypto/sha1"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cnie/pki/adsig"
	"cnie/pki/adsig/adsigtest"
	"cnie/pki/adsig/cades"
	"cnie/pki/adsig/pades"
	"cnie/pki/adsig/pdf"
	"cnie/pki/adsig/pdf/pdftest"

	"github.com/digitorus/pdfsign/sign"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func sha1Name(b []byte) pdf.Name {
	sum := sha1.Sum(b)
	return pdf.Name(strings.ToUpper(hex.EncodeToString(sum[:])))
}

// refusal is the error of a signer that writes nothing.
func (d *desk) refusal(document []byte, change func(*pades.Signer)) error {
	d.t.Helper()
	s := d.newSigner()
	change(s)
	var out bytes.Buffer
	err := s.Sign(d.t.Context(), &out, bytes.NewReader(document), int64(len(document)), cades.BB, d.augmenter())
	assert.Empty(d.t, out.Bytes())
	return err
}

func TestPermissions(t *testing.T) {
	d := newDesk(t)
	none := func(*pades.Signer) {}
	certify := func(p int) func(*pades.Signer) { return func(s *pades.Signer) { s.Certify = p } }
	into := func(name string) func(*pades.Signer) { return func(s *pades.Signer) { s.Field = name } }
	seeded := withForm()
	seeded.Objects[9] = "<</Type/Annot/Subtype/Widget/FT/Sig/T(Here)/Rect[0 0 0 0]/P 3 0 R/SV<</Type/SV/Ff 1/Filter/Other>>>>"
	seeded.Objects[7] = "<</Fields[6 0 R 9 0 R]>>"
	for name, c := range map[string]struct {
		document []byte
		change   func(*pades.Signer)
	}{
		"certified against changes": {d.sign(page(), cades.BB, certify(1)), none},
		"certified second":          {d.sign(page(), cades.BB), certify(2)},
		"signed already":            {d.sign(page(), cades.BB), into("Signature1")},
		"not a signature's":         {withForm().Bytes(), into("amount")},
		"particular kind":           {seeded.Bytes(), into("Here")},
	} {
		t.Run(name, func(t *testing.T) { assert.ErrorIs(t, d.refusal(c.document, c.change), pades.ErrPermission) })
	}
	r := d.only(d.sign(page(), cades.BLTA, certify(2)), d.policy())
	assertPassed(t, r)
	assert.Equal(t, 2, r.Permission)
	assert.Equal(t, pades.WholeDocument, r.Scope)
}

// TestTwice signs a form twice, with its field filled in between: the first
// signature holds, for the document as it was.
func TestTwice(t *testing.T) {
	d := newDesk(t)
	first := d.victim(withForm(), nil)
	filled := first.append(map[int]string{6: strings.Replace(string(between(first.signed, 6)), "(100)", "(200)", 1)})
	second := d.sign(filled, cades.BB, func(s *pades.Signer) { s.Name, s.Reason, s.Location = "SPECIMEN", "read", "Rabat" })
	found := d.validate(second, d.policy())
	require.Len(t, found.Signatures, 2)
	early, late := found.Signatures[0], found.Signatures[1]
	assertPassed(t, early)
	assertPassed(t, late)
	assert.Equal(t, pades.EarlierRevision, early.Scope)
	assert.Equal(t, pades.WholeFile, late.Scope)
	assert.Equal(t, []int{1, 2}, []int{early.Revision, late.Revision})
	assert.Equal(t, []string{"SPECIMEN", "read", "Rabat"}, []string{late.Name, late.Reason, late.Location})
	var said []string
	for _, c := range early.Changes {
		said = append(said, c.What)
	}
	assert.Equal(t, []string{`the field "amount" was filled in`, `another signature was added ("Signature2")`}, said)
}

// TestExistingField signs a field that the document brings along, with a lock.
func TestExistingField(t *testing.T) {
	d := newDesk(t)
	f := withForm()
	f.Objects[9] = "<</Type/Annot/Subtype/Widget/FT/Sig/T(Here)/Rect[72 400 300 450]/F 4/P 3 0 R/Lock<</Type/SigFieldLock/Action/All>>>>"
	f.Objects[7] = "<</Fields[6 0 R 9 0 R]>>"
	f.Objects[3] = "<</Type/Page/Parent 2 0 R/Contents 4 0 R/Annots[6 0 R 9 0 R]>>"
	signed := d.sign(f.Bytes(), cades.BB, func(s *pades.Signer) { s.Field = "Here" })
	r := d.only(signed, d.policy())
	assertPassed(t, r)
	assert.Equal(t, "Here", r.Field)
	second := d.sign(signed, cades.BB)
	found := d.validate(second, d.policy())
	assertPassed(t, found.Signatures[0])
	assert.Equal(t, pades.WholeDocument, found.Signatures[0].Scope)
}

// TestDraft signs far from the document: only the digest travels.
func TestDraft(t *testing.T) {
	d := newDesk(t)
	document := page()
	near := d.newSigner()
	far := cades.Signer{Key: d.signer.Key, Chain: near.Chain}
	near.Key = nil
	draft, err := near.Prepare(bytes.NewReader(document), int64(len(document)), cades.BB)
	require.NoError(t, err)
	message, err := far.SignDigest(draft.Digest)
	require.NoError(t, err)
	var out bytes.Buffer
	require.NoError(t, draft.Finish(&out, message))
	assertPassed(t, d.only(out.Bytes(), d.policy()))
}

func TestRoom(t *testing.T) {
	d := newDesk(t)
	assert.ErrorIs(t, d.refusal(page(), func(s *pades.Signer) { s.Room = 100 }), pades.ErrRoom)
}

// TestLowerLevel lets the authority fail at each exchange in turn: what comes out
// is complete, at the level below, and the error says so.
func TestLowerLevel(t *testing.T) {
	broken := errors.New("the line is down")
	for failing, want := range []cades.Level{cades.BB, cades.BLT} {
		d := newDesk(t)
		a := d.augmenter()
		asked := 0
		a.Stamp = func(ctx context.Context, request []byte) ([]byte, error) {
			if asked++; asked > failing {
				return nil, broken
			}
			return d.Stamp(ctx, request)
		}
		document := page()
		var out bytes.Buffer
		err := d.newSigner().Sign(t.Context(), &out, bytes.NewReader(document), int64(len(document)), cades.BLTA, a)
		require.ErrorIs(t, err, cades.ErrLevel)
		require.ErrorIs(t, err, broken)
		r := d.only(out.Bytes(), d.policy())
		assertPassed(t, r)
		assert.Equal(t, want, r.Level)
	}
}

func TestAugmentUnsigned(t *testing.T) {
	d := newDesk(t)
	var out bytes.Buffer
	err := pades.Augment(t.Context(), &out, bytes.NewReader(page()), int64(len(page())), cades.BLTA, d.augmenter())
	assert.ErrorIs(t, err, pades.ErrUnsigned)
	assert.Empty(t, out.Bytes())
}

// TestLargeStamp has timestamps larger than their place: the signature's goes
// behind it, the document's is made again.
func TestLargeStamp(t *testing.T) {
	d := newDesk(t)
	signed := d.sign(page(), cades.BLTA, func(s *pades.Signer) { s.Room = 2500 })
	found := d.validate(signed, d.policy())
	require.Len(t, found.Timestamps, 2)
	assertPassed(t, found.Signatures[0])
	assert.Equal(t, cades.BLTA, found.Signatures[0].Level)
}

// TestTampered flips a byte of each kind.
func TestTampered(t *testing.T) {
	d := newDesk(t)
	signed := d.sign(page(), cades.BB)
	for name, c := range map[string]struct {
		at  int
		sub adsig.SubIndication
	}{
		"content":    {bytes.Index(signed, []byte("(SPECIMEN)")) + 1, adsig.HashFailure},
		"dictionary": {bytes.Index(signed, []byte("/M (D:20")) + 8, adsig.HashFailure},
	} {
		t.Run(name, func(t *testing.T) {
			changed := bytes.Clone(signed)
			changed[c.at] ^= 1
			indication, sub := d.only(changed, d.policy()).Indication()
			assert.Equal(t, adsig.TotalFailed, indication)
			assert.Equal(t, c.sub, sub)
		})
	}
}

// TestPDFSigned validates documents that digitorus/pdfsign signed.
func TestPDFSigned(t *testing.T) {
	d := atPresent(t)
	in := adsigtest.File(t, "page.pdf", d.longPage())
	out := filepath.Join(t.TempDir(), "signed.pdf")
	data := sign.SignData{
		Signature: sign.SignDataSignature{
			Info:     sign.SignDataSignatureInfo{Name: "SPECIMEN", Reason: "to see", Date: d.Now},
			CertType: sign.ApprovalSignature, DocMDPPerm: sign.AllowFillingExistingFormFieldsAndSignaturesPerms,
		},
		Signer: d.signer.Key, Certificate: d.signer.X509, CertificateChains: [][]*x509.Certificate{{d.signer.X509, d.CA.X509}},
	}
	require.NoError(t, sign.SignFile(in, out, data))
	signed, err := os.ReadFile(out)
	require.NoError(t, err)
	r := d.only(signed, d.policy())
	assertPassed(t, r)
	assert.Equal(t, pades.FormatCMS, r.Format)
	assert.Equal(t, "to see", r.Reason)
	found := d.validate(d.sign(signed, cades.BLTA), d.policy())
	require.Len(t, found.Signatures, 2)
	assertPassed(t, found.Signatures[0])
	assertPassed(t, found.Signatures[1])
}

// longPage is long enough for a reader that looks for the end in the last part
// only.
func (d *desk) longPage() []byte {
	f := pdftest.Page("SPECIMEN")
	f.Objects[4] = pdftest.Stream("", strings.Repeat("BT /F1 24 Tf 72 720 Td (SPECIMEN) Tj ET\n", 100))
	return f.Bytes()
}

// TestStampOnly raises a document by timestamps alone, with no signature's level
// to help: each timestamp is judged by itself, with what the signature brings.
func TestStampOnly(t *testing.T) {
	d := newDesk(t)
	raised := d.augment(d.sign(page(), cades.BB), cades.BT)
	found := d.validate(raised, d.policy())
	require.Len(t, found.Timestamps, 1)
	stamp := found.Timestamps[0]
	assertPassed(t, stamp)
	assert.Equal(t, pades.WholeFile, stamp.Scope)
	assert.Equal(t, adsig.DocumentStamp, stamp.Kind)
	assert.Equal(t, cades.BT, found.Signatures[0].Level)
	assert.Equal(t, found.Signatures[0].Stamps[0].Time, stamp.Time)
	changed := bytes.Clone(raised)
	changed[bytes.Index(changed, []byte("(SPECIMEN)"))+1] ^= 1
	indication, sub := d.validate(changed, d.policy()).Timestamps[0].Indication()
	assert.Equal(t, adsig.TotalFailed, indication)
	assert.Equal(t, adsig.HashFailure, sub)
}
