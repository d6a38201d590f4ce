// Package pdf is as much of ISO 32000 as signing asks for: it finds the objects
// of a file through its cross-reference tables and streams, of every revision,
// and appends a revision to a file without touching a byte of what is there.
//
// Files come from strangers, and what a signature is worth depends on every
// reader seeing the same document. So nothing is repaired: a file whose structure
// two programs could read in two ways, with an entry that points at another
// object or a key that stands twice, is refused, to be signed or judged when it
// has been written anew. Encrypted files are refused too.
//
// A file is read where it lies, by offsets, a few kilobytes at a time, and is
// never in memory as a whole; what it makes the reader do is bounded in depth,
// in objects and in decompressed bytes.
//
// Values are nil (null), bool, int64, Real, Name, String, Array, Dict, *Stream
// and Ref.
package pdf
