package pki_test

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/internal/ec"
	"cnie/lds"
	"cnie/pki"
	"cnie/pki/cert"
	"cnie/pki/cms"
	"cnie/pki/specimen"
)

// another makes a country of its own keys.
func another(t testing.TB, seed string, o specimen.Options) *specimen.Country {
	t.Helper()
	c, err := specimen.New(seed, o)
	require.NoError(t, err)
	return c
}

func parse(t testing.TB, der []byte) *cert.Certificate {
	t.Helper()
	c, err := cert.Parse(der)
	require.NoError(t, err)
	return c
}

// signedBy makes EF.SOD by a document signer of whatever country.
func signedBy(c *specimen.Country, o specimen.DSCOptions, change func(t testing.TB, s *specimen.Signer)) func(testing.TB, *specimen.Signer, map[lds.File][]byte) []byte {
	return func(t testing.TB, _ *specimen.Signer, files map[lds.File][]byte) []byte {
		s, err := c.IssueDSC(o)
		require.NoError(t, err)
		if change != nil {
			change(t, s)
		}
		sod, err := s.SignSOD(files, specimen.SODOptions{})
		require.NoError(t, err)
		return sod
	}
}

// replaced replaces all of one thing by another of its length.
func replaced(b, old, with []byte) { copy(b, bytes.ReplaceAll(b, old, with)) }

// flipped flips the last bit of the only occurrence.
func flipped(t testing.TB, b, part []byte) []byte {
	require.Equal(t, 1, bytes.Count(b, part))
	b[bytes.Index(b, part)+len(part)-1] ^= 1
	return b
}

// content is the signed list inside EF.SOD.
func content(t testing.TB, sod []byte) []byte {
	message, err := lds.ParseSOD(sod)
	require.NoError(t, err)
	signed, err := cms.Parse(message)
	require.NoError(t, err)
	return signed.Content
}

func otherFiles(t testing.TB, s *specimen.Signer, files map[lds.File][]byte) []byte {
	other := map[lds.File][]byte{}
	for f := range files {
		other[f] = []byte("of another person")
	}
	sod, err := s.SignSOD(other, specimen.SODOptions{})
	require.NoError(t, err)
	return sod
}

// unlisted are the findings where no revocation list can be used.
var unlisted = findings{pki.CheckRevocation: pki.NotChecked, pki.CheckRevocationCSCA: pki.NotChecked}

// unknownIssuer are the checks that stay open when the issuer is not known.
func unknownIssuer(path pki.Outcome) findings {
	f := findings{}
	for _, id := range []pki.CheckID{
		pki.CheckIssuerPathLength, pki.CheckIssuerStanding, pki.CheckIssuerTrustAge, pki.CheckIssuerAuthorityProfile, pki.CheckIssuerAlgorithm,
		pki.CheckIssuerKeyUsage, pki.CheckValidityCSCA, pki.CheckValidityCertifying, pki.CheckRevocation, pki.CheckRevocationCSCA,
	} {
		f[id] = pki.NotChecked
	}
	f[pki.CheckIssuerPath] = path
	return f
}

// unknownSigner are those that stay open when not even the signer is known.
func unknownSigner(more findings) findings {
	f := unknownIssuer(pki.NotChecked)
	for _, id := range []pki.CheckID{
		pki.CheckIssuerProfile, pki.CheckIssuerCountry, pki.CheckIssuerDocument, pki.CheckValiditySigner, pki.CheckValiditySigning, pki.CheckIntegrityDigest,
	} {
		f[id] = pki.NotChecked
	}
	for id, o := range more {
		f[id] = o
	}
	return f
}

func sha1(o specimen.Algorithm) specimen.Algorithm { o.Hash = crypto.SHA1; return o }

