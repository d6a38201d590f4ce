package pki_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/lds"
	"cnie/pki"
)

// FuzzVerify puts other bytes into one file of a good card, at some place and
// instead of some others. The judge never panics, and accepts nothing but what
// its issuer signed.
func FuzzVerify(f *testing.F) {
	card := citizen(f, "specimen")
	v, err := pki.NewVerifier(country(f), pki.Policy{At: now})
	require.NoError(f, err)
	whole := collect(f, card)
	files := []lds.File{lds.SOD, lds.DG1, lds.DG2, lds.DG11, lds.DG14, lds.CardAccess}
	for i := range files {
		f.Add(byte(i), uint32(0), uint32(0), []byte(nil))
		f.Add(byte(i), uint32(0), uint32(1<<30), []byte{0x30, 0x80})
		f.Add(byte(i), uint32(77), uint32(4), []byte{0x30, 0x84, 0xff, 0xff, 0xff, 0xff})
	}
	f.Fuzz(func(t *testing.T, which byte, at, cut uint32, put []byte) {
		file := files[int(which)%len(files)]
		e := *whole
		e.Files = map[lds.File][]byte{}
		for name, content := range whole.Files {
			e.Files[name] = content
		}
		old := whole.Files[file]
		from := int(at) % (len(old) + 1)
		until := from + int(cut)%(len(old)-from+1)
		e.Files[file] = slices.Concat(old[:from], put, old[until:])
		acceptsOnlyTheOriginal(t, v.Verify(t.Context(), &e), whole, &e)
	})
}

// FuzzEvidence reads evidence as `cnie check` does, from JSON that somebody
// wrote.
func FuzzEvidence(f *testing.F) {
	v, err := pki.NewVerifier(country(f), pki.Policy{At: now})
	require.NoError(f, err)
	whole := collect(f, citizen(f, "specimen"))
	delete(whole.Files, lds.DG2) // small inputs are changed faster
	whole.Asked = slices.DeleteFunc(whole.Asked, func(n lds.File) bool { return n == lds.DG2 })
	require.Equal(f, pki.Accepted, v.Verify(f.Context(), whole).Verdict())
	for _, drop := range []lds.File{0, lds.DG11, lds.DG14, lds.SOD} {
		e := *whole
		e.Files = map[lds.File][]byte{}
		for name, content := range whole.Files {
			if name != drop {
				e.Files[name] = content
			}
		}
		text, err := json.Marshal(e)
		require.NoError(f, err)
		f.Add(text)
	}
	f.Add([]byte(`{"files":{"sod":"","dg1":null},"chip":{"outcome":"performed"}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		var e pki.Evidence
		if json.Unmarshal(text, &e) != nil {
			return
		}
		acceptsOnlyTheOriginal(t, v.Verify(t.Context(), &e), whole, &e)
	})
}

// acceptsOnlyTheOriginal allows for what no signature covers: of EF.SOD the
// spelling of the name under which the signer's certificate is looked up, which
// leaves a remark.
func acceptsOnlyTheOriginal(t *testing.T, r pki.Report, original, seen *pki.Evidence) {
	explained(t, r)
	if r.Verdict() != pki.Accepted {
		assert.Nil(t, r.Holder())
		return
	}
	for name, content := range seen.Files {
		if bytes.Equal(content, original.Files[name]) {
			continue
		}
		if !name.IsDataGroup() && name != lds.SOD && name != lds.CardAccess {
			continue // files that the judge does not look at
		}
		require.Equal(t, lds.SOD, name, "accepted with other bytes in %v", name)
		remarks := found(r)
		assert.True(t, remarks[pki.CheckIssuerProfile] == pki.Warned || remarks[pki.CheckIntegritySOD] == pki.Warned, "another EF.SOD is accepted without a remark")
	}
	assert.NotNil(t, seen.Files[lds.DG1])
}
