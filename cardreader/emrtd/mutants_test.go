package emrtd_test

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/apdu"
	"cnie/cardreader/emrtd"
	"cnie/lds"
	"cnie/pki"
	"cnie/pki/cert"
	"cnie/pki/specimen"
	"cnie/pki/trust"
	"cnie/simulator/persona"
)

var mutants = flag.Int("mutants", 600, "altered sessions to read and to judge; the whole test has 50000")

// specimenJudge accepts what is right of the specimen country.
func specimenJudge(t testing.TB) *pki.Verifier {
	at := time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
	authority := specimen.Default()
	csca, err := cert.Parse(authority.Certificate)
	require.NoError(t, err)
	der, err := authority.CRL(at.AddDate(0, 0, -1), at.AddDate(0, 0, 30), authority.Revoked...)
	require.NoError(t, err)
	list, err := cert.ParseCRL(der)
	require.NoError(t, err)
	v, err := pki.NewVerifier(trust.NewStore([]*cert.Certificate{csca}, []*cert.CRL{list}), pki.Policy{At: at})
	require.NoError(t, err)
	return v
}

// attacker sits on the wire and alters one exchange of a session, from the one on
// that selects PACE. What came before is in the clear and is compared with signed
// files, which the tests of package pki change.
type attacker struct {
	*link
	kind   string
	random *rand.Rand
	target int // index of the exchange, counted from MSE:Set AT
	plain  []byte

	began  bool
	at     int
	last   []byte // the answer before, withheld or repeated
	before []byte // the command before
}

// kinds of alteration: each does something to the command, the answer, or both.
var kinds = []string{
	"answer bit", "command bit", "status word", "answer replayed", "answers swapped", "answer stripped",
	"answer in the clear", "answer cut", "command dropped", "command repeated", "command of before", "answer lost",
}

func (a *attacker) TransmitRaw(ctx context.Context, command []byte) ([]byte, error) {
	command = bytes.Clone(command)
	if a.began = a.began || command[1] == apdu.INSManageSecurityEnvironment; !a.began {
		return a.link.TransmitRaw(ctx, command)
	}
	a.at++
	if a.at != a.target && !(a.kind == "answers swapped" && a.at == a.target+1) {
		answer, err := a.link.TransmitRaw(ctx, command)
		a.last, a.before = bytes.Clone(answer), command
		return answer, err
	}
	return a.alter(ctx, command)
}

func (a *attacker) alter(ctx context.Context, command []byte) ([]byte, error) {
	switch a.kind {
	case "command bit":
		a.flip(command[:withoutLe(command)])
	case "command dropped":
		return bytes.Clone(a.last), nil
	case "command repeated":
		if _, err := a.link.TransmitRaw(ctx, command); err != nil {
			return nil, err
		}
	case "command of before":
		command = a.before
	}
	honest, err := a.link.TransmitRaw(ctx, command)
	if err != nil {
		return nil, err
	}
	answer := a.change(bytes.Clone(honest))
	if bytes.Equal(answer, honest) && a.kind[:6] == "answer" {
		a.flip(answer) // there was nothing to strip or to cut
	}
	a.last = honest
	return answer, nil
}

// withoutLe is how much of a command the card must not take altered. Nothing
// protects Le outside secure messaging, and nothing depends on it.
func withoutLe(command []byte) int {
	switch {
	case len(command) <= 5:
		return 4
	case command[4] == 0 && len(command) > 7:
		return 7 + int(command[5])<<8 + int(command[6])
	}
	return 5 + int(command[4])
}

// change alters an answer.
func (a *attacker) change(answer []byte) []byte {
	switch a.kind {
	case "answer bit":
		a.flip(answer)
	case "status word":
		return append(answer[:len(answer)-2:len(answer)-2], a.otherWord(answer[len(answer)-2:])...)
	case "answer replayed", "answers swapped":
		return bytes.Clone(a.last)
	case "answer stripped":
		return answer[len(answer)-2:]
	case "answer in the clear": // what the attacker knows the file to hold
		return append(bytes.Clone(a.plain[:min(len(a.plain), 223)]), 0x90, 0)
	case "answer cut":
		cut := a.random.IntN(len(answer) - 1)
		return append(answer[:cut:cut], answer[len(answer)-2:]...)
	case "answer lost":
		return nil
	}
	return answer
}

// words are status words, the first bytes of which all differ in meaning.
var words = [][]byte{
	{0x62, 0x82}, {0x63, 0x00}, {0x63, 0xC1}, {0x69, 0x82}, {0x69, 0x85}, {0x69, 0x88}, {0x6A, 0x82}, {0x6A, 0x88},
	{0x6B, 0x00}, {0x6D, 0x00}, {0x6F, 0x00}, {0x90, 0x01}, {0x61, 0x10}, {0x6C, 0x10},
}

// otherWord is one of another meaning: how many bytes are waiting is a hint.
func (a *attacker) otherWord(than []byte) []byte {
	for {
		if w := words[a.random.IntN(len(words))]; !bytes.Equal(w, than) && (w[0] != 0x61 || than[0] != 0x61) {
			return w
		}
	}
}

func (a *attacker) flip(b []byte) {
	bit := a.random.IntN(8 * len(b))
	b[bit/8] ^= 1 << (bit % 8)
}

// TestMutants reads and judges sessions of which one exchange was altered: none
// may be accepted. Run it with -args -mutants 50000 for the whole test.
func TestMutants(t *testing.T) {
	judge := specimenJudge(t)
	names := []string{"specimen", "brainpool", "tdes", "active-and-chip", "pace-cam", "pace-im", "chip-dh"}
	count, accepted := map[string]int{}, 0
	for i, name := range names {
		card := load(t, name)
		honest := &attacker{link: insert(card)}
		require.Equal(t, pki.Accepted, verdict(t, judge, card, honest), name)
		require.Greater(t, honest.at, 10)
		random := rand.New(rand.NewPCG(uint64(i), 7))
		for n := range (*mutants + len(names) - 1) / len(names) {
			a := &attacker{
				link: insert(card), kind: kinds[n%len(kinds)], random: random,
				target: 1 + random.IntN(honest.at), plain: card.Files[lds.DG1],
			}
			if a.target == 1 && a.kind != "answer bit" && a.kind != "status word" {
				a.target = 2 // nothing was before, and selecting PACE twice is selecting it
			}
			if v := verdict(t, judge, card, a); v == pki.Accepted {
				accepted++
				t.Errorf("%s: %q at exchange %d of %d was accepted", name, a.kind, a.target, honest.at)
			}
			count[a.kind]++
		}
	}
	total := 0
	for _, kind := range kinds {
		assert.NotZero(t, count[kind], kind)
		total += count[kind]
	}
	fmt.Printf("%d mutants of a session in %d kinds on %d cards: %d accepted\n", total, len(kinds), len(names), accepted)
}

// verdict reads and judges; an error is none.
func verdict(t testing.TB, judge *pki.Verifier, card *persona.Card, a *attacker) pki.Verdict {
	e, err := emrtd.Read(context.Background(), apdu.NewChannel(a), emrtd.Options{
		Password: mrz(t, card.MRZ), Files: []lds.File{lds.DG1, lds.DG11}, Reset: a.link.reset,
	})
	if err != nil {
		return ""
	}
	return judge.Verify(context.Background(), e).Verdict()
}