// TestTampering plays what a forger, a careless issuer or a careless operator
// can do, each with exactly the findings that it deserves.
func TestTampering(t *testing.T) {
	p256 := specimen.Algorithm{Curve: ec.P256(), Hash: crypto.SHA256}
	bp256 := specimen.Algorithm{Curve: ec.BrainpoolP256r1(), Hash: crypto.SHA256}
	utopia := another(t, "utopia", specimen.Options{Name: "UTOPIA", Country: "UT", Code: "UTO"})
	impostor := another(t, "impostor", specimen.Options{}) // the country's name, other keys
	in2010 := specimen.Options{NotBefore: date(2010, 1, 1), NotAfter: date(2044, 1, 1), KeyUseEnd: date(2044, 1, 1)}
	old := specimen.DSCOptions{NotBefore: date(2010, 6, 1), KeyUseEnd: date(2010, 9, 1), NotAfter: date(2044, 1, 1), Key: sha1(p256)}
	cases := []struct {
		name string
		world
		want findings
	}{
		{"wrong key usage", world{dsc: specimen.DSCOptions{KeyUsage: x509.KeyUsageKeyEncipherment}}, findings{pki.CheckIssuerKeyUsage: pki.Failed}},
		{"another type of document", world{dsc: specimen.DSCOptions{DocumentTypes: []string{"P"}}}, findings{pki.CheckIssuerDocument: pki.Failed}},
		{"another type of document, which is allowed", world{dsc: specimen.DSCOptions{DocumentTypes: []string{"P"}}, policy: pki.Policy{At: now, AllowOtherDocumentType: true}},
			findings{pki.CheckIssuerDocument: pki.Warned}},
		{"path length", belowTheAuthority(t), findings{pki.CheckIssuerPathLength: pki.Failed, pki.CheckRevocation: pki.NotChecked, pki.CheckRevocationCSCA: pki.NotChecked}},

		{"duplicate subject, both trusted", world{anchors: func(_ testing.TB, c *specimen.Country) [][]byte { return [][]byte{impostor.Certificate, c.Certificate} }}, nil},
		{"duplicate subject, one trusted", world{sign: signedBy(impostor, specimen.DSCOptions{}, nil)}, unknownIssuer(pki.NotChecked)},
		{"same key identifier with another key", world{sign: signedBy(impostor, specimen.DSCOptions{}, func(t testing.TB, s *specimen.Signer) {
			ours, theirs := parse(t, another(t, "matrix", specimen.Options{}).Certificate), parse(t, impostor.Certificate)
			var err error
			s.Certificate, err = impostor.Reissue(s.Certificate, func(tbs []byte) { replaced(tbs, theirs.SubjectKeyID, ours.SubjectKeyID) })
			require.NoError(t, err)
		})}, unknownIssuer(pki.Failed)},
		{"same key identifier with another key, both trusted", world{anchors: func(t testing.TB, c *specimen.Country) [][]byte {
			ours, theirs := parse(t, c.Certificate), parse(t, impostor.Certificate)
			twin, err := impostor.Reissue(impostor.Certificate, func(tbs []byte) { replaced(tbs, theirs.SubjectKeyID, ours.SubjectKeyID) })
			require.NoError(t, err)
			return [][]byte{twin, c.Certificate}
		}}, nil},

		{"signer of another country", world{sign: signedBy(utopia, specimen.DSCOptions{}, nil), anchors: both(utopia), lists: listsOf(utopia)}, findings{pki.CheckIssuerCountry: pki.Failed}},
		{"signer of another country, which is allowed", world{
			sign: signedBy(utopia, specimen.DSCOptions{}, nil), anchors: both(utopia), lists: listsOf(utopia),
			policy: pki.Policy{At: now, AllowCountries: map[string][]string{"MAR": {"UT"}}},
		}, findings{pki.CheckIssuerCountry: pki.Warned}},
		{"signer in the name of another country than its authority", world{dsc: specimen.DSCOptions{Country: "UT"}}, findings{pki.CheckIssuerCountry: pki.Failed}},
		{"signer with the alternative name of another country", world{reissue: func(tbs []byte) { replaced(tbs, []byte("MAR"), []byte("UTO")) }}, findings{pki.CheckIssuerCountry: pki.Failed}},
		{"self-signed signer", world{dsc: specimen.DSCOptions{SelfSigned: true}}, unknownIssuer(pki.Failed)},

		{"signer certificate missing", world{sod: specimen.SODOptions{OmitCertificate: true}}, unknownSigner(findings{pki.CheckIntegritySigned: pki.Failed})},
		{"altered explicit parameters", world{dsc: specimen.DSCOptions{Key: specimen.Algorithm{Curve: ec.BrainpoolP256r1(), Explicit: true}}, reissue: alteredCurve},
			unknownSigner(findings{pki.CheckIntegritySigned: pki.Failed, pki.CheckIntegritySOD: pki.Warned})},
		{"whole explicit parameters", world{dsc: specimen.DSCOptions{Key: specimen.Algorithm{Curve: ec.BrainpoolP256r1(), Explicit: true}}}, findings{pki.CheckIssuerProfile: pki.Warned}},
		{"unknown critical extension", world{reissue: func(tbs []byte) { tbs[bytes.Index(tbs, []byte{0x06, 0x03, 0x55, 0x1d, 0x0f})+4] = 0x7f }},
			findings{pki.CheckIssuerProfile: pki.Failed}},
		{"two signers, one bad", world{sign: func(t testing.TB, s *specimen.Signer, files map[lds.File][]byte) []byte {
			second, err := impostor.IssueDSC(specimen.DSCOptions{Label: "02"})
			require.NoError(t, err)
			sod, err := s.SignSODTwice(files, second, specimen.SODOptions{})
			require.NoError(t, err)
			return sod
		}}, unsigned(pki.CheckIntegritySOD)},
		{"messageDigest of another content", world{sign: func(t testing.TB, s *specimen.Signer, files map[lds.File][]byte) []byte {
			sod, err := s.SignSOD(files, specimen.SODOptions{})
			require.NoError(t, err)
			other := otherFiles(t, s, files)
			replaced(other, content(t, other), content(t, sod))
			return other
		}}, findings{pki.CheckIntegritySigned: pki.Failed, pki.CheckIntegrityDigest: pki.NotChecked, pki.CheckValiditySigning: pki.NotChecked}},

		{"SHA-1 of old in the list", world{csca: in2010, dsc: specimen.DSCOptions{NotBefore: date(2010, 6, 1), NotAfter: date(2044, 1, 1)}, sod: specimen.SODOptions{Hash: crypto.SHA1}},
			findings{pki.CheckIntegrityDigest: pki.Warned}},
		{"SHA-1 of today in the list", world{sod: specimen.SODOptions{Hash: crypto.SHA1}}, findings{pki.CheckIntegrityDigest: pki.Failed}},
		{"SHA-1 of today in the signature", world{dsc: specimen.DSCOptions{Key: sha1(p256)}}, findings{pki.CheckIntegrityDigest: pki.Failed}},
		{"SHA-1 of today in the certificate and the list", world{csca: specimen.Options{Key: sha1(bp256)}},
			findings{pki.CheckIssuerAlgorithm: pki.Failed, pki.CheckRevocation: pki.Warned, pki.CheckRevocationCSCA: pki.Warned}},
		{"SHA-1 of old everywhere", world{csca: with(in2010, sha1(bp256)), dsc: old}, findings{
			pki.CheckIntegrityDigest: pki.Warned, pki.CheckIssuerAlgorithm: pki.Warned, pki.CheckRevocation: pki.Warned, pki.CheckRevocationCSCA: pki.Warned,
		}},
		{"short RSA key of today", world{dsc: specimen.DSCOptions{Key: specimen.Algorithm{RSA: 1024}}}, findings{pki.CheckIntegrityDigest: pki.Failed}},
		{"short RSA key, which is allowed", world{
			dsc:    specimen.DSCOptions{Key: specimen.Algorithm{RSA: 1024}},
			policy: pki.Policy{At: now, AllowAlgorithms: []pki.Floor{{Hash: 224, RSA: 1024, Curve: 224}}},
		}, findings{pki.CheckIntegrityDigest: pki.Warned}},
		{"curve shorter than the policy asks", world{policy: pki.Policy{At: now, AllowAlgorithms: []pki.Floor{{Hash: 224, RSA: 3072, Curve: 384}}}},
			findings{pki.CheckIntegrityDigest: pki.Failed, pki.CheckIssuerAlgorithm: pki.Failed}},

		{"revoked signer", world{lists: revoking(func(_ *specimen.Country, s *specimen.Signer) specimen.Revocation {
			return specimen.Revocation{Serial: s.Serial, At: signed}
		})},
			findings{pki.CheckRevocation: pki.Failed}},
		{"signer revoked later", world{lists: revoking(func(_ *specimen.Country, s *specimen.Signer) specimen.Revocation {
			return specimen.Revocation{Serial: s.Serial, At: now.AddDate(1, 0, 0)}
		})}, nil},
		{"revoked authority", world{lists: revoking(func(c *specimen.Country, _ *specimen.Signer) specimen.Revocation {
			return specimen.Revocation{Serial: parse(t, c.Certificate).Serial, At: signed}
		})}, findings{pki.CheckRevocationCSCA: pki.Failed}},
		{"revocation list expired", world{since: now.AddDate(0, -2, 0), due: now.AddDate(0, -1, 0)}, unlisted},
		{"revocation list expired, signer on it", world{lists: func(t testing.TB, c *specimen.Country, s *specimen.Signer) [][]byte {
			return [][]byte{list(t, c, now.AddDate(0, -2, 0), now.AddDate(0, -1, 0), specimen.Revocation{Serial: s.Serial, At: signed})}
		}}, findings{pki.CheckRevocation: pki.Failed, pki.CheckRevocationCSCA: pki.NotChecked}},
		{"revocation list of another issuer", world{lists: listsOf(utopia)}, unlisted},
		{"revocation list of an impostor", world{lists: listsOf(impostor)}, unlisted},
		{"revocation list altered", world{lists: func(t testing.TB, c *specimen.Country, s *specimen.Signer) [][]byte {
			der := list(t, c, now.AddDate(0, 0, -1), now.AddDate(0, 1, 0), specimen.Revocation{Serial: s.Serial, At: signed})
			return [][]byte{flipped(t, der, s.Serial.Bytes())}
		}}, unlisted},
		{"no revocation list", world{lists: func(testing.TB, *specimen.Country, *specimen.Signer) [][]byte { return nil }}, unlisted},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) { c.play(t, c.want) })
	}
}

