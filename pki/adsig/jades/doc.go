// Package jades makes and validates JSON advanced electronic signatures of level
// B-B (ETSI TS 119 182-1): a JSON Web Signature (RFC 7515) whose protected header
// says whose it is and when it was made.
//
//	alg, x5c, x5t#S256   the algorithm; the certificates; the signer's one, by hash
//	iat                  when the signer says to have signed
//	sigD, b64            hashes of the files that are signed, when they are elsewhere
//	crit                 what a reader must understand or refuse
//
// A signature either carries its payload or names files by their hashes
// (ObjectIdByURIHash, §5.2.8.3.3); those stay where they are and may be of any
// length. Signatures are made through go-jose in the compact serialization, and
// read in any.
//
// They are verified here. A header that is signed but says the same thing twice,
// or in which crit names what this package does not know, is no signature that it
// could say anything about. Whom the certificate belongs to, and whether it was in
// force, is for package adsig.
package jades
