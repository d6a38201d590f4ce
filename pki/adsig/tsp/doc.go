// Package tsp is the Time-Stamp Protocol (RFC 3161): a request for a token, the
// answer, and what the token says.
//
// A token is a signed message whose content is TSTInfo: this digest was there
// at this time. Ask makes a request and holds the answer against it, through
// whatever carries bytes: package online, or a test. Verify verifies the
// token's signature and that its signer may make such: one certificate, named
// in the signed attributes, for timestamps and nothing else. Whom that
// certificate belongs to, and whether it was in force, is for the judge.
package tsp