// unsigned are the findings where EF.SOD is not usable at all.
func unsigned(why pki.CheckID) findings {
	f := unknownSigner(findings{
		pki.CheckIntegritySigned: pki.NotChecked, pki.CheckIntegrityPresence: pki.NotChecked, pki.CheckAccessDowngrade: pki.NotChecked, pki.CheckAccessWithheld: pki.NotChecked,
		pki.CheckChip: pki.NotChecked, pki.CheckActive: pki.NotChecked, pki.CheckValidityDocument: pki.NotChecked, why: pki.Failed,
	})
	for _, dg := range []lds.File{lds.DG1, lds.DG2, lds.DG11, lds.DG14} {
		f[pki.CheckIntegrityOf(dg)] = pki.NotChecked
	}
	return f
}

func with(o specimen.Options, key specimen.Algorithm) specimen.Options { o.Key = key; return o }

// alteredCurve changes the last byte of the written-out curve's a coefficient:
// as whole sets, the parameters are those of no curve.
func alteredCurve(tbs []byte) {
	_, a, _, _, _ := ec.BrainpoolP256r1().Params()
	at := bytes.Index(tbs, a.Bytes())
	tbs[at+len(a.Bytes())-1] ^= 1
}

func both(other *specimen.Country) func(testing.TB, *specimen.Country) [][]byte {
	return func(_ testing.TB, c *specimen.Country) [][]byte { return [][]byte{c.Certificate, other.Certificate} }
}

