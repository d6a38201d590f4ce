package cms_test

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"encoding/asn1"
	"errors"
	"hash"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"testing/iotest"

	"cnie/pki/cms"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// detach reads a message through Detach, one byte at a time, and returns it with
// its content's digest.
func detach(signed []byte) (sd *cms.SignedData, digest func(crypto.Hash) []byte, content []byte, err error) {
	sums := map[crypto.Hash]hash.Hash{}
	var seen bytes.Buffer
	message, _, err := cms.Detach(iotest.OneByteReader(bytes.NewReader(signed)), func(announced []crypto.Hash) io.Writer {
		writers := []io.Writer{&seen}
		for _, h := range announced {
			sums[h] = h.New()
			writers = append(writers, sums[h])
		}
		return io.MultiWriter(writers...)
	})
	if err != nil {
		return nil, nil, nil, err
	}
	sd, err = cms.Parse(message)
	return sd, func(h crypto.Hash) []byte { return sums[h].Sum(nil) }, seen.Bytes(), err
}

// TestDetach reads what OpenSSL frames in every way, and finds the same signers
// and content as Parse does.
func TestDetach(t *testing.T) {
	w := newWorkshop(t)
	for _, r := range []row{
		of("rsa2048"), of("p256", "-stream"), of("p256", "-stream", "-keyid"), of("bp256", "-noattr"), of("rsa2048").pss("rsa_pss_saltlen:32"),
		{keys: []string{"p521"}, args: []string{"-nodetach", "-text"}}, of("p256", "-econtent_type", ldsSecurityObject),
	} {
		s := w.produce(r, message)
		t.Run(s.name, func(t *testing.T) {
			whole, err := cms.Parse(s.message)
			require.NoError(t, err)
			sd, digest, content, err := detach(s.message)
			require.NoError(t, err)
			assert.Equal(t, whole.Content, content)
			assert.True(t, sd.Detached)
			assert.Equal(t, whole.ContentType, sd.ContentType)
			require.Len(t, sd.Signers, len(whole.Signers))
			for i := range sd.Signers {
				signer, found := sd.SignerCertificate(i)
				require.True(t, found)
				h, err := sd.DigestAlgorithm(i)
				require.NoError(t, err)
				_, err = sd.VerifyDigest(i, signer, digest(h))
				assert.NoError(t, err)
			}
		})
	}
}

// TestDetachHostile cuts a message short everywhere and lengthens it; nothing of
// it is taken for a message.
func TestDetachHostile(t *testing.T) {
	w := newWorkshop(t)
	for _, r := range []row{of("p256"), of("p256", "-stream")} {
		signed := w.produce(r, message).message
		for i := range signed {
			if sd, _, _, err := detach(signed[:i]); err == nil {
				assert.Fail(t, "a cut message was read", "%d of %d: %v", i, len(signed), sd)
			}
		}
		_, _, _, err := detach(append(bytes.Clone(signed), 0))
		assert.ErrorIs(t, err, cms.ErrMalformed)
	}
	broken := errors.New("broken disk")
	_, _, err := cms.Detach(iotest.ErrReader(broken), func([]crypto.Hash) io.Writer { return io.Discard })
	assert.ErrorIs(t, err, broken)
}

// TestParts takes messages apart and puts them together again.
func TestParts(t *testing.T) {
	w := newWorkshop(t)
	for _, r := range []row{of("rsa2048"), of("p256", "-keyid"), of("bp384", "-econtent_type", ldsSecurityObject)} {
		signed := w.produce(r, message).message
		sd, err := cms.Parse(signed)
		require.NoError(t, err)
		p, err := sd.Parts()
		require.NoError(t, err)
		again, err := p.Encode()
		require.NoError(t, err)
		assert.Equal(t, signed, again)
	}
}

// TestStream writes a message in pieces, which OpenSSL joins again and verifies.
func TestStream(t *testing.T) {
	w := newWorkshop(t)
	long := bytes.Repeat([]byte("0123456789abcdef"), 20_000)
	sd, err := cms.Parse(w.produce(of("p256"), long).message)
	require.NoError(t, err)
	p, err := sd.Parts()
	require.NoError(t, err)
	p.Content = nil
	var streamed bytes.Buffer
	require.NoError(t, p.Stream(&streamed, iotest.HalfReader(bytes.NewReader(long)), func(*cms.Parts) error { return nil }))

	dir := t.TempDir()
	in, out := filepath.Join(dir, "in"), filepath.Join(dir, "out")
	require.NoError(t, os.WriteFile(in, streamed.Bytes(), 0o600))
	output, err := exec.Command("openssl", "cms", "-verify", "-noverify", "-inform", "DER", "-in", in, "-out", out, "-binary").CombinedOutput()
	require.NoError(t, err, "%s", output)
	back, err := os.ReadFile(out)
	require.NoError(t, err)
	assert.True(t, bytes.Equal(long, back))

	read, digest, _, err := detach(streamed.Bytes())
	require.NoError(t, err)
	want := sha256.Sum256(long)
	assert.Equal(t, want[:], digest(crypto.SHA256))
	assert.Equal(t, sd.Signers[0].Signature, read.Signers[0].Signature)
}

// TestAttributes pins the order of a set, and what Find counts.
func TestAttributes(t *testing.T) {
	one, two := asn1.ObjectIdentifier{1, 2, 3}, asn1.ObjectIdentifier{1, 2, 4}
	encoded, err := cms.EncodeAttributes([]cms.Attribute{
		cms.NewAttribute(two, []byte{5, 0}), cms.NewAttribute(one, []byte{4, 1, 2}, []byte{4, 1, 1}),
	})
	require.NoError(t, err)
	assert.Equal(t, "\x30\x08\x06\x02\x2a\x04\x31\x02\x05\x00\x30\x0c\x06\x02\x2a\x03\x31\x06\x04\x01\x01\x04\x01\x02", string(encoded))
	parsed, err := cms.ParseAttributes(encoded)
	require.NoError(t, err)
	values, count := cms.Find(parsed, one)
	assert.Equal(t, [][]byte{{4, 1, 1}, {4, 1, 2}}, values)
	assert.Equal(t, 1, count)
	_, err = cms.ParseAttributes(encoded[1:])
	assert.ErrorIs(t, err, cms.ErrMalformed)
}

// FuzzDetach looks for panics, and for a message that Detach and Parse read
// differently.
func FuzzDetach(f *testing.F) {
	w := newWorkshop(f)
	for _, r := range []row{of("p256"), of("p256", "-stream", "-keyid")} {
		f.Add(w.produce(r, message).message)
	}
	f.Fuzz(func(t *testing.T, signed []byte) {
		sd, _, content, err := detach(signed)
		if err != nil {
			return
		}
		whole, err := cms.Parse(signed)
		if err != nil || len(sd.Signers) != len(whole.Signers) {
			return
		}
		if !whole.Detached && !bytes.Equal(whole.Content, content) {
			t.Fatalf("content %x by Parse, %x by Detach", whole.Content, content)
		}
	})
}
