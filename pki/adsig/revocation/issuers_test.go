package revocation_test

import (
	"context"
	"errors"
	"testing"

	"cnie/pki/adsig/adsigtest"
	"cnie/pki/adsig/path"
	"cnie/pki/adsig/revocation"
	"cnie/pki/cert"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// shelf has files at addresses, and counts who comes.
type shelf struct {
	files map[string][]byte
	asked int
}

func (s *shelf) Query(context.Context, string, []byte) ([]byte, error) {
	return nil, errors.New("no responder")
}

func (s *shelf) Fetch(_ context.Context, address string) ([]byte, error) {
	s.asked++
	if file, there := s.files[address]; there {
		return file, nil
	}
	return nil, errors.New("no such file")
}

const crt = "http://crt.specimen.example/"

func TestComplete(t *testing.T) {
	lab := adsigtest.New(t)
	other := adsigtest.New(t)
	signer := lab.Signer(nil).Cert
	ca := lab.CA.Cert
	require.Equal(t, []string{crt + "ca.crt"}, revocation.IssuerAddresses(signer))
	for name, c := range map[string]struct {
		files   map[string][]byte
		pool    []*cert.Certificate
		anchors []*cert.Certificate
		named   []string
		found   int
		asked   int
		fails   bool
	}{
		"nothing is missing":      {pool: []*cert.Certificate{ca}, anchors: lab.Anchors()},
		"one is":                  {files: map[string][]byte{crt + "ca.crt": ca.Raw}, anchors: lab.Anchors(), found: 1, asked: 1},
		"the operator's address":  {files: map[string][]byte{"http://here/x": ca.Raw}, named: []string{"http://here/x"}, anchors: lab.Anchors(), found: 1, asked: 1},
		"not the certificate's":   {files: map[string][]byte{crt + "ca.crt": ca.Raw}, named: []string{"http://here/x"}, anchors: lab.Anchors(), asked: 1, fails: true},
		"over HTTPS":              {files: map[string][]byte{"https://here/x": ca.Raw}, named: []string{"https://here/x"}, anchors: lab.Anchors(), fails: true},
		"nobody has it":           {anchors: lab.Anchors(), asked: 1, fails: true},
		"somebody else's":         {files: map[string][]byte{crt + "ca.crt": other.CA.Cert.Raw}, anchors: lab.Anchors(), asked: 1, fails: true},
		"no certificate":          {files: map[string][]byte{crt + "ca.crt": []byte("<html>")}, anchors: lab.Anchors(), asked: 1, fails: true},
		"too long for one":        {files: map[string][]byte{crt + "ca.crt": append(make([]byte, 1<<16), ca.Raw...)}, anchors: lab.Anchors(), asked: 1, fails: true},
		"it leads elsewhere":      {files: map[string][]byte{crt + "ca.crt": ca.Raw}, anchors: other.Anchors(), asked: 2, fails: true},
		"it leads to its own top": {files: map[string][]byte{crt + "ca.crt": ca.Raw, crt + "root.crt": lab.Root.Cert.Raw}, anchors: other.Anchors(), asked: 2, fails: true},
	} {
		t.Run(name, func(t *testing.T) {
			s := &shelf{files: c.files}
			collector := revocation.Collector{Source: s, Issuers: c.named}
			found, err := collector.Complete(t.Context(), signer, c.pool, c.anchors)
			assert.Equal(t, c.asked, s.asked)
			if c.fails {
				assert.ErrorIs(t, err, revocation.ErrNoIssuer)
				assert.Empty(t, found)
				return
			}
			require.NoError(t, err)
			assert.Len(t, found, c.found)
			assert.NotEmpty(t, path.Find(signer, append(found, c.pool...), c.anchors, nil))
		})
	}
	_, err := revocation.Collector{}.Complete(t.Context(), signer, nil, lab.Anchors())
	assert.ErrorIs(t, err, revocation.ErrNoIssuer, "nobody is to be asked")
}

// A message of nothing but certificates is an answer as well.
func TestCompleteFromMessage(t *testing.T) {
	lab := adsigtest.New(t)
	signer := lab.Signer(nil).Cert
	der, err := adsigtest.CertificatesOnly(lab.Root.X509, lab.CA.X509)
	require.NoError(t, err)
	found, err := revocation.Collector{Source: &shelf{files: map[string][]byte{crt + "ca.crt": der}}}.Complete(t.Context(), signer, nil, lab.Anchors())
	require.NoError(t, err)
	require.Len(t, found, 1)
	assert.Equal(t, lab.CA.Cert.Raw, found[0].Raw)
}

// Whoever makes certificates can make many: a chain without an end is left after
// a few steps.
func TestCompleteGivesUp(t *testing.T) {
	lab := adsigtest.New(t)
	issuer := lab.Root
	files := map[string][]byte{}
	for i := range 20 {
		address := "http://here/" + string(rune('a'+i))
		files[address] = issuer.Cert.Raw
		issuer = lab.Issue(issuer, adsigtest.Request{Name: "CA " + string(rune('A'+i)), CA: true})
	}
	var named []string
	for address := range files {
		named = append(named, address)
	}
	s := &shelf{files: files}
	_, err := revocation.Collector{Source: s, Issuers: named}.Complete(t.Context(), issuer.Cert, nil, adsigtest.New(t).Anchors())
	assert.ErrorIs(t, err, revocation.ErrNoIssuer)
	assert.LessOrEqual(t, s.asked, 64)
}
