// Package esigntest holds the contract that every back end of package esign passes:
// what is signed, how often the PIN is asked for and what happens to it, and how
// cards end that are pulled, blocked or lying.
//
// A back end's test makes a [Bench] of a card and calls [Run]. The tests judge
// signatures with crypto/x509 and with openssl, neither of which is used to make
// them.
package esigntest
