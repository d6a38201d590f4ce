// Package pkcs11 signs through a PKCS #11 module: the software that a card's or
// token's maker delivers with it (OASIS PKCS #11 version 2.40).
//
// [Open] takes a [URI] of RFC 7512, which names the module and says which tokens
// and keys are meant:
//
//	uri, err := pkcs11.ParseURI("pkcs11:token=SPECIMEN;id=%01?module-path=/usr/lib/opensc-pkcs11.so")
//	tokens, err := pkcs11.Open(ctx, uri, esign.Options{Ask: ask})
//
// A key is found by its certificate or public key, since a module shows private
// keys only to whoever has logged in; whether a key wants the PIN each time
// (CKA_ALWAYS_AUTHENTICATE) may therefore show only when it is used. The first
// signature logs in; a key of that kind is then given the same PIN once more, as
// the standard has it. A module with a protected authentication path takes the PIN
// from the reader's own keys.
//
// The standard counts no tries. A module says "few", "the last one" and "none",
// and that is what an Ask can tell: 1, 0 or esign.Unknown.
//
// A module is code of somebody else in this process: whoever names one trusts it.
// It cannot be interrupted. When a context ends, the call goes on behind the
// caller's back and the token is busy until it returns. Modules are never unloaded,
// since many have threads that would not survive it.
//
// With cgo, miekg/pkcs11 makes the calls, all but C_Login: its copy of the PIN would
// stay in memory, and it cannot leave the PIN out, which a protected path wants. On
// Windows, and elsewhere with the build tag dlopen, package cryptoki beneath makes
// them without cgo. Both pass the same contract with SoftHSM; on Windows itself
// nothing of this has been run, only its layout of the structures.
//
// Built with neither, for a file that depends on no library at all, [Open] fails with
// ErrUnavailable.
package pkcs11
