// Package specimen is a country that does not exist: a country signing CA, its
// document signers, its revocation list and the EF.SOD of its citizens.
//
// Real anchors cannot be shipped for an issuer that publishes none, and real
// cards cannot be committed to a repository. This package stands in for both,
// with the profile of ICAO 9303-12: key identifiers, private key usage periods,
// document type lists, alternative names with the three-letter country code.
// Every certificate name says SPECIMEN.
//
// Everything is derived from a seed in the source, so the keys are public and
// prove nothing; in return a certificate is the same, byte for byte, on every
// machine, and pki/trust can list its fingerprints as constants and mark what
// hangs below them. Signatures follow RFC 6979 for the same reason.
//
// The encoder is written apart from the parsers of pki/cert and pki/cms and
// imports neither; its oracle is openssl. Standard libraries could not serve:
// crypto/x509 and what builds on it refuse brainpool curves and explicit
// parameters, which travel documents use.
package specimen
