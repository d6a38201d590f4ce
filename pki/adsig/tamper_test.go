package adsig_test

import (
	"bytes"
	"testing"

	"cnie/pki/adsig"
	"cnie/pki/adsig/cades"
	"cnie/pki/cms"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// attached is a message with its content, validated as it stands.
func (s *scene) attached(level cades.Level) []byte {
	s.t.Helper()
	signer := cades.Signer{Key: s.signer.Key, Chain: s.Chain(s.signer), At: s.Now}
	var out bytes.Buffer
	require.NoError(s.t, signer.Envelop(s.t.Context(), &out, bytes.NewReader(content), level, s.augmenter()))
	return out.Bytes()
}

func (s *scene) validateAttached(message []byte, p adsig.Policy) []adsig.Report {
	s.t.Helper()
	in, err := adsig.Open(bytes.NewReader(message), nil)
	require.NoError(s.t, err)
	reports, err := adsig.Validate(in, p)
	require.NoError(s.t, err)
	return reports
}

// TestFlips flips each byte of a signature in turn, and for a B-LTA one every
// seventh. What still passes says the same of the same content: the byte was
// one that nothing protects, or belonged to a proof without which the signature
// is good as well, and then the level says so.
func TestFlips(t *testing.T) {
	for level, step := range map[cades.Level]int{cades.BB: 1, cades.BLTA: 7} {
		t.Run(level.String(), func(t *testing.T) {
			s := newScene(t)
			original := s.attached(level)
			s.later(0, 0, 1)
			policy := s.policy()
			want := s.validateAttached(original, policy)[0]
			assertIndication(t, want, adsig.TotalPassed, "")
			require.Equal(t, level, want.Level)
			covered := s.covered(original)
			passed := 0
			for i := 0; i < len(original); i += step {
				altered := bytes.Clone(original)
				altered[i] ^= 0x01
				for _, r := range s.validateAttached(altered, policy) {
					if indication, _ := r.Indication(); indication != adsig.TotalPassed {
						continue
					}
					passed++
					assert.False(t, covered(i), "byte %d is covered by the signature", i)
					assert.Equal(t, want.Signer.Raw, r.Signer.Raw, "byte %d", i)
					assert.LessOrEqual(t, r.Level, want.Level, "byte %d", i)
					assert.False(t, r.Proven.Before(want.Proven), "byte %d", i)
				}
			}
			t.Logf("%d bytes, %d of them may be anything", len(original)/step, passed)
		})
	}
}

// covered tells which bytes the signature covers: content, signed attributes,
// the signature value itself.
func (s *scene) covered(message []byte) func(int) bool {
	sd, err := cms.Parse(message)
	require.NoError(s.t, err)
	var spans [][2]int
	for _, part := range [][]byte{content, sd.Signers[0].SignedAttributes, sd.Signers[0].Signature, s.signer.Cert.Raw} {
		start := bytes.Index(message, part)
		require.GreaterOrEqual(s.t, start, 0)
		spans = append(spans, [2]int{start, start + len(part)})
	}
	return func(i int) bool {
		for _, span := range spans {
			if span[0] <= i && i < span[1] {
				return true
			}
		}
		return false
	}
}

// FuzzValidate looks for panics, and for a signature over other content that
// passes.
func FuzzValidate(f *testing.F) {
	s := newScene(f)
	message := s.attached(cades.BLTA)
	f.Add(message)
	f.Add(s.attached(cades.BB))
	policy := s.policy()
	f.Fuzz(func(t *testing.T, message []byte) {
		in, err := adsig.Open(bytes.NewReader(message), nil)
		require.NoError(t, err)
		in.Digests = digests
		reports, err := adsig.Validate(in, policy)
		require.NoError(t, err)
		for _, r := range reports {
			if indication, _ := r.Indication(); indication == adsig.TotalPassed {
				assert.Equal(t, s.signer.Cert.Raw, r.Signer.Raw)
			}
		}
	})
}
