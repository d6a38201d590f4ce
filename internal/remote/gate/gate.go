package gate

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/go-jose/go-jose/v4"

	"cnie/internal/remote/order"
)

// Root is where the paths begin.
const Root = "/agent/v1/sessions"

// What is bounded.
const (
	MaxOffers = 16
	MaxHello  = 1 << 17
	maxChain  = 5
	maxDER    = 1 << 13
	MaxWait   = 60 * time.Second // for orders, in one request
	MaxBatch  = 32               // orders in one response
)

// Hello opens a session: which credentials the agent has at hand.
type Hello struct {
	Version int     `json:"version"`
	Offers  []Offer `json:"offers"`
	// Resume is the last session of this agent, from its own record, if it did not
	// leave it: the new one takes its place.
	Resume order.ID `json:"resume,omitempty"`
}

// Offer is one credential: the signing certificate, DER, and what issued it, nearest
// first, without the root.
type Offer struct {
	Certificates [][]byte `json:"certificates"`
	Hashes       bool     `json:"hashes"` // the agent also signs bare hashes
}

// Welcome is the answer to Hello.
type Welcome struct {
	Version int                `json:"version"`
	Session order.ID           `json:"session"`
	Lease   int                `json:"lease"`  // seconds after which the session ends unless the agent asks for orders
	Issuer  string             `json:"issuer"` // of activation tokens
	Agent   string             `json:"agent"`  // the audience in tokens for this agent: its Name
	Keys    jose.JSONWebKeySet `json:"keys"`   // with which tokens are verified
	Open    []order.ID         `json:"open"`   // orders to sign that a former session left without an answer
}

// Orders is what a request for orders brings, each as order.Order encodes it.
type Orders struct {
	Version int               `json:"version"`
	Batch   int               `json:"batch"` // to be named in the next request
	Orders  []json.RawMessage `json:"orders"`
}

// Code is what the service says is wrong, in a Problem.
type Code string

// The codes, each with the error that an agent should make of it.
const (
	Malformed  Code = "malformed"        // 400
	NotNamed   Code = "not_named"        // 403: the agent's certificate does not name the credential, or it is another agent's
	NotTrusted Code = "not_trusted"      // 403: nobody who is trusted issued the credential's certificate
	Taken      Code = "agent_present"    // 409: another agent serves the credential
	Gone       Code = "session_gone"     // 410: open another one
	Unknown    Code = "unknown_order"    // 404: or one of another session
	Answered   Code = "already_answered" // 409: or expired
	Trouble    Code = "unavailable"      // 503: try again
)

// The errors, one for each code.
var (
	ErrMalformed  = errors.New("the service cannot read what the agent sent")
	ErrNotNamed   = errors.New("the agent's certificate does not name this credential")
	ErrNotTrusted = errors.New("the service does not trust the issuer of this credential")
	ErrTaken      = errors.New("another agent serves this credential")
	ErrGone       = errors.New("the session has ended")
	ErrUnknown    = errors.New("the service has no such order for this agent")
	ErrAnswered   = errors.New("the order has been answered, or has expired")
	ErrTrouble    = errors.New("the service cannot do that now")
)

var meanings = map[Code]error{
	Malformed: ErrMalformed, NotNamed: ErrNotNamed, NotTrusted: ErrNotTrusted, Taken: ErrTaken,
	Gone: ErrGone, Unknown: ErrUnknown, Answered: ErrAnswered, Trouble: ErrTrouble,
}

// Problem is the body of every response that is not a success.
type Problem struct {
	Error       Code   `json:"error"`
	Description string `json:"error_description"`
}

// Err is the error that a problem stands for; ErrTrouble when the code is unknown,
// as a proxy's own page would be.
func (p Problem) Err() error {
	err := meanings[p.Error]
	if err == nil {
		err = ErrTrouble
	}
	if order.CheckText(p.Description, 500) != nil || p.Description == "" {
		return err
	}
	return fmt.Errorf("%w: %s", err, p.Description)
}
