// Package browsertest tries the counter as people meet it: the programs as they
// are shipped, a real PC/SC service, a simulated card that is laid down and
// pulled out, and two windows of a real browser. It has tests only.
//
// It stands apart from package web because it needs what that must not: the
// compiled programs, pcscd with its virtual readers, and Chromium. Package web's
// own tests draw every state from a desk that is pretended; here the states are
// those that a card, a clerk and a citizen bring about.
//
// One browser and one PC/SC service serve all tests. Each test has a [room] of
// its own: two readers, a simulator, a counter with its ledger, a clerk's window
// and a citizen's. Tests wait for what the pages show and never for a time.
//
// Every frame that a window paints can be looked at: a photo that must not be
// seen is searched for among the pixels, by a portrait of a colour that nothing
// else on the screen has. Screenshots of the states are left in out/counter.
package browsertest
