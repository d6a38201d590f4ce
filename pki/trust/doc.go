// Package trust holds what a verifier believes before it sees a card: country
// signing certificates (CSCA) and their revocation lists.
//
// A store is made once, from a folder that its operator filled, and indexed
// then; asking it costs no parsing. It knows three things about the scheme of
// Doc 9303-12. A country keeps its name through every change of keys, so issuers
// are found by key identifier and never by name alone. Countries bridge such
// changes by link certificates, which carry the new key under the old
// signature: a link in the folder counts as far as it leads back to a
// self-signed certificate that is there too. And the revocation list of a
// country is signed by its newest key, for documents of all generations.
//
// Specimen authorities, whose private keys anybody can derive, are known by
// fingerprint.
package trust
