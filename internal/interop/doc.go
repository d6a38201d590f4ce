// Package interop has only tests: of our reader and our simulator against software
// that nobody here wrote.
//
// A reader and a simulator by the same people prove little to each other. That they
// are written apart (internal/archtest) keeps one slip of the pen from being made on
// both sides; a sentence of the standard that was misread once is misread twice.
// What settles it is somebody else's reading of the same sentence. So each protocol
// is run here against a stranger, over a real PC/SC service and a virtual reader,
// as packages of Debian come and with no line of theirs changed:
//
//   - OpenPACE, the library, as a terminal before our chip and as a chip before our
//     program: PACE, Chip Authentication, Terminal Authentication, secure messaging.
//     It has no program that speaks to cards, so testdata/openpace has two, which
//     frame APDUs and leave every computation with a key to the library.
//   - AusweisApp, the program with which Germans show their identity card, asks for
//     our PIN, CAN and PUK as their state demands.
//   - mrtdreader opens our chips by Basic Access Control. It speaks to NFC devices;
//     testdata/mrtdreader gives it PC/SC for one.
//   - cvc-print judges the certificates of our inspection authority, and cvc-create
//     makes some for our terminal.
//
// A disagreement is settled by the standard, not by majority: where the stranger is
// wrong the test says so, and fails on the day it no longer is. Clients of the
// signature application are in package simulator/piv, other people's judgements of
// signatures beside what they judge. docs/interoperability.md is the table of it
// all, with what was tried in vain.
//
// A program that is missing fails its test: `make deps` installs all of them.
package interop
