// Package ec is elliptic curve cryptography on the curves that eID documents use: the NIST curves and the brainpool
// curves of RFC 5639, which the standard library lacks.
//
// It exists for three needs that crypto/ecdh and crypto/ecdsa do not meet. PACE maps a nonce to a new base point and so
// adds points (ICAO 9303-11 §4.4.3.3.1). European chips and document signers use brainpool curves. And certificates of
// document signers spell out the curve's parameters instead of naming it; see MatchExplicit for why that is dangerous.
//
// P-224 to P-521 compute with filippo.io/nistec and verify with crypto/ecdsa. Brainpool, and P-192 of old cards, compute
// with the Montgomery arithmetic of this package, which handles every size by one generic source: fixed arrays, no
// branch and no memory access that depends on a secret. Multiplication doubles in Jacobian coordinates, writes the scalar
// with digits that are never zero, and ends in an addition that is complete; why no other addition meets a special case
// is told at mul. Multiples of the base point come from a table that is made at first use, in the time of three or four
// multiplications: 48 KB for a curve of 256 bits, 192 KB for one of 512.
//
// What is not constant in time: refusing (a point off the curve, a key out of range), whether a point is infinity or the
// base point, and Verify's inversion, all of whose inputs are public.
//
// Coordinates and scalars are big-endian and always of full length. A dropped leading zero byte fails one time in 256,
// and only in the field.
package ec
