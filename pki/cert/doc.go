// Package cert reads the certificates and revocation lists of identity
// documents, and verifies their signatures.
//
// It exists because crypto/x509 refuses about a quarter of the world's country
// signing certificates: brainpool curves, curves written out as explicit
// parameters, negative serial numbers, RSA keys without the NULL. Doc 9303-12
// asks for some of these and history explains the others, and a reader that
// cannot open the issuer's certificate cannot say anything about the card.
//
// Two rules keep the leniency honest. Whatever is tolerated is written down in
// Deviations, in words a report can show; nothing is tolerated silently. And
// leniency ends where meaning begins: explicit curve parameters must equal a
// known curve as a whole, an unreadable critical extension counts as an unknown
// one, a malformed basicConstraints makes nobody a certification authority.
//
// Parsing copies nothing: every byte slice of a Certificate or CRL points into
// the input, which must not be changed afterwards. CheckSignatureFrom verifies
// a signature and nothing else; names, dates, usages and paths are the judge's
// business.
package cert
