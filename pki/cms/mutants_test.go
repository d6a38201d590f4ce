package cms_test

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"cnie/pki/cert"
	"cnie/pki/cms"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var (
	mutants    = flag.Int("mutants", 300, "altered messages to compare with OpenSSL; the whole test has 2000")
	mutantSeed = flag.Uint64("mutant-seed", 5652, "other alterations")
)

const signedAgain = "signed again"

// mutate is the n-th alteration of a message. One in four is of bytes, which
// mostly breaks the frame. The others keep every length right: one in four is
// anywhere, one in the signer's part, and one in its signed attributes, which
// the signer then signs as they are.
func (w *workshop) mutate(s sample, n int) (mutant []byte, family string) {
	random := rand.New(rand.NewPCG(*mutantSeed, uint64(n)))
	message, rest := takeApart(w.t, s.message)
	require.Empty(w.t, rest)
	parts := message.members[1].members[0].members // SignedData
	signers := parts[len(parts)-1]
	signer := signers.members[0]
	switch random.IntN(4) {
	case 0:
		return mutateBytes(s.message, random), "bytes"
	case 1:
		signers.alter(random)
		return message.encode(), "signer"
	case 2:
		if signed := signer.members[3]; signed.tag == 0xa0 && len(signers.members) == 1 {
			signed.alter(random)
			set := signed.clone()
			set.tag = 0x31
			signature := slices.IndexFunc(signer.members, func(m *node) bool { return m.tag == 0x04 })
			signer.members[signature].content = w.sign(s.row, set.encode())
			return message.encode(), signedAgain
		}
	}
	message.alter(random)
	return message.encode(), "anywhere"
}

// sign is the signature of a row's only key over the bytes.
func (w *workshop) sign(r row, message []byte) []byte {
	file, err := os.CreateTemp(w.dir, "set")
	require.NoError(w.t, err)
	defer os.Remove(file.Name())
	_, err = file.Write(message)
	require.NoError(w.t, errors.Join(err, file.Close()))
	digest := "sha256"
	if at := slices.Index(r.args, "-md"); at >= 0 {
		digest = r.args[at+1]
	}
	args := []string{"pkeyutl", "-sign", "-rawin", "-digest", digest, "-inkey", w.path(r.keys[0] + ".key"), "-in", file.Name()}
	for _, option := range r.keyOptions {
		args = append(args, "-pkeyopt", option)
	}
	return w.run(nil, args...)
}

// mutateBytes alters the bits of one byte mostly, else takes bytes out or puts
// some in, or cuts an end off.
func mutateBytes(message []byte, random *rand.Rand) []byte {
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
				mutant, family := w.mutate(s, n)
				outcome := w.compare(t, s, mutant, chain, fmt.Sprintf("mutant %d of %s, %s", n, s.name, family))
				if before, err := cms.Parse(mutant); outcome == "both refuse" && err == nil && len(before.Signers) > 0 {
					outcome = "both refuse what can be read"
				}
				lock.Lock()
				counts[family+": "+outcome]++
				lock.Unlock()
			}
		})
	}
	group.Wait()
	t.Logf("%d mutants of %d messages", *mutants, len(all))
	for _, outcome := range slices.Sorted(maps.Keys(counts)) {
		t.Logf("%5d %s", counts[outcome], outcome)
	}
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
// inside of a certificate, or what the signer signed again.
func (w *workshop) accepted(t *testing.T, s sample, mutant []byte, ours verdict, name string) string {
	before, err := cms.Parse(s.message)
	require.NoError(t, err)
	after, err := cms.Parse(mutant)
	require.NoError(t, err)
	assert.Equal(t, before.Content, after.Content, name)
	for i := range after.Signers {
		assert.True(t, s.isSigner(before, s.signer(after, i).PublicKey), name)
	}
	if len(ours.deviations) > len(w.ourVerdict(s, s.message, false).deviations) {
		return "both accept, listed"
	}
	assert.Equal(t, before.Version, after.Version, name)
	assert.Equal(t, before.ContentType, after.ContentType, name)
	if strings.HasSuffix(name, signedAgain) {
		return "both accept"
	}
	for _, one := range after.Signers {
		same := func(other cms.Signer) bool {
			return bytes.Equal(one.Signature, other.Signature) && bytes.Equal(one.SignedAttributes, other.SignedAttributes) &&
				bytes.Equal(one.UnsignedAttributes, other.UnsignedAttributes) && one.Version == other.Version
		}
		assert.True(t, slices.ContainsFunc(before.Signers, same), name)
	}
	return "both accept, certificate not looked at"
}

// isSigner reports whether a key is that of one of the message's signers.
func (s sample) isSigner(sd *cms.SignedData, key cert.PublicKey) bool {
	for i := range sd.Signers {
		if s.signer(sd, i).PublicKey.Equal(key) {
			return true
		}
	}
	return false
}
