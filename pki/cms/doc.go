// Package cms reads signed messages (RFC 5652 SignedData): EF.SOD, master
// lists, document signatures; and writes them, but for the signature.
//
// A message may hold several signers, name each by issuer and serial number or
// by key identifier, sign its attributes or the content itself, and may come as
// BER: indefinite lengths and strings in pieces, as streaming software writes
// them. BER is turned into DER first, and only then; DER is read in place and
// nothing is copied.
//
// Verification answers one question, whether this certificate's key signed this
// content, and keeps the ways to say no apart: the content was altered
// (ErrMessageDigest), the signature is wrong (ErrSignature), the signer's
// certificate is not at hand (ErrNoSigner), the bytes are not a message
// (ErrMalformed). Whether SHA-1 is good enough, whether the certificate may
// sign such content and who issued it is for the judge; Result and Deviations
// tell him what was used and what was odd.
//
// Content may be of any length: Detach hands it on as it reads and leaves a
// message without it, to be verified with VerifyDigest; Stream writes a message
// around content that is not in memory. Parts is a message taken apart, so that
// certificates, answers and unsigned attributes can be added while everything
// that is signed stays as it was, byte for byte.
package cms
