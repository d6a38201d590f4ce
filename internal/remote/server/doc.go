// Package server is the service of remote signing: programs ask it by the API v2 of
// the Cloud Signature Consortium, agents ask it for something to do.
//
// A replica keeps nothing between two requests that it could not forget. What was
// asked and answered is in the database; a program that waits does so on any replica,
// an agent on another, and word between them goes through the courier. A replica that
// dies takes no request with it: the program asks signPolling elsewhere, the agent its
// next request for orders.
//
// The service is trusted with little. It holds no key that signs documents and never
// sees a PIN; what it asks of a holder, the holder reads; what it claims that a holder
// agreed to, the agent knows better; and a signature that an agent sends is verified
// before anybody gets it. It sees the documents, though, and keeps them until the
// signatures are fetched or the time is over.
package server
