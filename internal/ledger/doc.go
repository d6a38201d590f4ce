// Package ledger records what a desk did so that nobody can change it unseen, and so
// that what it says of a person can be destroyed all the same.
//
// Both at once needs the two halves apart. The log is a Merkle tree in tiles
// (C2SP tlog-tiles, by tessera) and holds for each entry 32 bytes: a hash of the
// record behind a random salt. The record and its salt are in a database, encrypted
// under a key that serves this record alone. The keys are in a file of fixed slots;
// destroying a record is overwriting its slot in place. What is left, a ciphertext
// without a key and a hash without a salt, says nothing to anyone, and the tree above
// it still adds up. An erasure is itself an entry that names what it erased, so a
// record that is gone without one was taken away by somebody.
//
// An entry is written in this order: key, record (pending), log, place of the record.
// Add returns after the third step. A crash in between leaves a pending record, which
// the next Open finds in the log or puts there; never a leaf that nothing explains,
// and never two leaves of one event, because a record has an id that counts once.
//
// The owner of a log can rewrite all of it and sign it again. A witness, on a machine
// that is not the desk's, signs checkpoints only if they extend what it signed before;
// Verify asks it what that was. docs/ledger.md is the format, for whoever writes a
// second verifier.
package ledger
