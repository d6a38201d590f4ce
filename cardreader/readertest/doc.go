// Package readertest is the contract of [cardreader.System] as a test: what a
// caller may rely on, whichever system it has.
//
// An implementation writes one test that calls [Run] with a [Harness]: its
// system, the names of two or more readers, and the two acts of a person, to put
// a card in and to take it out. The card may be any that answers the harness's
// [Script]; [Echo] is a tiny one that answers all of it.
package readertest
