// Package trust holds what a verifier believes before it sees a card: country
// signing certificates (CSCA), the lists by which States exchange them, and
// revocation lists.
//
// A [Store] is made once and indexed then; asking it costs no parsing. It knows
// three things about the scheme of Doc 9303-12. A country keeps its name through
// every change of keys, so issuers are found by key identifier and never by name
// alone. Countries bridge such changes by link certificates, which carry the new
// key under the old signature: a link counts as far as it leads back to a
// self-signed certificate that is there too. And the revocation list of a
// country is signed by its newest key, for documents of all generations.
//
// A [Dir] is a store on disk that has a memory. It takes in master lists whose
// signer somebody vouches for, and remembers which list had which certificate
// until when. That matters twice. An authority that expired leaves the lists and
// still vouches for what it signed before, so that nothing is thrown away. And
// one that disappears while in force did so for a reason that no list tells, so
// that what it signed proves nothing until the operator records the reason.
// Nothing is replaced by something older unasked. An update is seen whole or not
// at all, whenever the machine stops, and the last versions can be gone back to.
//
// Being on a list does not make an authority a judge of lists: of the hundred
// States on a master list, each could otherwise sign a list for all the others.
// A list is believed on the word of the operator, or of an authority that he
// brought in himself, or of an authority of a State whose list is held already.
//
// Specimen authorities, whose private keys anybody can derive, are known by
// fingerprint.
package trust
