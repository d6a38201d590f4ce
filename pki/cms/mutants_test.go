package cms_test

import (
	"bytes"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"cnie/pki/cms"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var (
	mutants    = flag.Int("mutants", 300, "altered messages to compare with OpenSSL; the whole test has 2000")
	mutantSeed = flag.Uint64("mutant-seed", 5652, "other alterations")
)

// mutate is the n-th alteration: of the bits of one byte mostly, else bytes
// taken out or put in, or an end cut off.
func mutate(message []byte, n int) []byte {
	random := rand.New(rand.NewPCG(*mutantSeed, uint64(n)))
	at, few := random.IntN(len(message)), 1+random.IntN(4)
	switch kind := random.IntN(100); {
	case kind < 10:
		return slices.Delete(bytes.Clone(message), at, min(at+few, len(message)))
	case kind < 20:
		piece := make([]byte, few)
		for i := range piece {
			piece[i] = byte(random.Uint32())
		}
		return slices.Insert(bytes.Clone(message), at, piece...)
	case kind < 28:
		return bytes.Clone(message[:at])
	case kind < 30:
		return append(bytes.Clone(message), make([]byte, few)...)
	default:
		altered := bytes.Clone(message)
		altered[at] ^= byte(1 + random.IntN(255))
		return altered
	}
}

// TestMutants holds both verifiers against altered messages, half of them with
// the signers' certificates verified up to the authority.
func TestMutants(t *testing.T) {
	w, all := samples(t)
	counts := map[string]int{}
	var lock sync.Mutex
	var group sync.WaitGroup
	for worker := range 2 {
		group.Go(func() {
			for n := worker; n < *mutants; n += 2 {
				s, chain := all[n%len(all)], n/len(all)%2 == 0
				outcome := w.compare(t, s, mutate(s.message, n), chain, fmt.Sprintf("mutant %d of %s", n, s.name))
				lock.Lock()
				counts[outcome]++
				lock.Unlock()
			}
		})
	}
	group.Wait()
	t.Logf("%d mutants of %d messages: %v", *mutants, len(all), counts)
}

// compare names the outcome, and fails where the two differ without a reason
// that the table of disagreements gives.
func (w *workshop) compare(t *testing.T, s sample, mutant []byte, chain bool, name string) string {
	theirs, ours := w.theirVerdict(s, mutant, chain), w.ourVerdict(s, mutant, chain)
	switch {
	case theirs.err != nil && ours.err != nil:
		return "both refuse"
	case theirs.err == nil && ours.err == nil:
		assert.Equal(t, theirs.content, ours.content, "%s: %x", name, mutant)
		return w.accepted(t, s, mutant, ours, name)
	}
	d, explained := explain(ours, theirs, chain)
	assert.True(t, explained, "%s\nours:   %v %v\ntheirs: %v\nby certificates: %v\n", name, ours.err, ours.deviations, theirs.err, chain)
	return d.name
}

// accepted is for a mutant that both accept. It must sign the same content with
// the same keys; and where no deviation is listed, nothing was altered but the
// inside of a certificate.
func (w *workshop) accepted(t *testing.T, s sample, mutant []byte, ours verdict, name string) string {
	before, err := cms.Parse(s.message)
	require.NoError(t, err)
	after, err := cms.Parse(mutant)
	require.NoError(t, err)
	assert.Equal(t, before.Content, after.Content, name)
	require.Equal(t, len(before.Signers), len(after.Signers), name)
	for i := range before.Signers {
		assert.True(t, s.signer(before, i).PublicKey.Equal(s.signer(after, i).PublicKey), name)
	}
	if len(ours.deviations) > len(w.ourVerdict(s, s.message, false).deviations) {
		return "both accept, listed"
	}
	assert.Equal(t, before.Version, after.Version, name)
	assert.Equal(t, before.ContentType, after.ContentType, name)
	assert.Equal(t, before.Signers, after.Signers, name)
	return "both accept, certificate not looked at"
}
