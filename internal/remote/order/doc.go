// Package order is what travels between the service of remote signing and the
// agent beside a card: an Order asks the holder for something, an Answer says what
// came of it.
//
// One signature takes two orders. The first asks for consent and shows who asks,
// why, and for which documents. The second asks for the signatures, and brings the
// activation token that the service issued when the holder had agreed; the agent
// holds it against what its holder agreed to before the card sees a digest. There
// are three kinds:
//
//	hash      digests of which nobody here knows what they are of
//	document  documents that the agent fetches, shows, hashes and signs itself
//	access    no signature: a program wants to see the holder's certificates
//
// Values are JSON of a fixed form: a member that is unknown, missing, twice there
// or written otherwise than Encode writes it is refused, so that both ends read the
// same. Everything is bounded, and text that is shown to people has no characters
// that hide or turn round other ones.
//
// The binding follows the idea of sole control at level 2 of EN 419 241-1 (SCAL2)
// and of the Cloud Signature Consortium's API: a token for these hashes and no
// others. No conformity with EN 419 241 is claimed, and nothing here says what a
// law makes of a signature.
package order
