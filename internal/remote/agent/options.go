package agent

import (
	"context"
	"crypto/x509"
	"log/slog"
	"time"

	"cnie/cardreader/esign"
	"cnie/internal/remote/order"
	"cnie/internal/secret"
)

// Options are an agent's surroundings.
type Options struct {
	Folder    string         // what Enrol has left, the journal, the record
	Service   string         // https://HOST:PORT, without a path
	Roots     *x509.CertPool // who issued the service's certificate
	Key       string         // of the service's tokens, a thumbprint in hexadecimal; empty: the first that is met
	Authority *Authority     // that renews the agent's own
	Cards     Cards
	Holder    Holder
	Hashes    bool // also sign bare hashes, when the holder agrees to each
	Log       *slog.Logger
	Now       func() time.Time // nil: the clock
}

// Cards opens the cards that are there now.
type Cards interface {
	// Open opens all tokens that can be. It wraps cardreader.ErrNoCard or another
	// sentinel of that package when there is none.
	Open(ctx context.Context, o esign.Options) (Tokens, error)
}

// Tokens are open cards.
type Tokens interface {
	Keys(ctx context.Context) ([]*esign.Key, error)
	Close() error
}

// Holder is the person beside the card.
type Holder interface {
	// Agree shows a question and waits for the word. The context ends when the
	// order does, or when it is withdrawn; that is no refusal.
	Agree(ctx context.Context, q Question) (bool, error)
	// PIN asks for the PIN, after the holder has agreed.
	PIN(ctx context.Context, ask esign.Ask) (secret.Bytes, error)
	// Tell says something in passing.
	Tell(n Notice)
}

// Question is what a holder is asked to agree to.
type Question struct {
	Order *order.Order
	// Files are private copies of the documents, in the order's order, none for
	// bare hashes. They have the digests that the order names, and are gone when
	// the question is answered.
	Files []string
}

// Unseen tells whether nobody can see what would be signed.
func (q Question) Unseen() bool { return q.Order.Kind == order.Hash }

// Notice is something that a holder is told in passing.
type Notice struct {
	Kind  NoticeKind
	Order *order.Order  // with Answered and WantsCard
	Given *order.Answer // with Answered
	Keys  []string      // with NewService: thumbprints
	Err   error         // with Disconnected and NotRenewed
}

// NoticeKind says what a notice is about.
type NoticeKind uint8

// The kinds of notices.
const (
	Connected    NoticeKind = iota + 1
	Disconnected            // it is tried again
	Answered                // an order was dealt with
	WantsCard               // the order needs a card, and none is there
	Renewed                 // the agent's certificate
	NotRenewed              // it is tried again
	NewService              // the service's keys were seen for the first time
)
