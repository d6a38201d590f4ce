package jades_test

import (
	"crypto"
	"errors"
	"io"
	"os"
	"testing"

	"cnie/internal/ec"
	"cnie/pki/adsig"
	"cnie/pki/adsig/adsigtest"
	"cnie/pki/adsig/jades"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestSignRefuses(t *testing.T) {
	lab := adsigtest.New(t)
	brainpool := lab.OnCurve(ec.BrainpoolP256r1())
	s := &jades.Signer{Key: brainpool.Key, Chain: lab.Chain(brainpool), At: lab.Now}
	_, err := s.Sign(letter, "")
	assert.ErrorIs(t, err, jades.ErrKey, "the standard has no name for this curve")
	_, err = (&jades.Signer{}).Sign(letter, "")
	assert.ErrorIs(t, err, jades.ErrKey)
	d := newDesk(t, nil)
	wrong := d.signer("")
	wrong.Key = newDesk(t, nil).id.Key
	_, err = wrong.Sign(letter, "")
	assert.ErrorIs(t, err, jades.ErrKey)
	_, err = d.signer("").SignObjects(nil)
	assert.ErrorIs(t, err, jades.ErrMalformed)
	_, err = d.signer("").SignObjects([]jades.Object{{Name: "a", Digest: []byte{1}}})
	assert.ErrorIs(t, err, jades.ErrMalformed)
	errGone := errors.New("gone")
	wrong.Key = gone{wrong.Key, errGone}
	_, err = wrong.Sign(letter, "")
	assert.ErrorIs(t, err, errGone)
	_, err = jades.Validate(d.objects(t, d.signer(""), "a"), func(string) (io.ReadCloser, error) { return nil, errGone }, d.policy())
	assert.ErrorIs(t, err, errGone)
	_, err = jades.Validate(nil, nil, adsig.Policy{})
	assert.ErrorIs(t, err, adsig.ErrPolicy)
}

type gone struct {
	crypto.Signer
	err error
}

func (g gone) Sign(io.Reader, []byte, crypto.SignerOpts) ([]byte, error) { return nil, g.err }

// FuzzValidate: what passes has the payload that was signed.
func FuzzValidate(f *testing.F) {
	d := newDesk(f, nil)
	attached, err := d.signer("ES256").Sign(letter, "text/plain")
	require.NoError(f, err)
	f.Add(attached)
	f.Add(d.objects(f, d.signer("ES256"), "letter.txt"))
	f.Add([]byte(`{"payload":"AA","signatures":[{"protected":"e30","signature":"AA","header":{}}]}`))
	p := d.policy()
	files := beside(map[string]string{"letter.txt": string(letter), "": string(letter)})
	f.Fuzz(func(t *testing.T, text []byte) {
		r, err := jades.Validate(text, files, p)
		if err != nil {
			require.ErrorIs(t, err, os.ErrNotExist)
			return
		}
		if indication, _ := r.Indication(); indication == adsig.TotalPassed {
			s, err := jades.Parse(text)
			require.NoError(t, err)
			if s.Attached {
				require.Equal(t, letter, s.Payload)
			}
		}
	})
}
