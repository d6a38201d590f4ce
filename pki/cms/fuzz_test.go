package cms_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
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

// FuzzParse looks for panics on the way from bytes to a verdict. Its corpus in
// testdata/fuzz is messages that OpenSSL made; give go test -fuzzminimizetime
// 10x, or it spends its time on making finds shorter.
func FuzzParse(f *testing.F) {
	f.Add(specimenSOD(f, specimen.SODOptions{}))
	f.Add(specimenSOD(f, specimen.SODOptions{ByKeyID: true}))
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

var writeCorpus = flag.Bool("write-corpus", false, "make the corpus of FuzzParse anew")

// TestWriteCorpus makes one message for each way in which OpenSSL can frame one.
func TestWriteCorpus(t *testing.T) {
	w := newWorkshop(t)
	rows := []row{
		of("p256", "-stream", "-keyid"), of("bp256", "-econtent_type", ldsSecurityObject), of("explicit", "-noattr"),
		of("p256", "-nocerts").and("bp384"), of("bp512", "-cades", "-md", "sha512"), of("rsa2048").pss("rsa_pss_saltlen:0", "rsa_mgf1_md:sha1"),
		{keys: []string{"p521"}, args: []string{"-nodetach", "-text"}}, {keys: []string{"p384"}, args: []string{"-binary"}},
	}
	for _, r := range rows {
		s := w.produce(r, message)
		_, err := cms.Parse(s.message)
		require.NoError(t, err, s.name)
		if *writeCorpus {
			seed := fmt.Appendf(nil, "go test fuzz v1\n[]byte(%q)\n", s.message)
			require.NoError(t, os.WriteFile(filepath.Join("testdata", "fuzz", "FuzzParse", s.fileName()), seed, 0o644))
		}
	}
}
