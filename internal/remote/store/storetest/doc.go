// Package storetest runs a private PostgreSQL for tests: a cluster in a folder of its
// own, on a socket there and on no port, gone when the test is over.
package storetest
