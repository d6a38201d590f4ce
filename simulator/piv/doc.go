// Package piv plays the signature side of a card: the PIV card application of
// NIST SP 800-73-5, with the algorithms of SP 800-78-5, on a contact interface.
//
// The signature application of the real identity card is unpublished. PIV stands
// in for it because everybody's software speaks it already: OpenSC, GnuTLS, NSS,
// OpenSSH, the YubiKey tools. An [Applet] is made of [Contents] and plugs into a
// chip beside the travel document:
//
//	contents, _ := piv.Specimen("SPECIMEN AMINA", nil)
//	chip := simulator.New(card, simulator.WithApplet(piv.New(contents)))
//
// OpenSC takes a card whose ATR has no historical bytes for one that cannot sign
// with elliptic curves; the ATR that personas have by default serves.
//
// A persona's card says itself which application it wants; [ForCard] makes that one.
//
// Contents are keys, data objects, the PIN, the PUK, the management key and their
// retry counters, and no behaviour. [Applet.Contents] copies them out of a card
// that was used, [WithKeeper] whenever something on it changes; they go to JSON and
// back, and [WithContents] goes on with them, so that a blocked PIN stays blocked.
// They hold secrets in the clear: there is no person behind them.
//
// What the card enforces: a PIN of six to eight digits; one try is spent before
// the PIN is looked at; the signature key 9C wants the PIN in the very command
// before, the keys 9A and 9D want it once, 9E never; objects are written and keys
// made by whoever knows the management key. It has no secure messaging, no global
// PIN, no biometrics and no contactless rules.
//
// [WithYubico] adds the commands of another vendor's tokens. It is off unless
// asked for: with it the card imitates a product.
package piv