func listsOf(other *specimen.Country) func(testing.TB, *specimen.Country, *specimen.Signer) [][]byte {
	return func(t testing.TB, _ *specimen.Country, _ *specimen.Signer) [][]byte {
		return [][]byte{list(t, other, now.AddDate(0, 0, -1), now.AddDate(0, 1, 0))}
	}
}

func revoking(entry func(*specimen.Country, *specimen.Signer) specimen.Revocation) func(testing.TB, *specimen.Country, *specimen.Signer) [][]byte {
	return func(t testing.TB, c *specimen.Country, s *specimen.Signer) [][]byte {
		return [][]byte{list(t, c, now.AddDate(0, 0, -1), now.AddDate(0, 1, 0), entry(c, s))}
	}
}

// belowTheAuthority has an authority below the country's, whose certificate
// somebody put among the anchors.
func belowTheAuthority(t *testing.T) world {
	root := another(t, "matrix", specimen.Options{})
	below, err := root.Subordinate("BELOW")
	require.NoError(t, err)
	return world{
		sign:    signedBy(below, specimen.DSCOptions{}, nil),
		anchors: func(testing.TB, *specimen.Country) [][]byte { return [][]byte{root.Certificate, below.Certificate} },
		lists:   func(testing.TB, *specimen.Country, *specimen.Signer) [][]byte { return nil },
	}
}

