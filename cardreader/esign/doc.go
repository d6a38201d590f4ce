// Package esign signs with a key that never leaves its card.
//
// A [Token] is a card, or a module's slot, with keys on it. A [Key] is one of
// them: a crypto.Signer with its certificate, so that whatever signs with a
// software key signs with a card:
//
//	token, err := piv.Open(ctx, channel, esign.Options{Ask: ask})
//	keys, err := token.Keys(ctx)
//	signature, err := keys[0].Sign(nil, digest, crypto.SHA256)
//
// Three packages open tokens: piv speaks NIST SP 800-73 over any
// apdu.Transmitter, yubikey goes through go-piv, pkcs11 through the module of
// whoever made the card. They are Devices, which know how to give a PIN and how
// to sign; what must hold for each of them is written here, once, and package
// esigntest holds all three to it:
//
// The PIN is asked for by a callback, in the moment in which it is needed, and
// wiped after use; it is not an argument, nor is it kept. Before it is asked for,
// the card has said how many tries are left, where it can say so. The last try is
// refused unless Options.UseLastTry, since after it only an office can help. A
// signature that the key's own certificate does not verify is an error: a card
// may lie, or hold another key than its certificate says.
//
// A [Session] is the exception for a batch: one consent and one PIN for so many
// signatures, the PIN in memory that is not swapped out where the system allows
// that. The card still gets the PIN before each signature for which it wants it,
// and any error ends the session, so that no PIN is tried on another card.
//
// Errors of a device that has gone wrap the sentinels of package cardreader. An
// error never carries a PIN, a digest or anything of the holder.
package esign
