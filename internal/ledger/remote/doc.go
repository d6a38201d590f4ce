// Package remote is a desk's side of a ledger that is kept elsewhere: what package
// host serves.
//
// Nothing is recorded until the host says so. A connection that is lost in between
// leaves that open, so the same record goes there again, under the same id, until
// the host answers or time is up.
package remote
