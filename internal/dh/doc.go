// Package dh is Diffie-Hellman in the three groups of RFC 5114 that ICAO 9303-11 §9.5.1 numbers 0 to 2: integers modulo a
// prime p of 1024 or 2048 bits, in the subgroup of prime order q, 160 to 256 bits, that g generates.
//
// It has the shape of internal/ec, written multiplicatively: a Group for a Curve, an Element for a Point, Exp for Mul, Mul
// for Add. PACE maps its nonce to a new generator here too, by g^s·h or by raising a number to the cofactor.
//
// p − 1 has many small factors besides q. A key in one of their subgroups would give away the secret exponent modulo its
// order, so ParseElement lets in the subgroup of order q only (RFC 2631 §2.1.5). Arithmetic is that of filippo.io/bigmod,
// constant in time for exponents and elements alike.
package dh
