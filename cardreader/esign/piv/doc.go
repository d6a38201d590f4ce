// Package piv signs with a PIV card, NIST SP 800-73-5, over any
// [apdu.Transmitter].
//
// [Open] selects the application and makes an [esign.Token] of it. The keys are
// those whose certificates are on the card: PIV has no other way to read a public
// key. They are 9A (authentication), 9C (signature), 9D (key management), 9E (card
// authentication) and the retired ones, 82 to 95; RSA of 2048 and 3072 bits, P-256
// and P-384 (SP 800-78-5). The card applies the bare RSA key, so padding is done
// here.
//
// The PIN is wanted before each signature with 9C, once for 9A, 9D and the retired
// keys, never for 9E (SP 800-73-5 part 1 table 4b). A card with a policy of its own
// shows it when it refuses: it is asked anew, with the PIN. VERIFY without data
// tells the tries that are left and spends none.
//
// The transmitter must be at the card alone and for as long as the token is open:
// the status that VERIFY leaves is the card's, not the program's. Closing the token
// withdraws it (SP 800-73-5 part 2 §3.2.1); on a card that does not know that
// command it lasts until the reset with which package pcsc ends a connection.
//
// With a PIN pad among the options, the reader puts the PIN into VERIFY (PC/SC part
// 10), which a Transmitter cannot carry: a [cardreader.PINPad] does. The structure is
// tested byte for byte; no reader with keys was at hand. Package pkcs11 has pads where
// the module drives them.
package piv