// TestGenerations has signers and lists of different generations of a country's
// keys, joined by a link certificate: each vouches for the other's.
func TestGenerations(t *testing.T) {
	first := another(t, "matrix", specimen.Options{})
	second := another(t, "second", specimen.Options{NotBefore: date(2024, 6, 1)})
	link, err := first.Link(second)
	require.NoError(t, err)
	firstOnly := func(testing.TB, *specimen.Country) [][]byte { return [][]byte{first.Certificate, link} }
	since, due := now.AddDate(0, 0, -1), now.AddDate(0, 1, 0)
	of := func(c *specimen.Country, revoked ...specimen.Revocation) func(testing.TB, *specimen.Country, *specimen.Signer) [][]byte {
		return func(t testing.TB, _ *specimen.Country, _ *specimen.Signer) [][]byte {
			return [][]byte{list(t, c, since, due, revoked...)}
		}
	}
	bySecond := signedBy(second, specimen.DSCOptions{NotBefore: date(2025, 1, 1)}, nil)
	serialOf := func(c *specimen.Country, o specimen.DSCOptions) specimen.Revocation {
		s, err := c.IssueDSC(o)
		require.NoError(t, err)
		return specimen.Revocation{Serial: s.Serial, At: signed}
	}
	cases := []struct {
		name string
		world
		want findings
	}{
		{"signer of the second over the link, list of the first", world{sign: bySecond, anchors: firstOnly, lists: of(first)}, nil},
		{"signer of the second over the link, list of the second", world{sign: bySecond, anchors: firstOnly, lists: of(second)}, nil},
		{"signer of the first, list of the second", world{anchors: firstOnly, lists: of(second)}, nil},
		{"signer of the first, revoked by the second", world{anchors: firstOnly, lists: of(second, serialOf(first, specimen.DSCOptions{}))}, findings{pki.CheckRevocation: pki.Failed}},
		{"the first revoked by itself", world{sign: bySecond, anchors: firstOnly, lists: of(first, specimen.Revocation{Serial: parse(t, first.Certificate).Serial, At: signed})},
			findings{pki.CheckRevocationCSCA: pki.Failed}},
		{"link revoked by the second", world{sign: bySecond, anchors: firstOnly, lists: of(second, specimen.Revocation{Serial: parse(t, link).Serial, At: signed})},
			findings{pki.CheckRevocationCSCA: pki.Failed}},
		{"the link's own parent is missing", world{sign: bySecond, anchors: func(testing.TB, *specimen.Country) [][]byte { return [][]byte{link} }, lists: of(second)}, unknownIssuer(pki.NotChecked)},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) { c.play(t, c.want) })
	}
	assert.NotEqual(t, first.Certificate, second.Certificate)
}

// TestOpenAxes accepts what the policy allows to be open, and nothing that
// failed; nothing makes up for a missing issuer.
func TestOpenAxes(t *testing.T) {
	unlisted := func(testing.TB, *specimen.Country, *specimen.Signer) [][]byte { return nil }
	open := pki.Policy{At: now, AllowOpen: []pki.Axis{pki.AxisRevocation}}
	r := world{lists: unlisted, policy: open}.judge(t)
	assert.Equal(t, pki.Accepted, r.Verdict())
	assert.Equal(t, []pki.Axis{pki.AxisRevocation}, r.Waived())
	assert.Empty(t, r.Open())
	r = world{policy: open, lists: revoking(func(_ *specimen.Country, s *specimen.Signer) specimen.Revocation {
		return specimen.Revocation{Serial: s.Serial, At: signed}
	})}.judge(t)
	assert.Equal(t, pki.Refused, r.Verdict())
	for _, axis := range []pki.Axis{pki.AxisIssuer, pki.AxisIntegrity, pki.AxisAccess, pki.AxisHolder, "luck"} {
		_, err := pki.NewVerifier(nil, pki.Policy{At: now, AllowOpen: []pki.Axis{axis}})
		assert.ErrorIs(t, err, pki.ErrPolicy, axis)
	}
	_, err := pki.NewVerifier(nil, pki.Policy{At: now, AllowCRLAge: -time.Hour})
	assert.ErrorIs(t, err, pki.ErrPolicy)
	_, err = pki.NewVerifier(nil, pki.Policy{At: now, AllowAlgorithms: []pki.Floor{{From: now}, {}}})
	assert.ErrorIs(t, err, pki.ErrPolicy)
}
