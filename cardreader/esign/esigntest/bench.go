package esigntest

import (
	"context"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/cardreader/esign"
	"cnie/internal/secret"
)

// Bench is one card, and a back end to reach it with.
type Bench struct {
	// Open opens the card. The test closes the token before it opens another.
	Open func(t testing.TB, o esign.Options) *esign.Token
	// Keys are the keys that have certificates, by slot, with their algorithms.
	Keys map[string]string
	// Always and Once are slots of keys that want the PIN each time and once. Of
	// Never there may be none.
	Always, Once, Never string
	PIN                 string
	// Left is how many tries the card has left, and Refill makes them all again.
	// Both are nil for a token that counts none.
	Left   func() int
	Refill func()
	// Vague tokens tell only the last try and none.
	Vague bool
	// Wire is between the card and its reader, and Pull and Insert are the hand
	// that holds it. They are nil for a token that is no card.
	Wire         *Wire
	Pull, Insert func()
}

// Run tests the contract.
func Run(t *testing.T, b Bench) {
	tests := []struct {
		name string
		run  func(run)
	}{
		{"lists", lists},
		{"signs", signs},
		{"refuses what should not be signed", unacceptable},
		{"asks when it must", asks},
		{"wrong PIN", wrongPIN},
		{"PIN that is none", noPIN},
		{"nobody to ask", nobody},
		{"session", session},
		{"session ends", sessionEnds},
		{"many at once", manyAtOnce},
		{"context", contexts},
		{"closed", closed},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) { b.fresh(t, test.run) })
	}
	if b.Left != nil {
		t.Run("last try", func(t *testing.T) { b.fresh(t, lastTry) })
		t.Run("blocked", func(t *testing.T) { b.fresh(t, blocked) })
	}
	if b.Wire != nil {
		t.Run("lies", func(t *testing.T) { b.fresh(t, lies) })
		t.Run("gives the PIN each time", func(t *testing.T) { b.fresh(t, verifiesBeforeEach) })
		t.Run("pulled", func(t *testing.T) { b.fresh(t, pulled) })
	}
}

func (b Bench) fresh(t *testing.T, test func(run)) {
	if b.Refill != nil {
		b.Refill()
	}
	if b.Wire != nil {
		b.Wire.Change(nil)
		defer b.Wire.Change(nil)
	}
	test(run{TB: t, Bench: b})
}

// run is one test with its bench.
type run struct {
	testing.TB
	Bench
}

// person answers for the PIN and remembers what became of the answer.
type person struct {
	mu    sync.Mutex
	types []string // one after the other, the last one again and again
	asked []esign.Ask
	given []secret.Bytes
}

func (p *person) ask(ctx context.Context, ask esign.Ask) (secret.Bytes, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	pin := secret.New([]byte(p.types[min(len(p.asked), len(p.types)-1)]))
	p.asked, p.given = append(p.asked, ask), append(p.given, pin)
	return pin, ctx.Err()
}

// times is how often the PIN was asked for.
func (p *person) times() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.asked)
}

// wiped checks that nothing of what was typed is left.
func (p *person) wiped(t testing.TB) {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, pin := range p.given {
		assert.Nil(t, pin.Reveal(), "the PIN is still in memory")
	}
}

// token opens the card for someone who types these PINs, until the test ends.
func (r run) token(types ...string) (*esign.Token, *person) {
	r.Helper()
	return r.tokenWith(esign.Options{}, types...)
}

func (r run) tokenWith(o esign.Options, types ...string) (*esign.Token, *person) {
	r.Helper()
	someone := &person{types: types}
	o.Ask = someone.ask
	token := r.Open(r, o)
	r.Cleanup(func() {
		assert.NoError(r, token.Close())
		_, _ = token.Keys(context.Background()) // which waits for a signature that was given up
		someone.wiped(r)
	})
	return token, someone
}

// key finds a slot's key.
func (r run) key(token *esign.Token, slot string) *esign.Key {
	r.Helper()
	keys, err := token.Keys(r.Context())
	require.NoError(r, err)
	for _, key := range keys {
		if key.Description().Slot == slot {
			return key
		}
	}
	require.Fail(r, "no such key", slot)
	return nil
}

// told is what the back end knows of so many tries.
func (r run) told(left int) int {
	if r.Vague && left > 1 {
		return esign.Unknown
	}
	return left
}

// wrong is a PIN that the card would take but for its value.
func (r run) wrong() string {
	if r.PIN == "918273" {
		return "372819"
	}
	return "918273"
}
