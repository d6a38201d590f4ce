// Package vpcd plugs a simulated card into a real PC/SC service.
//
// The virtual reader of the vsmartcard project (a driver for pcscd, or for the
// Windows smart-card service) listens on a TCP port; a card is whatever
// connects to it. The connection is the card in the slot: while it lasts the
// card is there, and closing it pulls the card out. Each side sends frames of a
// length (16 bits, big-endian) and that many bytes. The reader's one-byte
// frames are orders, the longer ones are command APDUs; the card sends only
// answers.
//
// [Serve] is the card's side. Any program on the machine then sees the card
// through its ordinary PC/SC library, as if it lay on a reader.
//
// The same frames serve programs that have no PC/SC. There the card's side
// listens, and a [Client] connects and plays the reader; whatever connects finds
// the card, and a slot without one hangs up at once. In bytes, for a client in any
// language:
//
//	00 01 01              switch the card on; 00 switches it off, 02 resets it:
//	                      a session with it ends, and nothing is answered
//	00 01 04              the answer to reset, please
//	→ 00 0A 3B 85 … 92    here it is
//	00 05 00 B0 9C 00 02  READ BINARY of two bytes of EF.CardAccess
//	→ 00 04 31 14 90 00   they are 31 14, and the status word is 9000
//
// A command APDU has at least four bytes, an answer at least two, and the next
// command waits for the answer to the last one. The end of the connection is the
// card pulled out, or the reader gone.
//
// What the frames cannot carry: commands and responses above 65,535 bytes. A
// frame of no bytes makes the reader eject the card, so none is ever sent.
//
// Debian's driver sends length and content apart, and the kernel keeps the
// second back until the first is acknowledged, which the other side delays by
// 40 ms. On Linux the card therefore asks for immediate acknowledgements before
// each read; without it an exchange takes 44 ms instead of 0.04 ms.
package vpcd
