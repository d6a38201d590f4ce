// Package oauth is as much of OAuth 2 as the service of remote signing needs: who its
// clients are, the access tokens that they hold, and what an authorization code is
// good for.
//
// Access tokens are JWTs after RFC 9068, signed with the service's key: any replica
// verifies them without asking anybody. They last minutes, and there are no refresh
// tokens: a client with a secret gets another one, and a person is asked again.
// A code is a slip in the database that is taken once; PKCE (RFC 7636) with S256 is
// required of every client, redirect addresses are compared as they stand (RFC 9700).
// A token of scope "credential" is not made here: it is the activation token itself.
package oauth
