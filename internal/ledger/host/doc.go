// Package host lets many desks write to one ledger: those of a town hall, and those
// that cannot keep a log of their own.
//
// It speaks HTTPS. A desk shows a certificate that cnie-ca issued for a counter; its
// common name is the desk's id, and the desk adds entries under that name and no
// other. Adding and the state of the ledger are all that it may do: proofs, exports
// and erasures say what is in records, and are made where the ledger is. The log
// itself, which says nothing to whoever has not the records, is for everybody.
//
//	POST /ledger/v1/entries[?proof=1]   a record, in canonical form → 200 Answer
//	GET  /ledger/v1/status              → 200 ledger.State
//	GET  /checkpoint, /tile/…           the log (C2SP tlog-tiles); no certificate needed
//
// An answer means that the entry is durable. Who gets none asks again with the same
// record: its id counts once, and the place that it has comes back. Desks may ask
// for a proof at once, and so need not believe the host that the entry is there.
package host
