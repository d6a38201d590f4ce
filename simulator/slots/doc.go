// Package slots gives simulated cards places to lie in, from which a hand pulls
// them and puts them back while a terminal is talking to them.
//
// A [Slot] is one place. [Reader] makes one in a virtual PC/SC reader (package
// vpcd), [Listener] one behind a TCP port of its own. Run answers for whatever
// lies there; Insert and Remove come from anywhere else, also from inside a
// command that the card is just answering, which is how a card is torn off in
// the middle of one.
//
// A hand is never quicker than a reader looks. The virtual reader looks every
// 400 ms, and a card that was away for less is the same card to it, though
// without power and session in between: the card's absence, however short it was
// meant, therefore lasts a second there. Over TCP nobody looks, and nothing
// waits.
package slots
