// Package ca is a certification authority in a folder: a root, one issuing
// authority under it, a database, and the keys of those who may order
// certificates. The authority itself is smallstep/certificates, in this process;
// what is here is its set-up and what it lacks: the set of profiles, an OCSP
// responder, a time-stamping authority for tests, and the rule that a card which
// was revoked enrols nobody.
//
// Two kinds exist. One that is named SPECIMEN issues certificates for simulated
// cards, and for the agents beside them; every name in them says SPECIMEN. One
// that is not issues no cards and no time stamps: it enrols counters and agents.
//
//	profile   order with            what comes out
//	auth      keys/auth.jwk         a card's key 9A: digitalSignature, clientAuth
//	sign      keys/sign.jwk         a card's key 9C: contentCommitment and nothing else
//	counter   keys/counter.jwk      a machine: clientAuth, serverAuth, its host names
//	agent     keys/agent.jwk        a signing agent: clientAuth
//	card      a card's key 9A       the agent beside that card, for a day (X5C)
//	acme      proof of a host name  a machine, for the names that the file lists
//	revoke    keys/revoke.jwk       revocation of anything, and no certificate
//
// A holder of one key cannot do what belongs to another. Private keys are files
// of mode 0600 without a password: a server that starts by itself would need the
// password in a file beside them. The root's key is not needed again after Create
// and is meant to be moved away.
//
// The database is locked by whoever has it open. Dial hides that: orders go to the
// process that serves the authority, over TLS, or else to the same handlers
// inside this process.
package ca
