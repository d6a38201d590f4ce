// Package activation is the signature activation token: what the service issues
// when a holder has agreed, and what nobody signs without.
//
// It is a JWT signed with the service's key (RFC 7519; ES256). It names the
// credential, the program that may present it, the kind of signature, both
// algorithms, the number of signatures, every digest in its order, the consent that
// it rests on, and until when it holds. Its audience are two: the service, where the
// program presents it, and the one agent that may act on it.
//
// The service spends a token in its database, once. The agent does not take the
// service's word: it opens the token again, compares it with the order that brought
// it, and with what its holder agreed to, and keeps a record of the tokens that it
// has signed with.
package activation
