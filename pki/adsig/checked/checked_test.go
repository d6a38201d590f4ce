package checked_test

import (
	"errors"
	"testing"

	"cnie/pki/adsig/checked"
	"cnie/pki/cert"

	"github.com/stretchr/testify/assert"
)

func TestSignaturesAreCheckedOnce(t *testing.T) {
	wrong := errors.New("wrong")
	made := 0
	check := func() error { made++; return wrong }
	one, two := &cert.Certificate{Raw: []byte("one")}, &cert.Certificate{Raw: []byte("two")}
	var s checked.Signatures
	for _, c := range []struct {
		object string
		signer *cert.Certificate
		made   int
	}{
		{"object", one, 1},
		{"object", one, 1},
		{"object", &cert.Certificate{Raw: []byte("one")}, 1},
		{"object", two, 2},
		{"objectt", one, 3},
		{"objecto", &cert.Certificate{Raw: []byte("ne")}, 4}, // the same bytes, parted elsewhere
		{"", one, 5},
		{"", one, 6}, // what has no encoding cannot be told from others
		{"object", &cert.Certificate{}, 7},
		{"object", &cert.Certificate{}, 8},
	} {
		assert.ErrorIs(t, s.By([]byte(c.object), c.signer, check), wrong)
		assert.Equal(t, c.made, made, "%q by %q", c.object, c.signer.Raw)
	}
}

func TestNothingIsRememberedByNobody(t *testing.T) {
	var s *checked.Signatures
	made := 0
	for range 2 {
		assert.NoError(t, s.By([]byte("object"), &cert.Certificate{Raw: []byte("one")}, func() error { made++; return nil }))
	}
	assert.Equal(t, 2, made)
}
