// Package agent is what sits beside a card and lets its holder sign from afar.
//
// It connects to the service, and nothing connects to it. An order to agree is
// shown to the holder: who asks, why, and for which documents, which the agent has
// fetched and hashed itself. An order to sign brings the service's activation
// token, and is not taken at its word: the token must be the service's own, for
// this agent, unexpired and never used, and say the same as the order; the order
// must be what the holder agreed to, once; the documents must still be those. Only
// then is the PIN asked for, and what the card signs is made here, from the
// document. What goes back is a signature or a reason, never silence.
//
// The journal is why an agent can be killed at any moment. Before the card is asked
// for anything, the order and its token are on disk as begun; before a signature
// leaves, it is on disk too. An agent that comes back sends the answers that were
// not sent. Of an order that was begun and has none it says that it is lost: the
// card may have signed, what it signed is gone, and it never signs that again.
//
// The record is for the holder: one line for each answer, with the names and
// digests of documents and nothing of what is in them.
//
// Bare hashes are signed only with Options.Hashes, since nobody here can see what
// they are of.
package agent
