// Package apdu speaks ISO/IEC 7816-4: command/response pairs with a smart card.
//
// Three things have three types. A [Link] is a raw pipe: bytes to a card, bytes
// back, however they travel (PC/SC, a simulated card in the same process, a
// recording). A [Transmitter] exchanges a [Command] for a [Response]: it knows
// what the bytes mean. [Channel] turns the first into the second and does what
// the standard asks of every terminal: it picks the short or the extended form,
// cuts long commands into a chain, fetches the rest of an answer that ended
// with 61xx, repeats a command with the length that 6Cxx names. Secure
// messaging is another Transmitter that wraps one, so the layers stack.
//
// A card that says no is not a failure of the exchange: Transmit returns its
// [Status] in the Response and a nil error. [Response.Err] or [Do] turn it into
// a [*StatusError], which answers errors.Is for the families that callers act
// upon ([ErrNotFound], [ErrSecurityStatus], [ErrWrongSecret] …).
//
// A card is hostile until checked. A Channel therefore bounds what one session
// may cost ([Limits]): commands, bytes, and the length of a joined answer.
//
// Traces carry no content. An [Exchange] names the header, the lengths, the
// status word and the time taken; there is no switch that adds the data.
//
// Edition: ISO/IEC 7816-4:2020.
package apdu
