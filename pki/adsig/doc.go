// Package adsig validates advanced electronic signatures after ETSI EN 319
// 102-1: a signature, what came with it, trust anchors, a policy and a moment
// go in; TOTAL-PASSED, TOTAL-FAILED or INDETERMINATE comes out, with every check
// that was made, its clause and its reason. It is a pure function: nothing is
// fetched, and no clock is read.
//
// Two questions are kept apart. Whether this key signed this content is
// arithmetic. Whether the key was the signer's to use is a question about a
// moment, and the moment is not the one that the signer claims but the earliest
// at which something proves that the signature existed: a timestamp, or else
// the present. Each timestamp is a signature of the same kind and judged the
// same way, the latest first; what it covers is from then on known to have been
// there at its time (proof of existence). So a signature can outlive its
// certificates, its issuers and its algorithms, as long as each was in force
// when the next proof was made.
//
// The word for the result is the standard's. It says that a signature was made
// with the key of a certificate, and nothing about what the law makes of that.
//
// Signatures are made by package cades. Other formats bring theirs here as an
// Input: a PAdES signature is a CAdES one over part of a file, with material
// and timestamps beside it.
package adsig
