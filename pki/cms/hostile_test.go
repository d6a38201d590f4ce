package cms_test

import (
	"bytes"
	"runtime"
	"slices"
	"testing"
	"time"

	"cnie/pki/cms"
	"cnie/pki/specimen"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	mebibyte  = 1 << 20
	memoryCap = 64 * mebibyte // allocated in all, not at once
)

// header is an element's tag with a length of four bytes, whatever follows it.
func header(tag byte, n int) []byte {
	return []byte{tag, 0x84, byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)}
}

// large is a message in which content takes the place of plain data, as
// streaming software frames it.
func large(content []byte) []byte {
	return slices.Concat([]byte{0x30, 0x80}, oidSignedData, []byte{0xa0, 0x80, 0x30, 0x80, 2, 1, 1}, wrap(0x31, sha256ID),
		[]byte{0x30, 0x80}, oidData, []byte{0xa0, 0x80, 0x24, 0x80}, content, make([]byte, 6))
}

// nested puts empty elements into one another.
func nested(depth int) []byte {
	all := []byte{}
	for range depth {
		all = append(all, byte(len(all)), byte(len(all)>>8), byte(len(all)>>16), 0x83, 0x30)
	}
	slices.Reverse(all)
	return all
}

// pieces is a string of n bytes in pieces of OpenSSL's size.
func pieces(n int) []byte {
	return bytes.Repeat(append([]byte{4, 0x82, 4, 0}, make([]byte, 1024)...), n/1024)
}

// hostile is what is refused. Each costs little: the largest inputs are as long
// as what is looked at may be.
func hostile(t *testing.T) map[string][]byte {
	country := specimen.Default()
	dsc, err := country.IssueDSC(specimen.DSCOptions{})
	require.NoError(t, err)
	signers := func(n int) []byte { return wrap(0x31, bytes.Repeat(signerInfo, n)) }
	many := func(tag byte, member []byte, n int) []byte {
		return build(wrap(tag, bytes.Repeat(member, n)), signers(1))
	}
	integers := func(n int) []byte { return bytes.Repeat([]byte{2, 1, 5, 2, 2, 1, 1}, n/7) }
	return map[string][]byte{
		"100 MB of zeros":                     make([]byte, 100*mebibyte),
		"100 MB master list":                  append(header(0x30, 100*mebibyte), make([]byte, 100*mebibyte)...),
		"64 MB of integers":                   append(header(0x30, cms.MaxSize-10), integers(cms.MaxSize-10)...)[:cms.MaxSize-20],
		"64 MB of integers, whole":            func() []byte { i := integers(cms.MaxSize - 10); return append(header(0x30, len(i)), i...) }(),
		"64 MB in BER":                        large(pieces(cms.MaxSize - mebibyte)),
		"32 MB in BER that end too early":     large(pieces(cms.MaxBER - mebibyte)),
		"32 MB in BER without signers":        append(large(pieces(cms.MaxBER-mebibyte)), make([]byte, 6)...),
		"indefinite lengths, one inside all":  bytes.Repeat([]byte{0x30, 0x80}, 10_000),
		"indefinite strings, one inside all":  bytes.Repeat([]byte{0x24, 0x80}, 10_000),
		"never closed":                        append([]byte{0x30, 0x80}, integers(cms.MaxBER-10)...),
		"string never closed":                 large(pieces(8 * mebibyte))[:8*mebibyte],
		"a million empty strings":             append(append([]byte{0x24, 0x80}, bytes.Repeat([]byte{0x24, 0x80, 0, 0}, 1<<20)...), 0, 0),
		"10,000 deep":                         nested(10_000),
		"10,000 deep in BER":                  append(append([]byte{0x30, 0x80}, nested(10_000)...), 0, 0),
		"4 GB length":                         header(0x30, 1<<32-1),
		"4 GB length of the content":          slices.Concat([]byte{0x30, 0x80}, oidSignedData, header(0xa0, 1<<32-1), make([]byte, 100)),
		"length of a length":                  append([]byte{0x30, 0xff}, make([]byte, 200)...),
		"10,000 signers":                      build(nil, signers(10_000)),
		"10,000 certificates":                 many(0xa0, dsc.Certificate, 10_000),
		"10,000 certificates, all unreadable": many(0xa0, []byte{0x30, 0}, 10_000),
		"10,000 attribute certificates":       many(0xa0, []byte{0xa2, 0}, 10_000),
		"10,000 revocation lists":             many(0xa1, []byte{0x30, 0}, 10_000),
	}
}

// TestHostile refuses each with an error, and without much memory. The time is
// printed; a second is the bound that a person should hold it to.
func TestHostile(t *testing.T) {
	for name, message := range hostile(t) {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		start := time.Now()
		_, err := cms.Parse(message)
		took := time.Since(start)
		runtime.ReadMemStats(&after)
		assert.ErrorIs(t, err, cms.ErrMalformed, name)
		allocated := after.TotalAlloc - before.TotalAlloc
		assert.Less(t, allocated, uint64(memoryCap), name)
		t.Logf("%-36s %9d bytes in, %8d allocated, %v: %v", name, len(message), allocated, took.Round(time.Microsecond), err)
	}
}
