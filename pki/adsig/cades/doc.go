// Package cades makes CMS advanced electronic signatures after the baseline
// profile of ETSI EN 319 122-1, and raises them from one level to the next.
//
//	B-B    who signed what: the signer's certificate is named in what is signed
//	B-T    a timestamp shows that the signature was there at a time
//	B-LT   certificates and revocation answers are kept with it
//	B-LTA  an archive timestamp covers those too, and can be renewed
//
// A Signer needs a crypto.Signer and a certificate; where the key is, and who
// was asked for a PIN, is not its business. It signs a digest, content that
// streams by once (SignReader), or puts the content into the message
// (Envelop): of any length, in memory of a few buffers. With At left zero, what
// it makes is the CMS part of a PAdES signature.
//
// An Augmenter adds to a message and disturbs nothing that is in it. A level
// that could not be reached is an error, and what comes back, if anything, is
// the signature at the level it has.
package cades
