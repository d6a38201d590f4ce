// Package remote is signing from afar: a program asks for signatures, a holder
// agrees at home, the card beside the holder makes them. Three roles:
//
//	the program   speaks the API v2 of the Cloud Signature Consortium (package client)
//	the service   keeps state and carries requests; has no key that signs (package server)
//	the agent     beside the card; connects outward only (package agent)
//
// What travels between service and agent is in package order, how in package gate;
// package activation is the token that binds a signature to what the holder agreed to.
// Package store is the state, in SQLite or PostgreSQL, and package courier carries
// the word that there is something to do, over NATS JetStream.
//
// # What a program does
//
// It gets an access token at /oauth2/token (client credentials, or an authorization
// code with PKCE), then:
//
//	credentials/authorize   → 200 {SAD, expiresIn}, or 202 {handle} while the holder
//	                          has not answered; then credentials/authorizeCheck {handle}
//	signatures/signHash     {credentialID, SAD, hashes, hashAlgorithmOID, signAlgo}, or
//	signatures/signDoc      {credentialID, SAD, documents}
//	signatures/signPolling  {requestID} with operationMode "A", or after a lost connection
//
// The holder cannot see a document in its hash. So authorize takes three members that
// the API does not have, and a program that does not know them still gets hashes
// signed, where service, program and agent all allow it:
//
//	signAlgo         OID of the signature algorithm that will be used; without it that
//	                 of the key, PKCS #1 v1.5 for RSA
//	documents        [{name, document, signature_format}], one for each of hashes: the
//	                 document in base64, whose hash that is, and "P" or "C". The SAD is
//	                 then for signDoc with the same documents, and for nothing else
//	documentDigests  [{hash, label}] instead of hashes, as authorization_details have it
//
// signDoc makes signatures of level AdES-B-B: PAdES (signature_format "P",
// signed_envelope_property "Revision") comes back in DocumentWithSignature, CAdES ("C",
// "Detached") in SignatureObject.
//
// A SAD is spent by the first call that is accepted. Whoever presents it again gets an
// error, "SAD already used", with a member responseID: the same program may ask
// signPolling for it, so that an answer that got lost on the way is not lost.
//
// A refusal by the holder is access_denied; everything else that keeps an agent from
// signing is in error_description, and as an order.Reason in the member reason.
//
// # The binding
//
// Consent comes before the token, the token before the signature, and each step is a
// compare-and-set in the database: no replica, and no crash of one, makes two
// signatures out of one consent, or leaves a request without an answer. The agent
// checks all of it again. This follows the idea of sole control at level 2 (SCAL2); no
// conformity with EN 419 241 is claimed. Certificates are named by their subject, and
// what a law makes of a signature is not said.
package remote
