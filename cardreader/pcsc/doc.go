// Package pcsc is the [cardreader.System] of the machine: readers and cards
// through PC/SC (pcscd on Linux, the system's own service on macOS and Windows).
//
// It goes through github.com/ebfe/scard, which needs cgo on Linux and macOS and
// nothing on Windows. Built without cgo where cgo is needed, [New] still
// returns a System; every call to it says what is missing.
//
// Every connection, watch and listing has a PC/SC context of its own: the
// service answers one call of a context at a time, so a wait in one would hold
// up all others. No call blocks longer than its Go context: PC/SC calls cannot
// be interrupted, except for waits, so one that is given up goes on in the
// background and what it brings is released when it ends. A card that was given
// up in the middle of a command is dead; connect again.
//
// A connection is exclusive, and closing it resets the card: what a PIN or a
// session has opened is shut again before another program can come in.
// [cardreader.Card.Reset] disconnects and connects again, because the
// reconnect call of pcscd 1.9.9 can leave the reader locked for good. Another
// program may come in between; that is ErrReaderBusy, and the card is dead.
//
// Errors are [*Error], with the code of PC/SC part 5 and the call that failed,
// and wrap the sentinels of package cardreader.
//
// Known limits of the library below: it lets a reader's name go too early on
// Windows while it waits, which has not been seen to matter, and it takes a
// buffer of 64 KiB for each response, of which this package copies out what was
// filled.
package pcsc
