// Package api lets the business software next to the counter begin a transaction,
// follow it, and fetch what came of it.
//
// The software sees what it needs and nothing of how: states, the verdict, signed
// answers. The desk does the rest with the clerk and the citizen, as if the clerk
// had begun it. No password of a card, CAN or PIN, goes this way in either
// direction, no photo comes out, and nobody agrees or decides by it.
//
// # Who may
//
// The site file, which is signed, names the clients, and for each the purposes
// and, if it runs in web pages, their origins. `cnie counter pair` makes a token
// for one; the counter keeps a hash of it and what it was made for. A request
// needs the token, and the rights are those that both the site file and the
// pairing give at that moment. A client is a page or a program: the token of one
// with origins is good from exactly these, of one without from no page at all.
// A transaction belongs to the client that began it, and to others does not exist.
//
// # What leaves
//
// By default (law 09-08, article 3: no more than is needed) the verdict and the
// answers to the questions of the purpose, each a statement that the desk signs
// (package answer): yes and no only of an accepted card whose photo the clerk
// found to match, unknown otherwise. Fields leave where the purpose lists them
// under release, only then, and only while the desk has them itself. What was not
// recorded in the ledger is not vouched for: then neither leaves.
//
// What a page shows can be changed by who looks at it. The result is therefore
// fetched from here by the id, and the webhook says no more than that there is one.
package api
