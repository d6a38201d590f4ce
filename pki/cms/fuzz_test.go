package cms_test

import (
	"testing"

	"cnie/lds"
	"cnie/pki/cms"
	"cnie/pki/specimen"

	"github.com/stretchr/testify/require"
)

// specimenSOD signs two data groups and returns the message without tag 77.
func specimenSOD(t testing.TB, o specimen.SODOptions) []byte {
	t.Helper()
	signer, err := specimen.Default().IssueDSC(specimen.DSCOptions{})
	require.NoError(t, err)
	whole, err := signer.SignSOD(map[lds.File][]byte{lds.DG1: {0x61, 0}, lds.DG2: {0x75, 0}}, o)
	require.NoError(t, err)
	message, err := lds.ParseSOD(whole)
	require.NoError(t, err)
	return message
}

// FuzzParse looks for panics on the way from bytes to a verdict.
func FuzzParse(f *testing.F) {
	f.Add(specimenSOD(f, specimen.SODOptions{}))
	f.Add(specimenSOD(f, specimen.SODOptions{ByKeyID: true}))
	dir := f.TempDir()
	key, certificate := identity(f, dir, "seed", ecKey("brainpoolP256r1")...)
	f.Add(sign(f, dir, key, certificate, "-stream", "-indef"))
	f.Add(sign(f, dir, key, certificate, "-noattr", "-keyid"))
	f.Fuzz(func(t *testing.T, ber []byte) {
		sd, err := cms.Parse(ber)
		if err != nil {
			return
		}
		for i := range sd.Signers {
			signer, _ := sd.SignerCertificate(i)
			_, _ = sd.Verify(i, signer)
		}
	})
}
