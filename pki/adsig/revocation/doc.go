// Package revocation reads what was said about a certificate's standing:
// revocation lists (RFC 5280 §5) and answers of responders (RFC 6960).
//
// Both come down to an Answer: this certificate was good, or revoked since a
// date, as far as was known at a moment. An answer exists only where the
// signature on it verifies and whoever made it was entitled to: the
// certificate's own issuer, or a responder that the issuer appointed by a
// certificate for that purpose. Whether the answer is recent enough depends on
// the moment that is asked about and is for the judge; Collect, which gathers
// answers while a signature is made, applies an age of its own.
package revocation
