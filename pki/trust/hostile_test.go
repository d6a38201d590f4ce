package trust_test

import (
	"bytes"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"time"

	"cnie/pki/cert"
	"cnie/pki/cms"
	"cnie/pki/specimen"
	"cnie/pki/trust"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// der wraps content, length in as many octets as it takes.
func der(tag byte, parts ...[]byte) []byte {
	content := bytes.Join(parts, nil)
	head := []byte{tag, byte(len(content))}
	if len(content) >= 0x80 {
		length := big.NewInt(int64(len(content))).Bytes()
		head = append([]byte{tag, 0x80 | byte(len(length))}, length...)
	}
	return append(head, content...)
}

var signedDataOID = []byte{0x06, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 2}

// signedBy repeats the signer of a list n times.
func manySigners(t testing.TB, list []byte, n int) []byte {
	t.Helper()
	at := bytes.LastIndex(list, []byte{0x02, 0x01, 0x03, 0x80, 0x14}) // version 3 and a key identifier
	require.Positive(t, at)
	start := bytes.LastIndexByte(list[:at], 0x30)
	signer := list[start:]
	content := list[bytes.Index(list, []byte{0x30, 0x82})+4:]
	body := content[bytes.Index(content, []byte{0x02, 0x01, 0x03, 0x31}) : len(content)-len(signer)]
	set := body[:bytes.LastIndexByte(body, 0x31)]
	return der(0x30, signedDataOID, der(0xa0, der(0x30, set, der(0x31, bytes.Repeat(signer, n)))))
}

// TestHostileLists answers within a second and 64 MB, whatever comes.
func TestHostileLists(t *testing.T) {
	w := newWorld(t)
	good := masterListOf(t, w.signer, now, w.publisher).Content
	require.Equal(t, good, manySigners(t, good, 1))
	stranger := listSigner(t, newCountry(t, "stranger", "XB", now.AddDate(-1, 0, 0), 20), specimen.ListSignerOptions{})
	crowd, err := stranger.SignMasterList(now, slices.Repeat([][]byte{w.a.Certificate}, 2000)...)
	require.NoError(t, err)
	nested := bytes.Repeat([]byte{0x30, 0x80}, trust.MaxFile/4)
	members := bytes.Repeat(w.a.Certificate, trust.MaxFile/len(w.a.Certificate)-1)
	list := der(0x30, []byte{2, 1, 0}, der(0x31, members))
	unsigned := der(0x30, signedDataOID, der(0xa0, der(0x30, []byte{2, 1, 3}, der(0x31),
		der(0x30, []byte{6, 6, 0x67, 0x81, 8, 1, 1, 2}, der(0xa0, der(0x04, list))), der(0x31))))
	block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: w.a.Certificate})
	for name, content := range map[string][]byte{
		"PEM without an end":           bytes.Repeat([]byte("-----BEGIN CERTIFICATE-----\n"), trust.MaxFile/28),
		"too many certificates in PEM": bytes.Repeat(block, trust.MaxFile/len(block)),
		"2,000 members of a stranger":  crowd,
		"nested lists":                 nested,
		"nested messages":              append(append([]byte{0x30, 0x80}, signedDataOID...), nested...),
		"10,000 signers":               manySigners(t, good, 10_000),
		"10,000 unsigned members":      unsigned,
		"length beyond the file":       append([]byte{0x30, 0x84, 0x7f, 0xff, 0xff, 0xff}, signedDataOID...),
		"BER string in pieces":         append(append([]byte{0x30, 0x80}, signedDataOID...), bytes.Repeat([]byte{0x24, 0x80, 0x04, 0x01, 0x00}, 1<<20)...),
		"larger than a list can be":    make([]byte, trust.MaxFile+1),
	} {
		t.Run(name, func(t *testing.T) {
			dir := newDir(t)
			quick(t, func() {
				results, err := dir.Import(trust.Import{Now: now, Items: []trust.Item{{Origin: "hostile", Content: content}}, Signers: [][]byte{w.signer.Certificate}})
				if err == nil {
					err = results[0].Refused
				}
				assert.Error(t, err)
				t.Log(err)
			})
			assert.Equal(t, 1, dir.Version())
		})
	}
}

// quick holds a function to a second and 64 MB of allocations; under the race
// detector, which slows everything down, to ten.
func quick(t *testing.T, do func()) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	start := time.Now()
	do()
	took := time.Since(start)
	runtime.ReadMemStats(&after)
	megabytes := float64(after.TotalAlloc-before.TotalAlloc) / (1 << 20)
	t.Logf("%v, %.1f MB allocated", took.Round(time.Millisecond), megabytes)
	assert.Less(t, took, second)
	assert.Less(t, megabytes, 64.0)
}

// TestHugeFile is measured before it is read: 100 MB cost nothing.
func TestHugeFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "CSCA-huge.der")
	require.NoError(t, os.WriteFile(path, nil, 0o600))
	require.NoError(t, os.Truncate(path, 100<<20))
	quick(t, func() {
		_, err := trust.LoadDir(dir)
		assert.ErrorIs(t, err, trust.ErrTooLarge)
	})
}

// TestManyNamesakes bounds a search among members that all claim one name.
func TestManyNamesakes(t *testing.T) {
	g := newGeneration(t, 1)
	var members []*cert.Certificate
	for id := range 200 {
		namesake := newGeneration(t, byte(id))
		members = append(members, namesake.issue(t, namesake, country, nil, true))
	}
	orphan := g.issue(t, g, signerName, nil, false)
	store := trust.NewStore(members, nil)
	quick(t, func() { assert.Nil(t, store.Path(orphan)) })
}

// FuzzMasterList looks for panics between bytes and a verified list.
func FuzzMasterList(f *testing.F) {
	w := newWorld(f)
	deviations := listSigner(f, w.publisher, specimen.ListSignerOptions{Purpose: specimen.DeviationList})
	raw, err := deviations.SignDeviationList(now, specimen.Deviation{Issuer: w.a, Serial: big.NewInt(7), Text: "odd", From: now, To: now})
	require.NoError(f, err)
	good := masterListOf(f, w.signer, now, w.publisher, w.a).Content
	for _, seed := range [][]byte{good, raw} {
		f.Add(seed)
		sd, err := cms.Parse(seed)
		require.NoError(f, err)
		f.Add(sd.Content)
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		_, _ = trust.ParseDeviations(content)
		for range trust.MasterListCertificates(content) {
			continue
		}
		_ = trust.OpenList(content, now, [][]byte{w.signer.Certificate, deviations.Certificate})
	})
}
