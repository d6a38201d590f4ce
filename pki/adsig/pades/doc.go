// Package pades makes and validates signatures in PDF files after the baseline
// profile of ETSI EN 319 142-1. A PAdES signature is a CAdES one (package cades)
// over all of the file but the place where it stands itself.
//
//	B-B    a signature dictionary, appended with the field that holds it
//	B-T    a timestamp in the signature, or over the document after it
//	B-LT   a security store with certificates and revocation answers
//	B-LTA  a timestamp over the document that covers those, and can be renewed
//
// Each is a revision appended to the file: what was there stays, byte for byte,
// and with it every signature that was there. A file is never in memory; what is
// appended is.
//
// Validating asks three things. Whether the signature holds, and whose it is, is
// for package adsig. What it covers is settled here: the byte range leaves out
// nothing but the signature's own digits, and the bytes up to its end are a
// document by themselves, in which the signature stands where it stands now. And
// what became of that document since is for package revision: a signature below
// a file that was changed later says nothing about what is seen today, and the
// report says so, however well the signature verifies.
package pades
