// Package hostiletest turns the web against the counter, and then looks for what
// the counter leaves behind. It has tests only: the program as it is shipped, a
// real PC/SC service, simulated cards and a real browser.
//
// One test is a row of hostile pages in the browser in which a clerk is at work,
// with a card's data on the screen: pages of other origins, of a name that is
// rebound to the counter's own port, of no origin at all. They are told more than
// a stranger knows, every path and the form's token, so that the defences behind
// those secrets are what is tried. Each page is first let loose on a toy server
// that has no guard, where it must succeed: a technique that reads nothing from
// the toy either would prove nothing.
//
// The other has one person's card read over and over. Every datum of that person
// is found nowhere else in the world, and afterwards nowhere at all: not in logs,
// ledger, temporary files, the browser's profile, nor in a dump of the program's
// memory. That search, too, must first find what was put there.
package hostiletest
