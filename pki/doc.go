// Package pki is the judge: evidence, trust anchors, a policy and a time go in,
// a report comes out. It never touches a card.
//
// Reading collects [Evidence]: the exact bytes that the chip gave, what it
// refused, and the transcript of its proof of being an original. Judging is a
// pure function of that evidence: [Verifier.Verify] hashes those very bytes,
// checks the document signer's signature over the hashes, the signer's path to
// an anchor, the dates, the revocation list and the chip's proof, and writes
// each finding down as a [Check] of the [Report].
//
// A bad card is a result, not an error. The zero value of everything is the
// unfavourable one: a check that was not made is [NotChecked], a report without
// checks is [Inconclusive], a policy without relaxations is the strictest. The
// verdict is computed from the checks each time it is asked for and stored
// nowhere, so that it cannot disagree with them.
//
// The checks fall on seven axes, because "is this card good?" has more than one
// answer. "The data are intact but nobody here knows the issuer" is a possible
// result and is said as such; today it is the only honest one for a real CNIE,
// whose issuing authority publishes no certificate.
//
// Time enters in two ways. What holds is asked for [Policy].At, which a caller
// sets: nothing here looks at a clock. What held when the document was signed is
// asked of the signer's own word and of its key usage period; a certificate that
// expired since leaves a remark, one that had expired before is a failure, and
// what cannot be placed in time stays open.
//
// A [Policy] only relaxes: its zero value is the strict default, and whatever
// passes because of a field named Allow is [Warned]. So is every departure from
// a standard that was tolerated; the reasons list them one by one. What a check
// asks and what each outcome of it means is in the registry, [Rules], and from
// there in docs/checks.md.
//
// Three proofs can show that a chip is the original, and one is enough: Chip
// Authentication and PACE with chip authentication mapping, whose transcripts
// anyone could make up who has the terminal's ephemeral keys, and Active
// Authentication, a signature. If the latter answers the challenge of somebody
// elsewhere, [Report.Answers] tells him that the chip itself did.
//
// Holder fields leave through [Report.Holder] only, which gives none unless the
// checks they stand on have passed.
//
// Clauses named in checks refer to ICAO Doc 9303, 8th edition, RFC 5280 and
// RFC 5652.
package pki
