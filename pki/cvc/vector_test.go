package cvc

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/internal/ec"
	"cnie/internal/vectors"
)

func day2010(month time.Month, n int) time.Time {
	return time.Date(2010, month, n, 0, 0, 0, 0, time.UTC)
}

// example is the chain of BSI's worked example.
func example(t testing.TB) (authority, verifier, terminal *Certificate, key *PrivateKey) {
	v := vectors.Load(t, "tr03110-cvc-ecdsa")
	parse := func(name string) *Certificate {
		c, err := Parse(v[name])
		require.NoError(t, err, name)
		return c
	}
	key, err := ParsePrivateKey(v["terminal_key"])
	require.NoError(t, err)
	return parse("authority"), parse("verifier"), parse("terminal"), key
}

func TestWorkedExample(t *testing.T) {
	authority, verifier, terminal, key := example(t)
	assert.Equal(t, "DECVCAAT00001", authority.Issuer)
	assert.Equal(t, "DECVCAAT00001", authority.Holder)
	assert.Equal(t, "DETESTDVDE019", verifier.Holder)
	assert.Equal(t, "DETESTATDE019", terminal.Holder)
	assert.Equal(t, []Role{Authority, DomesticVerifier, Terminal}, []Role{authority.Role(), verifier.Role(), terminal.Role()})
	assert.Same(t, ec.BrainpoolP512r1(), authority.Key.Curve)
	assert.Nil(t, terminal.Key.Curve)
	assert.Equal(t, day2010(9, 30), terminal.From)
	assert.Equal(t, day2010(10, 30), terminal.Until)

	require.NoError(t, authority.Key.verify(authority.Body, authority.Signature), "the authority signed itself")
	chain, err := Chain([]*Certificate{terminal, authority, verifier}, []string{"XXNOBODY00001", "DECVCAAT00001"})
	require.NoError(t, err)
	assert.Equal(t, []*Certificate{verifier, terminal}, chain)
	public, err := Verify(chain, authority, day2010(10, 30).Add(23*time.Hour))
	require.NoError(t, err)

	signature, err := key.Sign(public, []byte("challenge"))
	require.NoError(t, err)
	assert.NoError(t, public.verify([]byte("challenge"), signature))
	assert.ErrorIs(t, public.verify([]byte("another"), signature), ErrSignature)
	assert.NotContains(t, fmt.Sprintf("%v %+v", *key, *key), "8aa2327f")
}

// Whatever bit of a certificate is changed, the chain is refused.
func TestEveryBitCounts(t *testing.T) {
	authority, verifier, terminal, _ := example(t)
	for _, i := range []int{0, 1} {
		original := []*Certificate{verifier, terminal}[i]
		for at := range original.Raw {
			raw := bytes.Clone(original.Raw)
			raw[at] ^= 1 << (at % 8)
			changed, err := Parse(raw)
			if err != nil {
				require.ErrorIs(t, err, ErrMalformed)
				continue
			}
			chain := []*Certificate{verifier, terminal}
			chain[i] = changed
			_, err = Verify(chain, authority, day2010(10, 1))
			require.Error(t, err, "certificate %d byte %d", i, at)
		}
	}
}

func TestWrongChains(t *testing.T) {
	authority, verifier, terminal, key := example(t)
	for name, c := range map[string]struct {
		chain []*Certificate
		at    time.Time
	}{
		"too early":                  {[]*Certificate{verifier, terminal}, day2010(9, 29)},
		"too late":                   {[]*Certificate{verifier, terminal}, day2010(10, 31)},
		"without the verifier":       {[]*Certificate{terminal}, day2010(10, 1)},
		"without the terminal":       {[]*Certificate{verifier}, day2010(10, 1)},
		"empty":                      {nil, day2010(10, 1)},
		"the other way round":        {[]*Certificate{terminal, verifier}, day2010(10, 1)},
		"the terminal a second time": {[]*Certificate{verifier, terminal, terminal}, day2010(10, 1)},
	} {
		_, err := Verify(c.chain, authority, c.at)
		assert.ErrorIs(t, err, ErrChain, name)
	}
	_, err := Chain([]*Certificate{authority, verifier}, []string{"DECVCAAT00001"})
	assert.ErrorIs(t, err, ErrChain, "no terminal")
	_, err = Chain([]*Certificate{authority, verifier, terminal}, nil)
	assert.ErrorIs(t, err, ErrChain, "nothing that the chip knows")
	_, err = key.Sign(verifier.Key, nil)
	assert.ErrorIs(t, err, ErrKey, "of another certificate")
}

func FuzzParse(f *testing.F) {
	authority, verifier, terminal, _ := example(f)
	for _, c := range []*Certificate{authority, verifier, terminal} {
		f.Add(c.Raw)
	}
	f.Add([]byte{0x7F, 0x21, 0x84, 0xFF, 0xFF, 0xFF, 0xFF})
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := Parse(b)
		if err != nil {
			require.ErrorIs(t, err, ErrMalformed)
			return
		}
		require.Equal(t, b, c.Raw)
		require.LessOrEqual(t, c.Role(), Authority)
		require.False(t, c.Until.Before(c.From))
		_, _ = Verify([]*Certificate{verifier, c}, authority, day2010(10, 1))
		_ = c.Key.verify(c.Body, c.Signature)
		_, _ = Chain([]*Certificate{authority, c, verifier}, []string{c.Issuer})
	})
}

func FuzzParsePrivateKey(f *testing.F) {
	f.Add(vectors.Load(f, "tr03110-cvc-ecdsa")["terminal_key"])
	_, _, terminal, _ := example(f)
	f.Fuzz(func(t *testing.T, b []byte) {
		key, err := ParsePrivateKey(b)
		if err != nil {
			require.ErrorIs(t, err, ErrKey)
			return
		}
		_, _ = key.Sign(terminal.Key, []byte("x"))
	})
}
