// Package cvca is the authority of a country that does not exist over who may
// read fingerprints: the country verifying certification authority, its document
// verifiers and their inspection systems, with card verifiable certificates
// (ICAO Doc 9303-12 §7.2, BSI TR-03110-3 annex C).
//
//	authority, _ := cvca.New("utopia", cvca.Options{Country: "UT"})
//	verifier, _ := authority.Verifier(cvca.HolderOptions{})
//	terminal, _ := verifier.Terminal(cvca.HolderOptions{Rights: cvca.Fingerprints})
//
// The chain authority, verifier, terminal opens EF.DG3 of a simulated card that
// was personalised with the authority's certificate. As everything of package
// specimen the keys follow from a seed and are public.
//
// The encoder is written apart from whatever reads such certificates.
package cvca
