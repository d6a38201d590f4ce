// Package simulator plays a card that does not exist.
//
// A [Chip] answers command APDUs as the contactless chip of an electronic
// travel document does (ICAO Doc 9303-10 and 9303-11): files behind access
// control, PACE and Basic Access Control, secure messaging, Chip, Active
// and Terminal Authentication. What is on it, and which secrets open it, comes
// from a [persona.Card]; the chip adds behaviour only. Further applications plug in
// through [Applet], or through [LongApplet] when they speak in chains, as package
// piv does.
//
//	system, _ := simulator.Open("specimen")
//	card, _ := system.Connect(ctx, simulator.Reader)
//
// That is all that a test in another module needs; the system is a
// cardreader.System like that of the machine.
// [NewSystem] puts chips into readers that exist in this process only, so that
// anything written against package cardreader runs without hardware; package
// vpcd plugs the same chip into a real PC/SC daemon.
//
// The card side is written apart from the terminal side and shares nothing
// with it but primitives that published vectors pin: if both misread the
// standard, they do not do so together.
//
// Faults wrap the card, not the application: a [Wire] sees every raw command
// and answer and may change, swallow or invent them. A card that hides a file
// or lost a key is a persona.Card without it.
//
// A chip never panics on what it is sent, never answers zero bytes and never
// puts a secret into an answer or an error.
package simulator
