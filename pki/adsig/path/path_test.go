package path_test

import (
	"crypto/x509"
	"encoding/asn1"
	"fmt"
	"testing"

	"cnie/pki/adsig/adsigtest"
	"cnie/pki/adsig/path"
	"cnie/pki/cert"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestFind(t *testing.T) {
	lab := adsigtest.New(t)
	other := adsigtest.New(t) // same names, other keys
	signer := lab.Signer(nil)
	pool := []*cert.Certificate{other.CA.Cert, other.Root.Cert, lab.CA.Cert}
	for _, c := range []struct {
		name    string
		target  *cert.Certificate
		anchors []*cert.Certificate
		want    []*cert.Certificate
	}{
		{"up to the root", signer.Cert, lab.Anchors(), []*cert.Certificate{signer.Cert, lab.CA.Cert, lab.Root.Cert}},
		{"the authority as anchor", signer.Cert, []*cert.Certificate{lab.CA.Cert}, []*cert.Certificate{signer.Cert, lab.CA.Cert}},
		{"the signer as anchor", signer.Cert, []*cert.Certificate{signer.Cert}, []*cert.Certificate{signer.Cert}},
		{"another root of the same name", signer.Cert, other.Anchors(), nil},
		{"no anchors", signer.Cert, nil, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			paths := path.Find(c.target, pool, c.anchors, nil)
			if c.want == nil {
				assert.Empty(t, paths)
				return
			}
			require.Len(t, paths, 1)
			assert.Equal(t, path.Path(c.want), paths[0])
			assert.Empty(t, paths[0].Violations())
			assert.Equal(t, c.want[0], paths[0].Target())
			assert.Equal(t, paths[0].Anchor(), paths[0].Issuer(len(c.want)-1))
		})
	}
}

// TestBounded sends a thousand certificates that look like the issuer's.
func TestBounded(t *testing.T) {
	lab := adsigtest.New(t)
	signer := lab.Signer(nil)
	var pool []*cert.Certificate
	for i := range 1000 {
		impostor := *lab.Root.Cert
		impostor.Subject, impostor.SubjectKeyID, impostor.Raw = lab.CA.Cert.Subject, nil, fmt.Append(nil, i)
		pool = append(pool, &impostor)
	}
	assert.Empty(t, path.Find(signer.Cert, append(pool, lab.CA.Cert), lab.Anchors(), nil), "the search gave up")
	assert.Len(t, path.Find(signer.Cert, append([]*cert.Certificate{lab.CA.Cert}, pool...), lab.Anchors(), nil), 1)
}

func TestViolations(t *testing.T) {
	lab := adsigtest.New(t)
	signer := lab.Signer(nil)
	under := func(issuer *adsigtest.Identity) *adsigtest.Identity {
		return lab.Issue(issuer, adsigtest.Request{Name: "LEAF SPECIMEN"})
	}
	strange := lab.Issue(lab.CA, adsigtest.Request{Name: "STRANGE SPECIMEN", Critical: []asn1.ObjectIdentifier{{1, 2, 3}}})
	strange.Cert.UnknownCritical = []asn1.ObjectIdentifier{{1, 2, 3, 4}}
	usage := lab.Issue(lab.CA, adsigtest.Request{Name: "LIST SPECIMEN", CA: true})
	usage.Cert.KeyUsage = x509.KeyUsageCRLSign
	short := *lab.CA.Cert
	short.MaxPathLen = 0
	middle := lab.Issue(lab.CA, adsigtest.Request{Name: "MIDDLE SPECIMEN", CA: true})
	for name, c := range map[string]struct {
		p    path.Path
		want string
	}{
		"no authority":     {path.Path{under(signer).Cert, signer.Cert, lab.CA.Cert, lab.Root.Cert}, "authority 1 above the certificate is no certification authority"},
		"may not issue":    {path.Path{under(usage).Cert, usage.Cert, lab.CA.Cert, lab.Root.Cert}, "authority 1 above the certificate may not issue certificates"},
		"path too long":    {path.Path{under(middle).Cert, middle.Cert, &short, lab.Root.Cert}, "authority 2 above the certificate allows 0 authorities below it, and there are 1"},
		"not understood":   {path.Path{strange.Cert, lab.CA.Cert, lab.Root.Cert}, "the certificate has the critical extension 1.2.3.4, which is not understood"},
		"anchor no issuer": {path.Path{under(signer).Cert, signer.Cert}, "the trust anchor is no certification authority"},
	} {
		t.Run(name, func(t *testing.T) { assert.Contains(t, c.p.Violations(), c.want) })
	}
}
